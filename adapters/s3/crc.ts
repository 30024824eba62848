/**
 * The checksum that S3 checks on arrival and keeps: full-object CRC32, which Node computes natively at memory speed. (Full-object
 * CRC64NVME would do as well; in JavaScript it costs more than the rest of the upload.)
 */
import { crc32 } from 'node:zlib';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Crc } from '../../core/ports/object-store.ts';

export const addToCrc32 = (chunk: Uint8Array, value = 0): number => crc32(chunk, value);

const POLYNOMIAL = 0xedb88320;
const X_TO_THE_0 = 0x80000000;

/** Product of two polynomials over GF(2), lowest power in the highest bit, modulo that of CRC32. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let bit = X_TO_THE_0; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
  }
  return product >>> 0;
}

/** The CRC of two runs of bytes together, from that of each: nothing has to be read twice. */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  // x to the power of the bits that follow the first run, by squaring: x^8, x^16, x^32 … for each bit of the number of bytes.
  let power = X_TO_THE_0 >>> 8;
  let shift = X_TO_THE_0;
  for (let bytes = secondBytes; bytes > 0; bytes = Math.floor(bytes / 2)) {
    if (bytes % 2 === 1) shift = multiply(power, shift);
    power = multiply(power, power);
  }
  return (multiply(shift, first) ^ second) >>> 0;
}

export function encodeCrc32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes.toString('base64');
}

/** The full-object CRC that the service keeps. A composite one (`…-3`) depends on part boundaries and is of no use: undefined. */
export function fullObjectCrc(
  head: Pick<HeadObjectCommandOutput, 'ChecksumCRC32' | 'ChecksumCRC64NVME' | 'ChecksumType'>,
): Crc | undefined {
  if (head.ChecksumType === 'COMPOSITE') return undefined;
  if (head.ChecksumCRC64NVME) return { algorithm: 'CRC64NVME', value: head.ChecksumCRC64NVME };
  if (head.ChecksumCRC32 && !head.ChecksumCRC32.includes('-')) return { algorithm: 'CRC32', value: head.ChecksumCRC32 };
  return undefined;
}
