import { accessSync, constants, statSync } from 'node:fs';

/** Whether a new file could be made in it, by whoever asks. */
export function isWritableDirectory(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
