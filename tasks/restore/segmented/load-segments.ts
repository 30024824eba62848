/** Rows of a segmented point into a new database that remembers how far they have come. */
import type { LibpqAccess } from '../../../adapters/postgres/libpq.ts';
import type { OpenLoadSession } from '../../../adapters/postgres/load-session.ts';
import type { Selected } from '../../../core/archive/select.ts';
import { restoreLoginOf } from '../../../core/restore/restore-login.ts';
import type { LoadSteps } from '../fill-database.ts';
import { archiveFile } from '../load-archive.ts';
import type { RestoreOrder, RestorePorts } from '../run-restore.ts';
import type { StoredPoint } from '../stored-point.ts';
import type { SegmentedArchive } from './archive.ts';
import { loadSegmented } from './load-segmented.ts';
import { readProgress } from './progress.ts';
import { clearEnd } from './take-up.ts';
import { plural } from '../../../core/quantities.ts';

const TRIES_OF_A_SEGMENT = 4;
const SERVER_SETTINGS = '-c synchronous_commit=off -c maintenance_work_mem=256MB -c jit=off';

type SegmentsLoad = LoadSteps & {
  access: LibpqAccess;
  open: OpenLoadSession;
  point: StoredPoint;
  archive: SegmentedArchive;
  selected: Selected;
};

export async function loadSegments(
  { asset, scratchDir, path, selection }: RestoreOrder,
  { moved, report }: RestorePorts,
  { table, within, from, enter, leaveOut, access, open, point, archive, selected }: SegmentsLoad,
  signal: AbortSignal,
): Promise<void> {
  const { noOwner, noPrivileges } = restoreLoginOf(asset, selection);
  const progress = await within((session) => readProgress(session, table));
  if (from === 'rows') report(`${plural(progress.finished, 'part of the rows was', 'parts of the rows were')} loaded before`);
  await loadSegmented(point, archive, {
    access,
    path,
    contents: archiveFile(scratchDir),
    selected,
    open,
    progress,
    from,
    async enter(next) {
      await enter(next);
      report(next === 'rows' ? 'Rows are being loaded' : 'The rows are loaded; indexes and constraints are being made');
    },
    clearEnd: () => within(clearEnd),
    options: [...(noOwner ? ['--no-owner'] : []), ...(noPrivileges ? ['--no-privileges'] : [])],
    serverSettings: SERVER_SETTINGS,
    jobs: asset.drill.jobs,
    tries: TRIES_OF_A_SEGMENT,
    whenServerGone: 'TargetUnreachable',
    signal,
    moved,
    leaveOut,
  });
}
