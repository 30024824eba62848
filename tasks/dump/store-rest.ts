/** The output of pg_dump for everything that is not read in segments: watched, compressed by the block, stored; and its TOC. */
import { promisify } from 'node:util';
import { constants, gzip, zstdCompress } from 'node:zlib';
import type { ArchiveToc } from '../../core/archive/toc.ts';
import { parseToc } from '../../core/archive/toc.ts';
import type { Compression } from '../../core/backup/dump-arguments.ts';

const BLOCK_BYTES = 4 * 1024 ** 2;
const [gzipInPool, zstdInPool] = [promisify(gzip), promisify(zstdCompress)];

/** Each block for itself, in the thread pool: concatenated frames (or gzip members) are one file to every reader. */
export async function* compressBlocks(chunks: AsyncIterable<Uint8Array>, { method, level }: Compression): AsyncGenerator<Uint8Array> {
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
  const compress = (block: Buffer) => (method === 'zstd' ? zstdInPool(block, { params }) : gzipInPool(block, { level }));
  const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let filled = 0;
  for await (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      const piece = chunk.subarray(at, at + BLOCK_BYTES - filled);
      block.set(piece, filled);
      filled += piece.length;
      at += piece.length;
      if (filled < BLOCK_BYTES) continue;
      yield await compress(block);
      filled = 0;
    }
  }
  if (filled > 0) yield await compress(block.subarray(0, filled));
}

export type TocWatch = {
  chunks: AsyncGenerator<Uint8Array>;
  toc: () => ArchiveToc | undefined;
  bytes: () => number;
};

const FIRST_LOOK_BYTES = 64 * 1024;

/**
 * Passes an archive on and keeps its TOC.
 * @param arrived called, once, when the TOC is there: then pg_dump holds all the locks that it will ever take
 */
export function watchToc(source: AsyncIterable<Uint8Array>, arrived: () => Promise<void>): TocWatch {
  let toc: ArchiveToc | undefined;
  let bytes = 0;
  let head: Uint8Array[] = [];
  let headBytes = 0;
  // Looked for again when there is twice as much, so that a long TOC is not parsed over and over.
  let nextLook = FIRST_LOOK_BYTES;

  const look = async () => {
    const known = Buffer.concat(head);
    toc = parseToc(known)?.toc;
    nextLook = headBytes * 2;
    head = [known];
    if (toc === undefined) return;
    head = [];
    await arrived();
  };

  async function* pass() {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (toc === undefined) {
        head.push(chunk);
        headBytes += chunk.length;
        if (headBytes >= nextLook) await look();
      }
      yield chunk;
    }
    if (toc === undefined) await look();
  }
  return { chunks: pass(), toc: () => toc, bytes: () => bytes };
}
