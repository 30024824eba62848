/** Which tests of a suite `npm test` runs, where each takes seconds: a share of them by a printed seed. The soak runs all. */
import { beforeEach } from 'vitest';
import { seededRandom } from './seeded-random.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';

/** Skips all but about this share of the suite's tests. Called before the suite's own `beforeEach`, none of which then runs for the others. */
export function sampleTests(suite: string, share: number): void {
  if (isSoak) return;
  const random = seededRandom(suite);
  beforeEach(({ skip }) => skip(random.below(100) >= share * 100, 'left to the soak'));
}

/** Whether this run takes the whole suite; one in so many does. */
export const isRunThisTime = (suite: string, oneIn: number): boolean => isSoak || seededRandom(suite).below(oneIn) === 0;

/** One of several cases that end alike, by seed; the soak takes all. */
export function oneOf<T>(suite: string, cases: readonly T[]): T[] {
  if (isSoak) return [...cases];
  const chosen = seededRandom(suite).below(cases.length);
  return cases.filter((_, index) => index === chosen);
}
