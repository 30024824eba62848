/**
 * Ids of slots, points, attempts and runs. All instants are UTC.
 *
 * A scheduled slot is named by its instant (`20261121T020000Z`); a manual run's slot carries its execution besides
 * (`20261121T021533Z-m3fa9c1`), so that two manual runs in one second are two slots. A point has its slot's id.
 */
import { createHash } from 'node:crypto';

export const SLOT_PATTERN = /^\d{8}T\d{6}Z(-m[0-9a-f]{6})?$/;

const compact = (instant: Date) => `${instant.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;

/** @param executionArn the execution that asks; it makes a manual slot unique */
export const manualSlotId = (now: Date, executionArn: string) => `${compact(now)}-m${shortHash(executionArn)}`;
export const scheduledSlotId = (instant: Date) => compact(instant);

/** The instant of a slot, to the second. Throws RangeError when the text is not a slot id. */
export function slotInstant(slot: string): Date {
  if (!SLOT_PATTERN.test(slot)) throw new RangeError(`'${slot}' is not a slot id such as 20261121T020000Z`);
  const d = slot;
  return new Date(`${d.slice(0, 4)}-${d.slice(4, 6)}-${d.slice(6, 8)}T${d.slice(9, 11)}:${d.slice(11, 13)}:${d.slice(13, 15)}Z`);
}

/** Attempt `n` of the claim that an execution holds: `0001-1` is the first try under the first claim. */
export const attemptId = (claim: number, tryNumber: number) => `${String(claim).padStart(4, '0')}-${tryNumber}`;

/** Id of what one run writes (facts, evidence): starts with the time, so that a listing is in order and the year can be read off. */
export const runId = (startedAt: Date, executionArn: string) => `${compact(startedAt)}-${shortHash(executionArn)}`;

/** What `runId` answers. */
export const RUN_PATTERN = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;

/** When a run began, to the second, as its id says. */
export const instantOfRun = (run: string): string => slotInstant(run.slice(0, 16)).toISOString();

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 6);
