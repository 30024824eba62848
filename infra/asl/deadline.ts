/** Time that a run has: the plan's longest run of the asset, counted from the start of the execution. */
import { expression, literal, orElse } from './expression.ts';

/** What a machine may take beyond the longest run, to lock, sign and tell what became of it. */
const GRACE_SECONDS = 7200;

/** A step that starts when the time is up still gets long enough to say so by a time-out of its own. */
const SHORTEST_STEP_SECONDS = 60;

export type LongestRuns = Readonly<Record<string, number>>;

const longest = (runs: LongestRuns) => Math.max(SHORTEST_STEP_SECONDS, ...Object.values(runs));

/** The machine's own time-out is the last resort: the steps' time-outs come first, since only those can be reported. */
export const machineTimeoutSeconds = (runs: LongestRuns) => longest(runs) + GRACE_SECONDS;

/** JSONata: seconds that the run of `asset` (JSONata of its id) may take. A template has room for so much: most have as long as the longest. */
export const longestOf = (runs: LongestRuns, asset: string) => {
  const shorter = Object.entries(runs).flatMap(([id, seconds]) => (seconds === longest(runs) ? [] : [`${literal(id)}: ${seconds}`]));
  return orElse(`$lookup({${shorter.join(', ')}}, ${asset})`, String(longest(runs)));
};

/** JSONata: milliseconds since the epoch at which the run of `asset` (JSONata of its id) has to be over. */
export const deadlineOf = (runs: LongestRuns, asset: string) => `$toMillis($startedAt) + 1000 * ${longestOf(runs, asset)}`;

/** The same, before it is known which asset the run is for. */
export const latestDeadline = (runs: LongestRuns) => `$toMillis($states.context.Execution.StartTime) + ${1000 * longest(runs)}`;

/** Seconds left until `$deadline`, and `atLeast` whatever is left, as a state's `TimeoutSeconds`. */
export const timeLeftOr = (atLeast: number) => expression(`$max([${atLeast}, $floor(($deadline - $millis()) / 1000)])`);
export const timeLeft = timeLeftOr(SHORTEST_STEP_SECONDS);
