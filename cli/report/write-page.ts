import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageWrong } from '../errors.ts';
import type { Context } from '../verb.ts';

/** A page is made anew each time: one of before is written over. */
export function writePage({ frame }: Context, directory: string, name: string, page: string): string {
  const path = resolve(frame.workingDirectory, directory);
  try {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, name), page);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it failed';
    throw new UsageWrong('report', [`--out: ${join(directory, name)} cannot be written (${code})`]);
  }
  return join(directory, name);
}
