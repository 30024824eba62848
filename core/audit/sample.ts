/**
 * Which points a run looks at whole: the newest of each asset, and a part of the older ones, so that every point is looked at within
 * `SAMPLE_DAYS` days of the last audit that ended. A day that was missed is made up for by the next run.
 */
import { createHash } from 'node:crypto';

export const SAMPLE_DAYS = 28;
/** Points of each asset that every run looks at. */
export const NEWEST_WHOLE = 3;

const MILLISECONDS_PER_DAY = 86_400_000;

const dayOf = (instant: Date) => Math.floor(instant.getTime() / MILLISECONDS_PER_DAY);

/** @param last when the last whole audit ran; undefined when there was none, and everything is looked at */
export function residuesSince(last: Date | undefined, now: Date): number[] {
  const today = dayOf(now);
  const days = last === undefined ? SAMPLE_DAYS : Math.min(SAMPLE_DAYS, Math.max(1, today - dayOf(last)));
  return Array.from({ length: days }, (_, back) => (today - back) % SAMPLE_DAYS).toSorted((a, b) => a - b);
}

export const everyResidue = (): number[] => Array.from({ length: SAMPLE_DAYS }, (_, residue) => residue);

/** A point's, or another record's, number: by its name, so that points of one hour or weekday do not fall on one day. */
export const residueOf = (name: string): number => createHash('sha256').update(name).digest().readUInt32BE(0) % SAMPLE_DAYS;
