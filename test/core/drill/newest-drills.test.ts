import { expect, it } from 'vitest';
import type { DrillEvidence } from '../../../core/drill/contract.ts';
import { newestDrills } from '../../../core/drill/newest-drills.ts';

type Outcome = DrillEvidence['outcome'];
const times = (count: number, outcome: Outcome): Outcome[] => Array.from({ length: count }, () => outcome);

/** @param outcomes newest first */
const take = (...outcomes: Outcome[]) => {
  const newest = newestDrills();
  for (const [index, outcome] of outcomes.entries()) newest.add({ run: String(index), outcome } as DrillEvidence);
  return { beyond: newest.drills.slice(40).map(({ run, outcome }) => [Number(run), outcome]), isWhole: newest.isWhole() };
};

it('takes the newest, and nothing older where one of them passed', () => {
  expect(take(...times(39, 'could-not-run'), 'passed', 'failed', 'passed')).toEqual({ beyond: [], isWhole: true });
  expect(take(...times(39, 'passed'))).toEqual({ beyond: [], isWhole: false });
});

it('looks on for the newest that passed, behind however many that could not run', () => {
  expect(take(...times(50, 'could-not-run'))).toEqual({ beyond: [], isWhole: false });
  expect(take(...times(50, 'could-not-run'), 'passed', 'passed')).toEqual({ beyond: [[50, 'passed']], isWhole: true });
});

it('takes the newest that failed before it, and none that failed earlier', () => {
  expect(take(...times(50, 'could-not-run'), 'failed', 'failed', 'passed', 'failed')).toEqual({
    beyond: [
      [50, 'failed'],
      [52, 'passed'],
    ],
    isWhole: true,
  });
  expect(take(...times(40, 'failed'), 'failed', 'passed')).toEqual({ beyond: [[41, 'passed']], isWhole: true });
});
