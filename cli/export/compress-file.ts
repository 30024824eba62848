/** The bytes of one file of a directory archive, compressed in blocks. A file of no bytes has a block all the same: it must decompress. */
import { promisify } from 'node:util';
import { constants, gzip, gzipSync, zstdCompress, zstdCompressSync } from 'node:zlib';

export type FileCompression = 'zstd' | 'gzip' | 'none';

const BLOCK_BYTES = 1024 ** 2;
const GZIP_LEVEL = 6;
const [gzipInPool, zstdInPool] = [promisify(gzip), promisify(zstdCompress)];

/** What pg_restore looks for behind the name in the contents. */
export const SUFFIX: Record<FileCompression, string> = { zstd: '.zst', gzip: '.gz', none: '' };

const SMALL_BYTES = 64 * 1024;

/**
 * What is small comes as it is, whole and compressed: of hundreds of thousands of large objects most are, and each turn through the
 * thread pool costs more than the work.
 */
export async function compressSmall(
  chunks: AsyncIterable<Uint8Array>,
  method: FileCompression,
): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  const left = chunks[Symbol.asyncIterator]();
  while (sizeBytes <= SMALL_BYTES) {
    const next = await left.next();
    if (next.done) return compressNow(Buffer.concat(parts, sizeBytes), method);
    parts.push(next.value);
    sizeBytes += next.value.length;
  }
  async function* all() {
    try {
      yield* parts;
      yield* { [Symbol.asyncIterator]: () => left };
    } finally {
      // Whoever stops among the first parts has not come to the rest.
      await left.return?.();
    }
  }
  return compressFile(all(), method);
}

const compressNow = (bytes: Buffer, method: FileCompression): Buffer =>
  method === 'none'
    ? bytes
    : method === 'gzip'
      ? gzipSync(bytes, { level: GZIP_LEVEL })
      : zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });

export async function* compressFile(chunks: AsyncIterable<Uint8Array>, method: FileCompression): AsyncGenerator<Uint8Array> {
  if (method === 'none') {
    yield* chunks;
    return;
  }
  const params = { [constants.ZSTD_c_checksumFlag]: 1 };
  const compress = (block: Uint8Array) => (method === 'zstd' ? zstdInPool(block, { params }) : gzipInPool(block, { level: GZIP_LEVEL }));
  let parts: Uint8Array[] = [];
  let sizeBytes = 0;
  let hasBlock = false;
  for await (const chunk of chunks) {
    parts.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes < BLOCK_BYTES) continue;
    yield await compress(Buffer.concat(parts, sizeBytes));
    hasBlock = true;
    parts = [];
    sizeBytes = 0;
  }
  if (sizeBytes > 0 || !hasBlock) yield await compress(Buffer.concat(parts, sizeBytes));
}
