/** What is said of a restore that cannot be undone, and what helps instead. */
import { expect, test } from 'vitest';
import { findUndoObstacle } from '../../../core/restore/undo-obstacle.ts';

const RUN = '20261121T092000Z-3fa9c1';
const LATER = '20261121T102000Z-3fa9c1';
const inPlace = { run: RUN, target: 'in-place', database: 'ida', kept: 'ida_before_3fa9c1', safety: '20261121T091500Z' } as const;

test('one in place that has kept the old database can be', () => expect(findUndoObstacle(inPlace)).toBeUndefined());

test.each<[string, Partial<Parameters<typeof findUndoObstacle>[0]>, RegExp, RegExp]>([
  ['beside', { target: 'beside', kept: undefined }, /replaced nothing: it made the new database "ida"/, /Drop that/],
  ['of an earlier release, beside', { target: undefined, kept: undefined }, /replaced nothing/, /Drop that/],
  ['undone', { undoneBy: LATER }, new RegExp(`undone already, by ${LATER}`), /evidence of the undo/],
  [
    'dropped',
    { droppedBy: LATER },
    new RegExp(`"ida_before_3fa9c1".* was dropped by ${LATER}`),
    /the safety backup of that restore is 2026/,
  ],
  [
    'dropped and made anew',
    { target: 'drop-and-create', kept: undefined },
    /kept no database: its target was drop-and-create/,
    /What "ida" was/,
  ],
  [
    'replayed, and nobody knows its safety backup',
    { target: 'clean-replay', kept: undefined, safety: undefined },
    /clean-replay/,
    /an earlier/,
  ],
])('not one %s', (_, change, why, advice) => {
  expect(findUndoObstacle({ ...inPlace, ...change })).toEqual({
    why: expect.stringMatching(why) as string,
    advice: expect.stringMatching(advice) as string,
  });
});
