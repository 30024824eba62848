/** Sees bytes go by: tells how many from time to time, and notices when there are none for too long. */
import { FAILURES } from '../../core/failure/classes.ts';
import { HoldfastError } from '../../core/failure/error.ts';

class Stalled extends HoldfastError {
  readonly failure = 'Stalled';
  constructor(what: string, seconds: number) {
    super(`${what}: no byte moved for ${Math.round(seconds)} s`, FAILURES.Stalled.advice);
  }
}

export type Progress = { bytes: number; bytesPerSecond: number };
export type ProgressWatch = {
  /** `moved` more bytes have gone by. */
  add: (moved: number) => void;
  /** Counts the bytes that a stream hands on. */
  count<T extends Uint8Array>(chunks: AsyncIterable<T>): AsyncGenerator<T>;
  /** Aborts, with Stalled as the reason, when nothing moved. */
  readonly signal: AbortSignal;
  stop(): void;
};

export type WatchSettings = {
  what: string;
  stallMilliseconds: number;
  reportMilliseconds: number;
  monotonicMilliseconds: () => number;
  report: (progress: Progress) => void;
};

export function watchProgress({
  what,
  stallMilliseconds,
  reportMilliseconds,
  monotonicMilliseconds,
  report,
}: WatchSettings): ProgressWatch {
  const stalled = new AbortController();
  let bytes = 0;
  let reportedBytes = 0;
  let reportedAt = monotonicMilliseconds();
  let movedAt = reportedAt;

  const reporting = setInterval(() => {
    const now = monotonicMilliseconds();
    report({ bytes, bytesPerSecond: Math.round((bytes - reportedBytes) / ((now - reportedAt) / 1000)) });
    reportedBytes = bytes;
    reportedAt = now;
  }, reportMilliseconds);
  const watching = setInterval(
    () => {
      const still = monotonicMilliseconds() - movedAt;
      if (still >= stallMilliseconds) stalled.abort(new Stalled(what, still / 1000));
    },
    Math.min(1000, stallMilliseconds / 4),
  );

  const add = (moved: number) => {
    bytes += moved;
    movedAt = monotonicMilliseconds();
  };

  return {
    add,
    async *count(chunks) {
      for await (const chunk of chunks) {
        add(chunk.length);
        yield chunk;
        // The consumer came back for more: it, too, has moved.
        add(0);
      }
    },
    signal: stalled.signal,
    stop() {
      clearInterval(reporting);
      clearInterval(watching);
    },
  };
}
