/** All rows of a segmented point, several sessions at once: the rest's own by one of them, segments by the others and then by all. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadSession, OpenLoadSession } from '../../../adapters/postgres/load-session.ts';
import { PostgresFailed } from '../../../adapters/postgres/errors.ts';
import { NotAnArchive, type ArchiveEntry } from '../../../core/archive/toc.ts';
import type { FailureName } from '../../../core/failure/classes.ts';
import { StoreUnavailable } from '../../../core/ports/object-errors.ts';
import { EndMarkerMissing } from '../../../core/restore/end-of-rows.ts';
import { problemOfSqlstate } from '../../../core/restore/restore-problem.ts';
import { TableTurns } from '../../../core/restore/table-turns.ts';
import { severalAtOnce } from '../../../core/several-at-once.ts';
import { PointDamaged } from '../../../core/vault/point-damage.ts';
import { checkPointBytes } from '../../verify/read-archive.ts';
import { RestoreStopped } from '../errors.ts';
import type { LoadableSegment, SegmentedArchive } from './archive.ts';
import { holdOffAutovacuum } from './hold-off-autovacuum.ts';
import { loadRest } from './load-rest.ts';
import { loadSegment, type Loading } from './load-segment.ts';
import type { Progress } from './progress.ts';

export type RowsLoad = Loading & {
  archive: Pick<SegmentedArchive, 'encoding' | 'toc'>;
  /** What is to be loaded, of the rest and of the segments. */
  rows: readonly ArchiveEntry[];
  segments: readonly LoadableSegment[];
  open: OpenLoadSession;
  progress: Progress;
  jobs: number;
  /** Of one segment, or of the rest, in all. */
  tries: number;
  whenServerGone: FailureName;
};

const FIRST_PAUSE_MILLISECONDS = 500;
const PAUSE_GROWTH = 3;

const segmentItem = ({ segment: { tableOid, number } }: LoadableSegment) => `segment ${tableOid}.${number}`;

/** Throws PointDamaged, RestoreStopped, RestoreTakenOver, StoreUnavailable, or the reason of `signal`. */
export async function loadRows(load: RowsLoad): Promise<void> {
  const { progress, rows, segments, jobs } = load;
  const waiting = segments.filter((segment) => !progress.isFinished(segmentItem(segment)));
  const turns = new TableTurns(
    waiting,
    ({ segment }) => segment.tableOid,
    ({ segment }) => segment.uncompressedBytes,
  );
  const work = restFirst(rows.length > 0, turns);
  const letAutovacuumIn = await holdOffAutovacuum({
    ...load.archive,
    entries: load.archive.toc.entries,
    segments: waiting,
    open: load.open,
  });
  const sessions = new SessionPool(load);
  try {
    await severalAtOnce(work, jobs, async (item, stop) => {
      const abort = AbortSignal.any([load.signal, stop]);
      await withRetries(load, abort, sessions, (session, isAgain) =>
        item === 'rest'
          ? loadRest({ ...load, session, progress, isAgain, rows, signal: abort })
          : progress.once(session, segmentItem(item), isAgain, () => loadSegment(session, item, { ...load, signal: abort })),
      ).catch(async (error: unknown) => {
        abort.throwIfAborted();
        throw await explain(error, item, load);
      });
      if (item !== 'rest') turns.leave(item);
    });
  } finally {
    await Promise.all([sessions.close(), letAutovacuumIn()]);
  }
}

function* restFirst(hasRest: boolean, segments: Iterable<LoadableSegment>): Generator<'rest' | LoadableSegment, void, void> {
  if (hasRest) yield 'rest';
  yield* segments;
}

/** Sessions are kept from one segment to the next; one that broke is not. */
class SessionPool {
  readonly #load: RowsLoad;
  readonly #idle: LoadSession[] = [];
  constructor(load: RowsLoad) {
    this.#load = load;
  }

  /** @param isAgain what broke one session may have broken all */
  async use(signal: AbortSignal, isAgain: boolean, work: (session: LoadSession) => Promise<void>): Promise<void> {
    const session = (isAgain ? undefined : this.#idle.pop()) ?? (await this.#open());
    // A statement that waits for something of the server's ends only so.
    const stop = () => void session.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      await work(session);
      this.#idle.push(session);
    } catch (error) {
      await session.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #open(): Promise<LoadSession> {
    const session = await this.#load.open();
    try {
      await session.query('speak as the archive does', `SET client_encoding = '${this.#load.archive.encoding}'`);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.map((session) => session.close()));
  }
}

async function withRetries(
  { tries }: RowsLoad,
  signal: AbortSignal,
  sessions: SessionPool,
  work: (session: LoadSession, isAgain: boolean) => Promise<void>,
): Promise<void> {
  for (let tried = 1; ; tried++)
    try {
      return await sessions.use(signal, tried > 1, (session) => work(session, tried > 1));
    } catch (error) {
      signal.throwIfAborted();
      if (!isBroken(error) || tried >= tries) throw error;
      await sleep(FIRST_PAUSE_MILLISECONDS * PAUSE_GROWTH ** (tried - 1), undefined, { signal });
    }
}

/** A way that broke, to the server or to the vault: another one may hold. */
const isBroken = (error: unknown): boolean => {
  if (error instanceof StoreUnavailable) return true;
  if (!(error instanceof PostgresFailed)) return false;
  const isAway = error.failure === 'SourceUnreachable' || error.failure === 'SourceNotReady';
  return isAway || problemOfSqlstate(error.sqlstate).kind === 'server-gone';
};

/** Bytes that are not those of the manifest explain what the server, or a decoder, makes of them; not the other way round. */
async function explain(error: unknown, item: 'rest' | LoadableSegment, load: RowsLoad): Promise<unknown> {
  const isOfBytes = error instanceof PostgresFailed || error instanceof EndMarkerMissing || error instanceof NotAnArchive;
  if (!isOfBytes || isBroken(error)) return asStopped(error, item, load);
  const { reader, manifest } = load.point;
  const objects = item === 'rest' ? manifest.objects.filter(({ role }) => role === 'rest') : [item.object];
  await checkPointBytes(reader, { ...manifest, objects });
  if (error instanceof PostgresFailed) return asStopped(error, item, load);
  return new PointDamaged(item === 'rest' ? 'rest' : item.object.key, 'its rows do not end as rows do', { cause: error });
}

function asStopped(error: unknown, item: 'rest' | LoadableSegment, { whenServerGone }: RowsLoad): unknown {
  if (!(error instanceof PostgresFailed)) return error;
  const isAway = error.sqlstate === undefined;
  const problem = isAway ? { kind: 'server-gone' as const } : problemOfSqlstate(error.sqlstate);
  const table = item === 'rest' ? error.object : item.segment.table;
  return new RestoreStopped('The load of rows', { ...problem, object: table && `TABLE DATA ${table}` }, whenServerGone);
}
