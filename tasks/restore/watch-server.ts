/**
 * Looks at the server that is being restored on, beside the restore: indexes are built for hours without a byte that moves, so that only
 * the server itself can say whether anything goes on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { FAILURES } from '../../core/failure/classes.ts';
import { HoldfastError } from '../../core/failure/error.ts';
import { LockWaits, type LockWait } from '../../core/restore/lock-waits.ts';

class RestoreStalled extends HoldfastError {
  readonly failure = 'Stalled';
  constructor(what: string, why: string, advice: string = FAILURES.Stalled.advice) {
    super(`${what}: ${why}`, advice);
  }
}

/** Throws `ServerSilent` when nobody answered; any other error is an answer. */
export type LookAtServer = (signal: AbortSignal) => Promise<LockWait[]>;
export class ServerSilent extends Error {}

export type ServerWatchSettings = {
  /** For people: `The restore of ida`. */
  what: string;
  stallSeconds: number;
  monotonicMilliseconds?: () => number;
};

export type ServerWatch = {
  /** Aborts, with a failure of the class Stalled as the reason. */
  readonly signal: AbortSignal;
  /** From now on the server should answer. */
  start: (look: LookAtServer) => void;
  stop: () => void;
};

const LONGEST_PAUSE_MILLISECONDS = 20_000;
const PAUSES_IN_A_STALL = 8;

export function watchServer({ what, stallSeconds, monotonicMilliseconds = () => performance.now() }: ServerWatchSettings): ServerWatch {
  const stalled = new AbortController();
  const stopped = new AbortController();
  const stallMilliseconds = stallSeconds * 1000;
  const pause = Math.min(LONGEST_PAUSE_MILLISECONDS, stallMilliseconds / PAUSES_IN_A_STALL);

  async function watch(look: LookAtServer): Promise<void> {
    const waits = new LockWaits();
    for (let answeredAt = monotonicMilliseconds(); !stopped.signal.aborted;) {
      // A look that nobody answers must not outlive the patience that it measures.
      const patience = AbortSignal.timeout(Math.max(1, Math.ceil(answeredAt + stallMilliseconds - monotonicMilliseconds())));
      const found = await look(AbortSignal.any([stopped.signal, patience])).catch((error: unknown) =>
        error instanceof ServerSilent ? undefined : [],
      );
      const now = monotonicMilliseconds();
      if (found !== undefined) answeredAt = now;
      const longest = waits.look(found ?? [], now);
      if (now - answeredAt >= stallMilliseconds) {
        stalled.abort(new RestoreStalled(what, `the server has not answered for ${seconds(now - answeredAt)} s`, SILENT));
        return;
      }
      if (longest !== undefined && longest.milliseconds >= stallMilliseconds) {
        const why = `it has waited for ${seconds(longest.milliseconds)} s for a lock that ${nameHolders(longest.wait)}`;
        stalled.abort(new RestoreStalled(what, why, LOCKED));
        return;
      }
      await sleep(pause, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }

  return {
    signal: stalled.signal,
    start: (look) => void watch(look),
    stop: () => stopped.abort(),
  };
}

const seconds = (milliseconds: number) => Math.round(milliseconds / 1000);
const nameHolders = ({ holders }: LockWait): string =>
  holders.every((pid) => pid === 0)
    ? 'a prepared transaction holds'
    : `other sessions hold (process ${holders.filter((pid) => pid !== 0).join(', ')})`;

const LOCKED =
  'Find the sessions in pg_stat_activity and pg_locks, let them end (or SELECT pg_terminate_backend(<process>), ROLLBACK PREPARED), and start the same run again';
const SILENT = 'Look at the health of the server, and for a network that drops idle connections; then start the same run again';

/** A plan that is impatient with bytes need not be so with a server that works. */
const LEAST_STALL_SECONDS = 240;
export const stallSecondsOf = ({ dump }: { dump: { stallMinutes: number } }): number =>
  Math.max(LEAST_STALL_SECONDS, dump.stallMinutes * 60);
