/**
 * Ids of slots, points, attempts and runs. All instants are UTC.
 *
 * A scheduled slot is named by its instant (`20261121T020000Z`); a manual run's slot carries its execution besides
 * (`20261121T021533Z-m3fa9c1`), so that two manual runs in one second are two slots. A point has its slot's id.
 */
import { createHash } from 'node:crypto';
import { isAhead } from '../status/time.ts';

const SLOT_PATTERN = /^\d{8}T\d{6}Z(-m[0-9a-f]{6})?$/;
const RUN_PATTERN = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;
const INSTANT_LENGTH = '20261121T020000Z'.length;

const compact = (instant: Date) => `${instant.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;

/** Undefined for what no clock shows: 30 February, 25 o'clock. Who may write a name may write such a one. */
function instantOf(text: string): Date | undefined {
  const d = text;
  const instant = new Date(`${d.slice(0, 4)}-${d.slice(4, 6)}-${d.slice(6, 8)}T${d.slice(9, 11)}:${d.slice(11, 13)}:${d.slice(13, 15)}Z`);
  return !Number.isNaN(instant.getTime()) && compact(instant) === text ? instant : undefined;
}

/** The id of a slot or a point: it looks like one, and begins with an instant that there is. Everything that reads names asks here. */
export const isSlot = (text: string): boolean => SLOT_PATTERN.test(text) && instantOf(text.slice(0, INSTANT_LENGTH)) !== undefined;

/** What `runId` answers, and nothing else: a name of a fact without it says nothing of when. */
export const isRun = (text: string): boolean => RUN_PATTERN.test(text) && instantOf(text.slice(0, INSTANT_LENGTH)) !== undefined;

/** @param executionArn the execution that asks; it makes a manual slot unique */
export const manualSlotId = (now: Date, executionArn: string) => `${compact(now)}-m${shortHash(executionArn)}`;
export const scheduledSlotId = (instant: Date) => compact(instant);

/** The instant of a slot, to the second. Throws RangeError when the text is not a slot id. */
export function slotInstant(slot: string): Date {
  const instant = SLOT_PATTERN.test(slot) ? instantOf(slot.slice(0, INSTANT_LENGTH)) : undefined;
  if (instant === undefined) throw new RangeError(`'${slot}' is not a slot id such as 20261121T020000Z`);
  return instant;
}

/** Attempt `n` of the claim that an execution holds: `0001-1` is the first try under the first claim. */
export const attemptId = (claim: number, tryNumber: number) => `${String(claim).padStart(4, '0')}-${tryNumber}`;

/** Id of what one run writes (facts, evidence): starts with the time, so that a listing is in order and the year can be read off. */
export const runId = (startedAt: Date, executionArn: string) => `${compact(startedAt)}-${shortHash(executionArn)}`;

/** When a run began, to the second, as its id says. Throws RangeError when the text does not begin with an instant. */
export const instantOfRun = (run: string): string => slotInstant(run.slice(0, INSTANT_LENGTH)).toISOString();

/** False of what is no run, and of one that is dated ahead: no run has begun yet that could have written it. */
export const hasBegun = (run: string, now: Date): boolean => isRun(run) && !isAhead(instantOfRun(run), now);

/** The id that a run of the same execution would have so many seconds later. */
export const laterRun = (run: string, seconds: number): string =>
  `${compact(new Date(Date.parse(instantOfRun(run)) + seconds * 1000))}${run.slice(INSTANT_LENGTH)}`;

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 6);
