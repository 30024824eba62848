/** Files that hold a share or an identity for as long as it is needed, and are gone afterwards however it ends. */
import { closeSync, fsyncSync, lstatSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { SecretNotWritten } from './errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
export const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'an error without a code');

/** A new, whole file for nobody else to read, or none. Throws SecretNotWritten, and what the system says when there is one already. */
export function writeSecretFile(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    fill(file, Buffer.from(text));
  } catch (error) {
    const [left] = destroyFiles([path]);
    if (left === undefined && !FULL.has(codeOf(error))) throw error;
    throw new SecretNotWritten(path, codeOf(error), left);
  }
}

/**
 * Written over and removed: what the medium keeps of the earlier bytes is the medium's own (docs/custodians.md says how to avoid it).
 * One that withstands is no reason to leave the others.
 * @returns what is left, and why
 */
export function destroyFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const faults: string[] = [];
    const attempt = (act: () => void) => {
      try {
        act();
      } catch (error) {
        faults.push(codeOf(error));
      }
    };
    // Where it cannot even be looked at, it may be there.
    let isThere = true;
    attempt(() => {
      const found = lstatSync(path, { throwIfNoEntry: false });
      isThere = found !== undefined;
      if (found) attempt(() => fill(openSync(path, 'r+'), Buffer.alloc(found.size)));
    });
    if (!isThere) return [];
    attempt(() => rmSync(path));
    if (faults.length === 0) return [];
    let isGone = false;
    attempt(() => (isGone = lstatSync(path, { throwIfNoEntry: false }) === undefined));
    return [`${path} (${isGone ? 'removed, but not written over: ' : ''}${[...new Set(faults)].join(', ')})`];
  });
}

/** All of it: a system call may write less than it was given. */
function fill(file: number, bytes: Buffer): void {
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    bytes.fill(0);
    closeSync(file);
  }
}
