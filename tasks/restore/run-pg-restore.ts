import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { LibpqAccess } from '../../adapters/postgres/libpq.ts';
import { startProgram } from '../../adapters/postgres/run-program.ts';
import { dropExtensionEntries } from '../../core/restore/archive-list.ts';
import { readRestoreProblem } from '../../core/restore/restore-problem.ts';
import type { FailureName } from '../../core/failure/classes.ts';
import { RestoreStopped } from './errors.ts';

export type PgRestoreRun = {
  pgRestorePath: string;
  access: LibpqAccess;
  archiveFile: string;
  jobs: number;
  skipExtensions: readonly string[];
  /** `--no-owner` and the like, as the plan says. */
  options: readonly string[];
  whenServerGone: FailureName;
  signal: AbortSignal;
};

const LONGEST_LIST_BYTES = 256 * 1024 ** 2;

/** Restores a custom archive up to the first error. Throws RestoreStopped. */
export async function runPgRestore(run: PgRestoreRun): Promise<void> {
  const listFile = `${run.archiveFile}.list`;
  try {
    const list = run.skipExtensions.length > 0 ? [`--use-list=${await writeList(run, listFile)}`] : [];
    await restore(run, list);
  } finally {
    await rm(listFile, { force: true });
  }
}

async function restore(
  { pgRestorePath, access, archiveFile, jobs, options, whenServerGone, signal }: PgRestoreRun,
  list: string[],
): Promise<void> {
  const args = [
    '--exit-on-error',
    '--no-password',
    '--no-tablespaces',
    `--jobs=${jobs}`,
    ...options,
    ...list,
    `--dbname=${access.connection}`,
    archiveFile,
  ];
  const program = startProgram(pgRestorePath, args, access.environment);
  program.stdout.resume();
  const stop = () => void program.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const end = await program.ended;
    signal.throwIfAborted();
    // It exits with 0 only when it ignored nothing; the words are looked for in case that ever changes.
    if (end.exitCode === 0 && !end.errorOutput.includes('errors ignored on restore')) return;
    throw new RestoreStopped('pg_restore', readRestoreProblem(end.errorOutput), whenServerGone);
  } finally {
    signal.removeEventListener('abort', stop);
    await program.stop();
  }
}

async function writeList({ pgRestorePath, access, archiveFile, skipExtensions }: PgRestoreRun, listFile: string): Promise<string> {
  const { stdout } = await promisify(execFile)(pgRestorePath, ['--list', archiveFile], {
    env: access.environment,
    maxBuffer: LONGEST_LIST_BYTES,
  });
  await writeFile(listFile, dropExtensionEntries(stdout, skipExtensions), { mode: 0o600 });
  return listFile;
}
