/**
 * Installs something into a directory once. A stamp inside, written last, says that it is whole: a directory without one was left
 * by an install that was killed, and is made anew.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP = 'installed.txt';

export type Installation = {
  /** Parent of the installed directory. */
  parent: string;
  name: string;
  /** What is installed, to the version: another text is another directory. */
  contents: string;
  install(directory: string): Promise<void>;
  /** Files that must be there for it to be whole, relative to the directory. */
  expects: readonly string[];
};

export async function installOnce(what: Installation): Promise<string> {
  const fingerprint = createHash('sha256').update(what.contents).digest('hex').slice(0, 12);
  const directory = join(what.parent, `${what.name}-${fingerprint}`);
  if (isWhole(directory, what.expects)) return directory;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  await what.install(directory);
  writeFileSync(join(directory, STAMP), what.contents);
  return directory;
}

export const isWhole = (directory: string, expects: readonly string[]) =>
  [STAMP, ...expects].every((file) => existsSync(join(directory, file)));
