/**
 * What was compressed in blocks, read back as one stream: concatenated zstd frames or gzip members. Decompression itself runs in
 * the thread pool; the caller's thread moves pieces of about a mebibyte, since each of them is a turn through the pool.
 */
import { promises, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { walkFrames } from './zstd-frames.ts';

const PIECE_BYTES = 1024 ** 2;

/** The bytes cannot be decompressed to their end. An error of the source itself is thrown as it is instead. */
export class BlocksUndecodable extends Error {}

/** A piece of one frame; no piece reaches into the next frame. */
type Piece = { bytes: Uint8Array; isEnd: boolean };

/** Throws BlocksUndecodable, or what `chunks` throws. Nothing at all is no block and no error. */
export async function* decompressBlocks(chunks: AsyncIterable<Uint8Array>, method: 'zstd' | 'gzip'): AsyncGenerator<Buffer> {
  const source = watchErrors(chunks);
  const pieces = method === 'zstd' ? framePieces(source.chunks) : memberPieces(source.chunks);
  try {
    for (;;) {
      const first = await pieces.next();
      if (first.done) return;
      const decoder = method === 'zstd' ? createZstdDecompress({ chunkSize: PIECE_BYTES }) : createGunzip({ chunkSize: PIECE_BYTES });
      const fed = promises.pipeline(Readable.from(oneFrame(first.value, pieces)), decoder).catch(() => undefined);
      try {
        yield* decoder as AsyncIterable<Buffer>;
      } finally {
        decoder.destroy();
        await fed;
      }
    }
  } catch (error) {
    throw source.error() ?? new BlocksUndecodable(`not ${method} to the end`, { cause: error });
  } finally {
    await pieces.return(undefined);
  }
}

async function* oneFrame(first: Piece, pieces: AsyncGenerator<Piece>): AsyncGenerator<Uint8Array> {
  yield first.bytes;
  for (let { isEnd } = first; !isEnd;) {
    const next = await pieces.next();
    if (next.done) return;
    yield next.value.bytes;
    ({ isEnd } = next.value);
  }
}

async function* framePieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  const frames = walkFrames();
  const gathered = gather();
  let isInside = false;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const { at, isEnd } = frames.next(chunk, from);
      gathered.add(chunk.subarray(from, at));
      isInside = !isEnd;
      if (isEnd || gathered.isFull()) yield { bytes: gathered.take(), isEnd };
      from = at;
    }
  }
  if (isInside) throw new Error('a frame has no end');
}

/** The decoder of gzip goes on after a member by itself. */
async function* memberPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  const gathered = gather();
  for await (const chunk of chunks) {
    gathered.add(chunk);
    if (gathered.isFull()) yield { bytes: gathered.take(), isEnd: false };
  }
  if (!gathered.isEmpty()) yield { bytes: gathered.take(), isEnd: true };
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
