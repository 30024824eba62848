import { createWriteStream } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DiskTooSmall } from './errors.ts';

/**
 * Parallel jobs of pg_restore need a file to seek in. Throws DiskTooSmall, before the first byte where that can be told, or what
 * `chunks` throws; nothing is left of the file then.
 */
export async function fetchArchive(
  chunks: AsyncIterable<Uint8Array>,
  neededBytes: number,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const disk = await statfs(dirname(file));
  const freeBytes = disk.bavail * disk.bsize;
  if (neededBytes > freeBytes) throw new DiskTooSmall('The archive', neededBytes, freeBytes);
  try {
    await pipeline(Readable.from(chunks, { objectMode: false }), createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
  } catch (error) {
    await rm(file, { force: true });
    signal.throwIfAborted();
    if (error instanceof Error && 'code' in error && DISK_FULL_CODES.has(String(error.code)))
      throw new DiskTooSmall('The archive', neededBytes, 0);
    throw error;
  }
}

const DISK_FULL_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
