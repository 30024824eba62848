/** The programs of PostgreSQL on this machine: where they are, how old, what they were built with. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ProgramMissing } from './errors.ts';

const run = promisify(execFile);

export type Program = { path: string; version: string; major: number };

/** The first `name` in `searchPath`, as a shell would find it. */
export async function findProgram(name: 'pg_dump' | 'pg_restore' | 'psql', searchPath: string): Promise<Program> {
  for (const directory of searchPath.split(delimiter)) {
    const path = join(directory, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    const { stdout } = await run(path, ['--version'], { env: { LC_ALL: 'C', PATH: searchPath } });
    const version = /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1];
    if (version === undefined) continue;
    return { path, version, major: Number.parseInt(version, 10) };
  }
  throw new ProgramMissing(name, searchPath);
}

/**
 * Whether pg_dump can write zstd inside an archive: it says so before it connects, so it is asked with an address where nobody is.
 * Older than 16 never can.
 */
export async function canWriteZstd(pgDump: Program): Promise<boolean> {
  if (pgDump.major < 16) return false;
  const nowhere = ['--dbname=host=/nonexistent', '--no-password'];
  const error: unknown = await run(pgDump.path, ['--format=custom', '--compress=zstd:1', ...nowhere], { env: { LC_ALL: 'C' } }).catch(
    (e: unknown) => e,
  );
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  return output.includes('/nonexistent') && !output.includes('does not support compression');
}
