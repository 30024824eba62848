// Runs after `npm ci`: makes `npx holdfast` run this checkout's command line, on the Node 24 that the lock file brings.
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');

if (existsSync(join(root, 'node_modules'))) {
  mkdirSync(bin, { recursive: true });
  const link = join(bin, 'holdfast');
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'bin', 'holdfast.mjs'), link);
}
