/** The directory that an export fills: refused while something is in it, and as it was before when the export fails. */
import { createWriteStream, writeFileSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DiskTooSmall } from '../../tasks/restore/errors.ts';
import { UsageWrong } from '../errors.ts';

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '');
const DISK_FULL_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Throws UsageWrong, which names the verb. @returns whether it is there, and empty. */
export async function checkDirectory(directory: string, verb = 'export'): Promise<boolean> {
  const refuse = (why: string) => new UsageWrong(verb, [`--to ${directory} ${why}`]);
  try {
    if ((await readdir(directory)).length > 0) throw refuse('is not empty, and nothing is written over');
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') throw refuse('is not a directory');
    if (codeOf(error) === 'EACCES') throw refuse('may not be read');
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  const above = await stat(dirname(directory)).catch(() => undefined);
  if (!above?.isDirectory()) throw refuse('has no directory above it');
  return false;
}

export type TargetDirectory = {
  /** A new file, for nobody else to read. Throws DiskTooSmall, or what `chunks` throws. */
  write(file: string, chunks: AsyncIterable<Uint8Array> | Uint8Array): Promise<void>;
  /** More bytes at the end of a file of this directory. */
  append(file: string, bytes: string): Promise<void>;
  /** What was written into it, in order of name. */
  files(): string[];
  /** Nothing is left of what was written, and the directory is what it was. @returns what could not be undone, and why */
  remove(): Promise<string[]>;
};

/** Throws DiskTooSmall before anything is made. */
export async function openTarget(directory: string, neededBytes: number, signal: AbortSignal): Promise<TargetDirectory> {
  const wasThere = await checkDirectory(directory);
  const disk = await statfs(wasThere ? directory : dirname(directory));
  const freeBytes = disk.bavail * disk.bsize;
  if (neededBytes > freeBytes) throw new DiskTooSmall('The export', neededBytes, freeBytes);
  const modeBefore = wasThere ? (await stat(directory)).mode & 0o7777 : undefined;
  if (wasThere) await chmod(directory, 0o700);
  else await mkdir(directory, { mode: 0o700 });
  const written = new Set<string>();

  // A file of few bytes is written at once: there may be hundreds of thousands.
  const put = async (file: string, chunks: AsyncIterable<Uint8Array> | Uint8Array, flags: 'wx' | 'a') => {
    const isOwn = written.has(file);
    written.add(file);
    try {
      if (chunks instanceof Uint8Array) return writeFileSync(join(directory, file), chunks, { flag: flags, mode: 0o600 });
      await pipeline(Readable.from(chunks, { objectMode: false }), createWriteStream(join(directory, file), { flags, mode: 0o600 }), {
        signal,
      });
    } catch (error) {
      // Somebody else's: it is not to be removed either.
      if (codeOf(error) === 'EEXIST' && !isOwn) written.delete(file);
      signal.throwIfAborted();
      if (DISK_FULL_CODES.has(codeOf(error))) throw new DiskTooSmall('The export', neededBytes, 0);
      throw error;
    }
  };
  return {
    write: (file, chunks) => put(file, chunks, 'wx'),
    append: (file, bytes) => put(file, Buffer.from(bytes), 'a'),
    files: () => [...written].sort(),
    async remove() {
      const left: string[] = [];
      const undo = (what: string, undoing: Promise<void>) =>
        undoing.catch((error: unknown) => void left.push(`${what} (${codeOf(error) || 'an error without a code'})`));
      // One that cannot be removed is no reason to leave the others.
      for (const file of written) await undo(join(directory, file), rm(join(directory, file), { force: true }));
      await undo(directory, modeBefore === undefined ? rmdir(directory) : chmod(directory, modeBefore));
      return left;
    },
  };
}
