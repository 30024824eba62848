import { rm, writeFile } from 'node:fs/promises';
import type { LibpqAccess } from '../../adapters/postgres/libpq.ts';
import { startProgram } from '../../adapters/postgres/run-program.ts';
import { useList } from '../../core/restore/archive-phases.ts';
import { readRestoreProblem } from '../../core/restore/restore-problem.ts';
import type { FailureName } from '../../core/failure/classes.ts';
import { RestoreStopped } from './errors.ts';

export type PgRestoreRun = {
  pgRestorePath: string;
  access: LibpqAccess;
  /** A file, or a directory. */
  archiveFile: string;
  jobs: number;
  /** What is restored of the archive, in this order. */
  dumpIds: readonly number[];
  /** `--no-owner` and the like, as the plan says. */
  options: readonly string[];
  whenServerGone: FailureName;
  signal: AbortSignal;
};

/** Restores an archive up to the first error. Throws RestoreStopped. */
export async function runPgRestore(run: PgRestoreRun): Promise<void> {
  const listFile = `${run.archiveFile}.list`;
  try {
    await writeFile(listFile, useList(run.dumpIds), { mode: 0o600 });
    await restore(run, listFile);
  } finally {
    await rm(listFile, { force: true });
  }
}

async function restore(
  { pgRestorePath, access, archiveFile, jobs, options, whenServerGone, signal }: PgRestoreRun,
  listFile: string,
): Promise<void> {
  const args = [
    '--exit-on-error',
    '--no-password',
    '--no-tablespaces',
    `--jobs=${jobs}`,
    ...options,
    `--use-list=${listFile}`,
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
