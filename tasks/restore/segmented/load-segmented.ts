/**
 * A segmented archive into a database: pg_restore makes what comes before the rows and after them, from contents without data; the
 * rows stream from the vault into COPY. Nothing but the contents touches the disk. Shared by drill and restore.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenLoadSession } from '../../../adapters/postgres/load-session.ts';
import type { LibpqAccess } from '../../../adapters/postgres/libpq.ts';
import { findProgram } from '../../../adapters/postgres/programs.ts';
import type { Selected } from '../../../core/archive/select.ts';
import { serializeDirectoryToc } from '../../../core/archive/toc.ts';
import type { FailureName } from '../../../core/failure/classes.ts';
import { splitPhases } from '../../../core/restore/archive-phases.ts';
import type { RestorePhase } from '../../../core/restore/half-made.ts';
import { loadEnd, type LeaveOut } from '../load-end.ts';
import { runPgRestore } from '../run-pg-restore.ts';
import type { Moved, StoredPoint } from '../stored-point.ts';
import type { SegmentedArchive } from './archive.ts';
import { loadRows } from './load-rows.ts';
import type { Progress } from './progress.ts';

export type SegmentedSettings = {
  access: LibpqAccess;
  /** Where the programs of PostgreSQL are looked for. */
  path: string;
  /** Where `writeContents` put them. */
  contents: string;
  selected: Pick<Selected, 'isSelected' | 'hasRows'>;
  open: OpenLoadSession;
  progress: Progress;
  /** Where an earlier try came to, and what is told when the next phase begins. */
  from: RestorePhase;
  enter: (phase: RestorePhase) => Promise<void>;
  /** Removes what an earlier try made after the rows, as far as pg_restore cannot. */
  clearEnd: () => Promise<void>;
  /** `--no-owner` and the like. */
  options: readonly string[];
  /** Settings of the server for the sessions of pg_restore: `-c name=value`. */
  serverSettings: string;
  jobs: number;
  /** Of the rows of one segment, or of the rest, in all. */
  tries: number;
  whenServerGone: FailureName;
  signal: AbortSignal;
  moved: Moved;
  /** Where it is absent everything must stand at the end. */
  leaveOut?: LeaveOut | undefined;
};

/** What pg_restore reads in place of a whole archive. */
export async function writeContents({ toc }: SegmentedArchive, directory: string): Promise<void> {
  await mkdir(directory, { mode: 0o700, recursive: true });
  await writeFile(join(directory, 'toc.dat'), serializeDirectoryToc(toc, 'none'), { mode: 0o600 });
}

/** Throws PointDamaged, RestoreStopped, RestoreTakenOver, StoreUnavailable, or the reason of `signal`. */
export async function loadSegmented(point: StoredPoint, archive: SegmentedArchive, settings: SegmentedSettings): Promise<void> {
  const { access, contents, selected, from, enter, serverSettings, jobs, options, signal, whenServerGone } = settings;
  const pgRestore = await findProgram('pg_restore', settings.path);
  const phases = splitPhases(archive.toc.entries, selected.isSelected, settings.leaveOut !== undefined);
  const runEntries = async (dumpIds: readonly number[], more: { jobs: number; options: readonly string[] }) => {
    if (dumpIds.length === 0) return;
    await runPgRestore({
      pgRestorePath: pgRestore.path,
      access: { ...access, environment: { ...access.environment, PGOPTIONS: serverSettings } },
      archiveFile: contents,
      dumpIds,
      whenServerGone,
      signal,
      ...more,
    });
  };

  if (from === 'schema') {
    await runEntries(phases.before, { jobs: 1, options });
    await enter('rows');
  }
  if (from === 'schema' || from === 'rows') {
    const segments = archive.segments.filter(({ tableDumpId }) => selected.hasRows(tableDumpId));
    await loadRows({ ...settings, point, archive, rows: phases.rows, segments });
    await enter('end');
  }
  if (from === 'end') await settings.clearEnd();
  const endOptions = from === 'end' ? [...options, '--clean', '--if-exists'] : options;
  const { leaveOut } = settings;
  await loadEnd({ phases, entries: archive.toc.entries, options: endOptions, jobs, leaveOut, run: runEntries });
}
