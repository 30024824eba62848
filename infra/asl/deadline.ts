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

/** JSONata: milliseconds since the epoch at which the run of `asset` (JSONata of its id) has to be over. */
export const deadlineOf = (runs: LongestRuns, asset: string) => {
  const known = Object.entries(runs).map(([id, seconds]) => `${literal(id)}: ${seconds}`);
  return `$toMillis($startedAt) + 1000 * ${orElse(`$lookup({${known.join(', ')}}, ${asset})`, String(longest(runs)))}`;
};

/** The same, before it is known which asset the run is for. */
export const latestDeadline = (runs: LongestRuns) => `$toMillis($states.context.Execution.StartTime) + ${1000 * longest(runs)}`;

/** Seconds left until `$deadline`, as a state's `TimeoutSeconds`. */
export const timeLeft = expression(`$max([${SHORTEST_STEP_SECONDS}, $floor(($deadline - $millis()) / 1000)])`);
