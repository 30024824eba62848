/**
 * The checksum that S3 checks on arrival and keeps: full-object CRC32, which Node computes natively at memory speed. (Full-object
 * CRC64NVME would do as well; in JavaScript it costs more than the rest of the upload.)
 */
import { crc32 } from 'node:zlib';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Crc } from '../../core/ports/object-store.ts';

export const addToCrc32 = (chunk: Uint8Array, value = 0): number => crc32(chunk, value);

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
