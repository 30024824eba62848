import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const OTHERS_EXECUTE = 0o001;

/** Whether a user with no special rights can enter every directory above `path` and run or enter it. */
export function isReachableByOthers(path: string): boolean {
  const absolute = resolve(path);
  if ((statSync(absolute).mode & OTHERS_EXECUTE) === 0) return false;
  return absolute === dirname(absolute) || isReachableByOthers(dirname(absolute));
}
