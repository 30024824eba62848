/**
 * What was compressed in blocks, read back as one stream: concatenated zstd frames or gzip members. Decompression itself runs in
 * the thread pool; the caller's thread moves pieces of about a mebibyte, since each of them is a turn through the pool.
 */
import { promises, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { walkFrames } from './zstd-frames.ts';

const PIECE_BYTES = 1024 ** 2;
/** Blocks are frames of a few mebibytes: one that is there as a whole is decompressed at once, straight to where it is handed on. */
const FRAME_BYTES = 4 * PIECE_BYTES;
/** A buffer that is full asks for another turn. */
const SLACK_BYTES = 64;

/** The bytes cannot be decompressed to their end. An error of the source itself is thrown as it is instead. */
export class BlocksUndecodable extends Error {}

/** A piece of one frame; no piece reaches into the next frame. */
type Piece = { bytes: Uint8Array; isEnd: boolean; contentBytes?: number | undefined };

/** Throws BlocksUndecodable, or what `chunks` throws. Nothing at all is no block and no error. */
export async function* decompressBlocks(chunks: AsyncIterable<Uint8Array>, method: 'zstd' | 'gzip'): AsyncGenerator<Buffer> {
  const source = watchErrors(chunks);
  const pieces = method === 'zstd' ? framePieces(source.chunks) : memberPieces(source.chunks);
  try {
    for (;;) {
      const first = await pieces.next();
      if (first.done) return;
      const chunkSize = outputBytes(first.value);
      const decoder = method === 'zstd' ? createZstdDecompress({ chunkSize }) : createGunzip({ chunkSize });
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

const outputBytes = ({ isEnd, contentBytes }: Piece) =>
  isEnd && contentBytes !== undefined && contentBytes <= FRAME_BYTES ? contentBytes + SLACK_BYTES : PIECE_BYTES;

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
  const gathered = gather(FRAME_BYTES);
  let isInside = false;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const { at, isEnd, contentBytes } = frames.next(chunk, from);
      gathered.add(chunk.subarray(from, at));
      isInside = !isEnd;
      if (isEnd || gathered.isFull()) yield { bytes: gathered.take(), isEnd, contentBytes };
      from = at;
    }
  }
  if (isInside) throw new Error('a frame has no end');
}

/** The decoder of gzip goes on after a member by itself. */
async function* memberPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  const gathered = gather(PIECE_BYTES);
  for await (const chunk of chunks) {
    gathered.add(chunk);
    if (gathered.isFull()) yield { bytes: gathered.take(), isEnd: false };
  }
  if (!gathered.isEmpty()) yield { bytes: gathered.take(), isEnd: true };
}

function gather(fullBytes: number) {
  let parts: Uint8Array[] = [];
  let sizeBytes = 0;
  return {
    add(part: Uint8Array) {
      parts.push(part);
      sizeBytes += part.length;
    },
    isFull: () => sizeBytes >= fullBytes,
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
