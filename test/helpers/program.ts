import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const found = (name: string) => (process.env['PATH'] ?? '').split(delimiter).some((directory) => existsSync(join(directory, name)));

/** Whether a program of the distribution is there; says so when tests have to do without. */
export function hasProgram(name: string): boolean {
  if (found(name)) return true;
  process.stdout.write(`Some tests are skipped: there is no ${name} (apt-get install ${name})\n`);
  return false;
}
