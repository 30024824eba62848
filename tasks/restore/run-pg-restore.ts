import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { LibpqAccess } from '../../adapters/postgres/libpq.ts';
import { startProgram } from '../../adapters/postgres/run-program.ts';
import { useList } from '../../core/restore/archive-phases.ts';
import { dropExtensionEntries } from '../../core/restore/archive-list.ts';
import { readRestoreProblem } from '../../core/restore/restore-problem.ts';
import type { FailureName } from '../../core/failure/classes.ts';
import { RestoreStopped } from './errors.ts';

export type PgRestoreRun = {
  pgRestorePath: string;
  access: LibpqAccess;
  /** A file, or a directory. */
  archiveFile: string;
  jobs: number;
  /** What is restored of the archive, in this order; everything when absent. */
  dumpIds?: readonly number[] | undefined;
  skipExtensions: readonly string[];
  /** `--no-owner` and the like, as the plan says. */
  options: readonly string[];
  whenServerGone: FailureName;
  signal: AbortSignal;
};

const LONGEST_LIST_BYTES = 256 * 1024 ** 2;

/** Restores an archive up to the first error. Throws RestoreStopped. */
export async function runPgRestore(run: PgRestoreRun): Promise<void> {
  const listFile = `${run.archiveFile}.list`;
  try {
    const text = await listOf(run);
    if (text !== undefined) await writeFile(listFile, text, { mode: 0o600 });
    await restore(run, text === undefined ? [] : [`--use-list=${listFile}`]);
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

async function listOf({ pgRestorePath, access, archiveFile, dumpIds, skipExtensions }: PgRestoreRun): Promise<string | undefined> {
  if (dumpIds !== undefined) return useList(dumpIds);
  if (skipExtensions.length === 0) return undefined;
  const { stdout } = await promisify(execFile)(pgRestorePath, ['--list', archiveFile], {
    env: access.environment,
    maxBuffer: LONGEST_LIST_BYTES,
  });
  return dropExtensionEntries(stdout, skipExtensions);
}
