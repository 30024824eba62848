/** Files that hold a share or an identity for as long as it is needed, and are gone afterwards however it ends. */
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';

/** A new file for nobody else to read. Throws when there is one. */
export function writeSecretFile(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Written over and removed: what the medium keeps of the earlier bytes is the medium's own (docs/custodians.md says how to avoid it). */
export function destroyFile(path: string): void {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size;
  if (bytes === undefined) return;
  const file = openSync(path, 'r+');
  try {
    writeSync(file, Buffer.alloc(bytes), 0, bytes, 0);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  rmSync(path);
}
