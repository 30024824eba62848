/**
 * Rows in, parts of an object out. Rows are gathered into blocks, each of which is compressed for itself: concatenated frames (or gzip
 * members) are one file to every reader. The parts are buffers that come back once they are stored.
 */
import { createHash } from 'node:crypto';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Compression } from '../../../core/backup/dump-arguments.ts';

/** Big enough that a frame's beginning, where nothing can be referred back to, does not count. */
const BLOCK_BYTES = 2 * 1024 ** 2;
/** With room for the worst case zstd compresses straight from block to output, without a window of its own in between. */
const OUTPUT_BYTES = BLOCK_BYTES + BLOCK_BYTES / 128 + 1024;

type Parts = {
  partBytes: number;
  /** A buffer to fill, or undefined while all of them are away. */
  take: () => ArrayBuffer | undefined;
  send: (buffer: ArrayBuffer, bytes: number) => void;
};

export type BlockWriter = {
  add(rows: Uint8Array): void;
  /** Whether compressed bytes wait for a buffer: nothing should be added then. */
  isFull(): boolean;
  /** A buffer may be there. */
  goOn(): void;
  /** Compresses what is left; once nothing waits for a buffer, `close` sends the last part. */
  finish(): void;
  close(): { uncompressedBytes: number; sha256: string };
  /** Forgets the segment. */
  reset(): void;
};

export function blockWriter(compression: Compression, { partBytes, take, send }: Parts): BlockWriter {
  const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  const compress = compressor(compression);
  let filled = 0;
  let uncompressedBytes = 0;
  let sha256 = createHash('sha256');
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let part: ArrayBuffer | undefined;
  let partFilled = 0;

  const place = () => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      part ??= take();
      if (part === undefined) return;
      const piece = next.subarray(0, partBytes - partFilled);
      new Uint8Array(part).set(piece, partFilled);
      partFilled += piece.length;
      if (piece.length === next.length) {
        waiting.shift();
        // Given back now: left to the collector, each 64 MiB of them is a collection of the whole heap.
        if (next.buffer.byteLength >= OUTPUT_BYTES) next.buffer.transfer(0);
      } else waiting[0] = next.subarray(piece.length);
      if (partFilled === partBytes) sendPart();
    }
  };
  const sendPart = () => {
    if (part === undefined) return;
    send(part, partFilled);
    part = undefined;
    partFilled = 0;
  };
  const flush = () => {
    const compressed = compress(block.subarray(0, filled));
    sha256.update(compressed);
    waiting.push(compressed);
    uncompressedBytes += filled;
    filled = 0;
    place();
  };

  return {
    add(rows) {
      let at = 0;
      while (at < rows.length) {
        const piece = rows.subarray(at, at + BLOCK_BYTES - filled);
        block.set(piece, filled);
        filled += piece.length;
        at += piece.length;
        if (filled === BLOCK_BYTES) flush();
      }
    },
    isFull: () => waiting.length > 0,
    goOn: place,
    finish() {
      if (filled > 0) flush();
    },
    close() {
      if (partFilled > 0) sendPart();
      const made = { uncompressedBytes, sha256: sha256.digest('hex') };
      this.reset();
      return made;
    },
    reset() {
      filled = 0;
      uncompressedBytes = 0;
      sha256 = createHash('sha256');
      waiting = [];
      part = undefined;
      partFilled = 0;
    },
  };
}

function compressor({ method, level }: Compression): (block: Uint8Array) => Uint8Array<ArrayBuffer> {
  if (method === 'gzip') return (block) => gzipSync(block, { level, chunkSize: OUTPUT_BYTES });
  // The frame's own checksum lets `zstd -d` find damage without Holdfast.
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
  return (block) => zstdCompressSync(block, { params, chunkSize: OUTPUT_BYTES });
}
