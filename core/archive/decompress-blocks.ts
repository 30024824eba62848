/**
 * What was compressed in blocks, read back as one stream: concatenated zstd frames or gzip members. Decompression itself runs in
 * the thread pool; the caller's thread moves pieces of a mebibyte or so, since each of them is a turn through the pool.
 */
import { promises, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { walkFrames } from './zstd-frames.ts';

/** As much of a block at once: whole ones are decompressed straight to where they are handed on. */
const PIECE_BYTES = 2 * 1024 ** 2;
const OUTPUT_BYTES = 2 * 1024 ** 2;

/** The bytes cannot be decompressed to their end. An error of the source itself is thrown as it is instead. */
export class BlocksUndecodable extends Error {}

/** Throws BlocksUndecodable, for nothing at all too, or what `chunks` throws. */
export async function* decompressBlocks(chunks: AsyncIterable<Uint8Array>, method: 'zstd' | 'gzip'): AsyncGenerator<Buffer> {
  const source = watchErrors(chunks);
  const pieces = method === 'zstd' ? framePieces(source.chunks) : memberPieces(source.chunks);
  const decoder = method === 'zstd' ? createZstdDecompress({ chunkSize: OUTPUT_BYTES }) : createGunzip({ chunkSize: OUTPUT_BYTES });
  const fed = promises.pipeline(Readable.from(pieces, { highWaterMark: 1 }), decoder).catch(() => undefined);
  try {
    yield* decoder as AsyncIterable<Buffer>;
  } catch (error) {
    throw source.error() ?? new BlocksUndecodable(`not ${method} to the end`, { cause: error });
  } finally {
    decoder.destroy();
    await fed;
  }
}

/**
 * The decoder takes a frame that begins with a piece, and what follows a frame within a piece for the end of all: so no piece reaches
 * from one frame into the next.
 */
async function* framePieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frames = walkFrames();
  const gathered = gather();
  let isInside = false;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const { at, isEnd } = frames.next(chunk, from);
      gathered.add(chunk.subarray(from, at));
      isInside = !isEnd;
      if (isEnd || gathered.isFull()) yield gathered.take();
      from = at;
    }
  }
  if (isInside) throw new Error('a frame has no end');
}

/** The decoder of gzip goes on after a member by itself. */
async function* memberPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gathered = gather();
  for await (const chunk of chunks) {
    gathered.add(chunk);
    if (gathered.isFull()) yield gathered.take();
  }
  if (!gathered.isEmpty()) yield gathered.take();
}

function gather() {
  let parts: Uint8Array[] = [];
  let sizeBytes = 0;
  return {
    add(part: Uint8Array) {
      parts.push(part);
      sizeBytes += part.length;
    },
    isFull: () => sizeBytes >= PIECE_BYTES,
    isEmpty: () => sizeBytes === 0,
    take() {
      const [only] = parts;
      const bytes = parts.length === 1 && only ? only : Buffer.concat(parts, sizeBytes);
      parts = [];
      sizeBytes = 0;
      return bytes;
    },
  };
}

/** What went wrong with the source says more than what its decoder makes of the end of it. */
function watchErrors(chunks: AsyncIterable<Uint8Array>): { chunks: AsyncGenerator<Uint8Array>; error: () => Error | undefined } {
  let failure: Error | undefined;
  async function* watched() {
    try {
      yield* chunks;
    } catch (error) {
      failure = error instanceof Error ? error : new Error('the stream failed', { cause: error });
      throw error;
    }
  }
  return { chunks: watched(), error: () => failure };
}
