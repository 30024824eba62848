/** A thread whose session ended gets another one, in the same snapshot, as long as the server may only be busy for a moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SegmentSessionSettings } from '../../../adapters/postgres/segment-session.ts';
import type { SourceLogin } from '../../../adapters/postgres/source.ts';
import type { FailureName } from '../../../core/failure/classes.ts';
import { HoldfastError } from '../../../core/failure/error.ts';
import type { ReaderThread } from './reader-thread.ts';

export type ConnectAgain = {
  session: SegmentSessionSettings;
  /** The login as it is then: a token of RDS is good for 15 minutes. */
  renewLogin: () => Promise<SourceLogin>;
  /** Whether the coordinator's session, and with it the snapshot, is gone. */
  serverEndedBy: () => string | undefined;
  signal: AbortSignal;
};

/** Together some 15 s: a failover takes longer, and with it the snapshot is gone. */
const MOST_TRIES = 6;
const PAUSE_MILLISECONDS = 1_000;

/** No answer, no room, a server that is starting, a secret that could not be had: not that a table is held, or the snapshot gone. */
const PASSING = new Set<FailureName>(['SourceNotReady', 'SourceUnreachable', 'AwsUnreachable']);

/** Throws what the last try threw, or the reason of `signal`. */
export async function connectAgain(reader: Pick<ReaderThread, 'connect'>, settings: ConnectAgain): Promise<void> {
  const { session, renewLogin, serverEndedBy, signal } = settings;
  for (let attempt = 1; ; attempt++) {
    try {
      await reader.connect({ ...session, login: await renewLogin() });
      return;
    } catch (error) {
      signal.throwIfAborted();
      const mayPass = error instanceof HoldfastError && PASSING.has(error.failure);
      if (!mayPass || attempt === MOST_TRIES || serverEndedBy() !== undefined) throw error;
      await sleep(PAUSE_MILLISECONDS * attempt, undefined, { signal });
    }
  }
}
