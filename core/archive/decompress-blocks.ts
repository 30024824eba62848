/**
 * What was compressed in blocks, read back as one stream: concatenated zstd frames or gzip members. Decompression itself runs in
 * the thread pool; the caller's thread moves pieces of a mebibyte or so, since each of them is a turn through the pool.
 */
import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { walkFrames } from './zstd-frames.ts';

/** As much of a block at once: whole ones are decompressed straight to where they are handed on. */
const PIECE_BYTES = 2 * 1024 ** 2;
const OUTPUT_BYTES = 2 * 1024 ** 2;

/** The bytes cannot be decompressed to their end. An error of the source itself is thrown as it is instead. */
export class BlocksUndecodable extends Error {}

/**
 * Throws BlocksUndecodable, for nothing at all too, or what `chunks` throws.
 * @param isLent each of what it gives is the reader's until he asks for the next: given back at once, blocks cost a third of the memory
 * and none of the collections of garbage that they set off
 */
export async function* decompressBlocks(
  chunks: AsyncIterable<Uint8Array>,
  method: 'zstd' | 'gzip',
  { isLent = false }: { isLent?: boolean } = {},
): AsyncGenerator<Buffer> {
  const source = watchErrors(chunks);
  const pieces = method === 'zstd' ? framePieces(source.chunks) : memberPieces(source.chunks);
  const decoder = method === 'zstd' ? createZstdDecompress({ chunkSize: OUTPUT_BYTES }) : createGunzip({ chunkSize: OUTPUT_BYTES });
  const fed = feed(pieces, decoder);
  try {
    for await (const block of decoder as AsyncIterable<Buffer>) {
      yield block;
      // The decoder fills a buffer from its beginning to its end: with its last part all of it was read. A smaller one is not its own.
      const isAllRead = block.byteOffset + block.length === block.buffer.byteLength;
      if (isLent && isAllRead && block.buffer.byteLength >= OUTPUT_BYTES) giveBack(block);
    }
  } catch (error) {
    throw source.error() ?? new BlocksUndecodable(`not ${method} to the end`, { cause: error });
  } finally {
    decoder.destroy();
    await fed;
  }
}

/** Ends the decoder with what ends the pieces. */
async function feed(pieces: AsyncGenerator<Piece>, decoder: Transform): Promise<void> {
  try {
    for await (const { bytes, isOurs } of pieces) {
      if (decoder.destroyed) return;
      await new Promise<void>((resolve, reject) => {
        decoder.once('close', resolve);
        decoder.write(bytes, (error) => {
          decoder.removeListener('close', resolve);
          if (error) reject(error);
          else resolve();
        });
      });
      if (decoder.destroyed) return;
      if (isOurs) giveBack(bytes);
    }
    decoder.end();
  } catch (error) {
    decoder.destroy(error as Error);
  }
}

const giveBack = (bytes: Uint8Array) => void (bytes.buffer as ArrayBuffer).transfer(0);

/**
 * The decoder takes a frame that begins with a piece, and what follows a frame within a piece for the end of all: so no piece reaches
 * from one frame into the next.
 */
async function* framePieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
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
async function* memberPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  const gathered = gather();
  for await (const chunk of chunks) {
    gathered.add(chunk);
    if (gathered.isFull()) yield gathered.take();
  }
  if (!gathered.isEmpty()) yield gathered.take();
}

/** `isOurs`: in a buffer that nothing else is in. */
type Piece = { bytes: Uint8Array; isOurs: boolean };

/** Not in the pool of small buffers. */
function join(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(sizeBytes).buffer);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
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
    take(): Piece {
      const [only] = parts;
      const isOurs = parts.length > 1;
      const bytes = only && !isOurs ? only : join(parts, sizeBytes);
      parts = [];
      sizeBytes = 0;
      return { bytes, isOurs };
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
