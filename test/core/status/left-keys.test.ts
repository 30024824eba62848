import { expect, test } from 'vitest';
import { readKeyStates } from '../../../core/escrow/key-state.ts';
import { describeLeftKey } from '../../../core/status/left-keys.ts';

const [first, second] = ['a1'.repeat(32), 'b2'.repeat(32)];
const statesOf = (...files: string[]) => [
  ...readKeyStates(
    files.map((file) => `ida/old/${file}`),
    'ida',
    'old',
    new Date('2026-11-21T00:00:00Z'),
  ).values(),
];
const opened = (fingerprint: string, day: string) => [
  `${fingerprint}/envelope`,
  `${fingerprint}/readback-202611${day}T020000Z-abcdef.json`,
];
const lost = (fingerprint: string, day: string) => `${fingerprint}/lost-202611${day}T020000Z-abcdef.json`;

test.each<[string, ReturnType<typeof statesOf>, object | undefined]>([
  ['of which nothing was ever kept is not told', statesOf(`${first}/strange.txt`, `${first}/unguarded-none.json`), undefined],
  [
    'of which an envelope is gone is lost, by the fact that outlasts the others',
    statesOf(`${first}/version-v1.json`, ...opened(second, '14')),
    {
      values: 1,
      lost: [first],
      text: 'old is no longer in the plan; 1 value of it stays in escrow, each opened at 2026-11-14 02:00:00 UTC or since; has no envelope any more: a1a1a1a1a1a1',
    },
  ],
  [
    'of which nothing but facts is left is lost',
    statesOf(opened(first, '14')[1]!),
    {
      values: 0,
      openedAt: undefined,
      lost: [first],
      text: 'old is no longer in the plan; no value of it stays in escrow; has no envelope any more: a1a1a1a1a1a1',
    },
  ],
  [
    'of which the other region has the envelope is kept',
    [...statesOf(`${first}/version-v1.json`), ...statesOf(...opened(first, '14'))],
    { values: 1, lost: [] },
  ],
  [
    'of which one value cannot be opened and another has no envelope names both',
    statesOf(...opened(second, '14'), lost(second, '15'), `${first}/version-v1.json`),
    {
      lost: [first, second],
      text: expect.stringMatching(/; could not be opened any more: b2b2b2b2b2b2; has no envelope any more: a1a1a1a1a1a1$/) as string,
    },
  ],
  [
    'is told by the value that was opened longest ago',
    statesOf(...opened(first, '20'), ...opened(second, '14')),
    {
      values: 2,
      openedAt: '2026-11-14T02:00:00.000Z',
      lost: [],
      text: 'old is no longer in the plan; 2 values of it stay in escrow, each opened at 2026-11-14 02:00:00 UTC or since',
    },
  ],
  [
    'that the other region opened is not lost',
    [...statesOf(...opened(first, '14'), lost(first, '15')), ...statesOf(...opened(first, '15'))],
    {
      values: 1,
      openedAt: '2026-11-15T02:00:00.000Z',
      lost: [],
    },
  ],
  [
    'that no place could open is lost',
    statesOf(...opened(first, '14'), lost(first, '15')),
    {
      lost: [first],
      text: expect.stringMatching(/; could not be opened any more: a1a1a1a1a1a1$/) as string,
    },
  ],
  [
    'that was never opened is told so',
    statesOf(`${first}/envelope`),
    {
      openedAt: undefined,
      text: 'old is no longer in the plan; 1 value of it stays in escrow, of which some were never opened',
    },
  ],
])('a key that left the plan, %s', (_, states, expected) => {
  const told = describeLeftKey('old', states);
  if (expected === undefined) expect(told).toBeUndefined();
  else expect(told).toMatchObject(expected);
});
