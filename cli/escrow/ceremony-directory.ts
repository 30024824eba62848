/** The directory of a ceremony: empty or made for it, refused before anybody has typed, and left as it was when the ceremony is broken off. */
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageWrong } from '../errors.ts';
import { codeOf } from './secret-files.ts';
import { isWritableDirectory } from './writable-directory.ts';

/** @returns whether it was there. Throws UsageWrong. */
export function openDirectory(directory: string): boolean {
  const refuse = (why: string) => new UsageWrong('escrow ceremony', [`--to ${directory} ${why}`]);
  let names: string[] | undefined;
  try {
    names = readdirSync(directory);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw refuse(`is no directory that can be read (${codeOf(error)})`);
  }
  if (names === undefined) {
    try {
      mkdirSync(directory, { mode: 0o700 });
    } catch (error) {
      throw refuse(`cannot be made (${codeOf(error)}): name a new one in a directory that is there and can be written into`);
    }
    return false;
  }
  if (names.length > 0)
    throw refuse(
      'is not empty. Sheets in it without a ceremony.json are those of a ceremony that was cut off: destroy them, their shares count for nothing',
    );
  if (!isWritableDirectory(directory)) throw refuse('cannot be written into');
  return true;
}

/** As it was found. @returns what stands in it all the same: a browser may have saved a page */
export function closeDirectory(directory: string, wasThere: boolean, written: readonly string[]): string[] {
  if (!existsSync(directory)) return [];
  const paths = readdirSync(directory).map((name) => join(directory, name));
  if (!wasThere && paths.length === 0) rmdirSync(directory);
  return paths.filter((path) => !written.includes(path)).map((path) => `${path} (not made by the ceremony)`);
}

/**
 * Whole files, or none of them: the sheets are on paper by then, and count whatever becomes of the directory.
 * @returns why they are not there
 */
export function writeRecord(directory: string, files: Readonly<Record<string, string>>): string | undefined {
  const made: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    try {
      writeFileSync(path, text, { flag: 'wx', mode: 0o644, flush: true });
      made.push(path);
    } catch (error) {
      // One that was there is somebody else's.
      for (const own of codeOf(error) === 'EEXIST' ? made : [...made, path]) rmSync(own, { force: true });
      return codeOf(error);
    }
  }
  return undefined;
}
