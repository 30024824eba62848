/** What a time zone's clock does: offsets and the instants at which they change, from the runtime's IANA data. All in milliseconds. */

/** No zone changes its clock twice within a week; asking once a week is enough to find every change. */
const STEP_MS = 7 * 86_400_000;

export type Transition = {
  atMs: number;
  /** Offset from UTC before and after; a clock that is set forward leaves a gap, one that is set back repeats itself. */
  beforeMs: number;
  afterMs: number;
};

export function isTimeZone(name: string): boolean {
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    // `+02:00` and `EST` pass there, but Scheduler wants names of the IANA database.
    return name === 'UTC' || (known !== '' && /^[A-Z][\w+-]*\/[\w/+-]+$/.test(name));
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The clock of one zone over a span of time. Built once; asking it is arithmetic. */
export class ZoneClock {
  readonly transitions: readonly Transition[];
  readonly #firstOffsetMs: number;

  /** @throws RangeError when the runtime does not know the zone */
  constructor(timeZone: string, fromMs: number, toMs: number) {
    const offset = offsetReader(timeZone);
    this.#firstOffsetMs = offset(fromMs);
    const transitions: Transition[] = [];
    let beforeMs = this.#firstOffsetMs;
    for (let week = fromMs; week < toMs; week += STEP_MS) {
      const afterMs = offset(week + STEP_MS);
      if (afterMs === beforeMs) continue;
      transitions.push({ atMs: bisect(offset, week, week + STEP_MS, beforeMs), beforeMs, afterMs });
      beforeMs = afterMs;
    }
    this.transitions = transitions;
  }

  offsetAt(instantMs: number): number {
    return this.transitions.findLast((t) => t.atMs <= instantMs)?.afterMs ?? this.#firstOffsetMs;
  }

  /** Instant at which the clock shows `wallMs` (a wall time written as if it were UTC) for the first time; undefined in a gap. */
  instantOf(wallMs: number): number | undefined {
    let offsetMs = this.#firstOffsetMs;
    for (const { atMs, beforeMs, afterMs } of this.transitions) {
      if (wallMs < atMs + beforeMs) break;
      if (wallMs < atMs + afterMs) return undefined;
      offsetMs = afterMs;
    }
    return wallMs - offsetMs;
  }

  /** When the clock shows the same time once more, after it was set back; undefined for all but the time just before that. */
  secondInstantOf(instantMs: number): number | undefined {
    const back = this.transitions.find(
      ({ atMs, beforeMs, afterMs }) => instantMs >= atMs - (beforeMs - afterMs) && instantMs < atMs && afterMs < beforeMs,
    );
    return back && instantMs + (back.beforeMs - back.afterMs);
  }

  /** Gaps: wall times that do not exist, from `fromWallMs` up to but not including `toWallMs`. */
  gaps(): { atMs: number; fromWallMs: number; toWallMs: number }[] {
    return this.transitions
      .filter((t) => t.afterMs > t.beforeMs)
      .map((t) => ({ atMs: t.atMs, fromWallMs: t.atMs + t.beforeMs, toWallMs: t.atMs + t.afterMs }));
  }
}

/** Making a format takes far longer than using it. */
const readers = new Map<string, (instantMs: number) => number>();

function offsetReader(timeZone: string): (instantMs: number) => number {
  const known = readers.get(timeZone);
  if (known) return known;
  const reader = makeOffsetReader(timeZone);
  readers.set(timeZone, reader);
  return reader;
}

function makeOffsetReader(timeZone: string): (instantMs: number) => number {
  if (timeZone === 'UTC') return () => 0;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instantMs) => {
    const whole = Math.floor(instantMs / 1000) * 1000;
    const part = Object.fromEntries(format.formatToParts(whole).map(({ type, value }) => [type, Number(value)]));
    const wall = Date.UTC(part['year'] ?? 0, (part['month'] ?? 1) - 1, part['day'], part['hour'], part['minute'], part['second']);
    return wall - whole;
  };
}

/** First second at which the offset is no longer `beforeMs`. */
function bisect(offset: (instantMs: number) => number, lowMs: number, highMs: number, beforeMs: number): number {
  let [low, high] = [lowMs, highMs];
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offset(middle) === beforeMs) low = middle;
    else high = middle;
  }
  return Math.floor(high / 1000) * 1000;
}
