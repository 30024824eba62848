import { expect, test } from 'vitest';
import { readKeyStates } from '../../../core/escrow/key-state.ts';
import { findKeyProblems, findMissingKeys } from '../../../core/restore/missing-keys.ts';

const NOW = new Date('2026-11-21T10:00:00Z');
const LATER = new Date('2027-02-18T00:45:01Z');
const [one, two] = ['a1'.repeat(32), 'b2'.repeat(32)];
const offline = { wallet: { recipients: '0123456789abcdef', validSeconds: 365 * 86_400 } };
const NEEDS = { needsKeys: [], offline };
const known = (...files: string[]) => ({
  wallet: [
    ...readKeyStates(
      files.map((file) => `ida/wallet/${file}`),
      'ida',
      'wallet',
      NOW,
    ).values(),
  ],
});
const opened = (fingerprint: string) => [`${fingerprint}/envelope`, `${fingerprint}/readback-20261120T004500Z-abcdef.json`];
const lost = (fingerprint: string) => `${fingerprint}/lost-20261121T004500Z-abcdef.json`;
const point = (...fingerprints: string[]) => ({ keys: fingerprints.map((fingerprint) => ({ key: 'wallet', fingerprint })) });

test.each([
  ['a point of no key needs none', point(), [], known(), []],
  ['a key that was opened', point(one), ['wallet'], known(...opened(one)), []],
  [
    'an envelope that nobody opened',
    point(one),
    [],
    known(`${one}/envelope`),
    ['its key wallet (a1a1a1a1a1a1) was never opened from escrow'],
  ],
  ['a value that escrow never had', point(two), [], known(...opened(one)), ['its key wallet (b2b2b2b2b2b2) has no envelope in escrow']],
  [
    'a value that can no longer be opened',
    point(one),
    [],
    known(...opened(one), lost(one)),
    ['its key wallet (a1a1a1a1a1a1) could not be opened from escrow by the run 20261121T004500Z-abcdef'],
  ],
  ['its own value, not that of another point', point(two), [], known(...opened(one), lost(one), ...opened(two)), []],
  ['one place is enough', point(one), [], { wallet: [...known(...opened(one), lost(one)).wallet, ...known(...opened(one)).wallet] }, []],
  [
    'an offline file that was proven',
    point(one),
    [],
    known(...opened(one), lost(one), `${one}/offline-proof-0123456789abcdef-20261101T000000Z-abcdef.json`),
    [],
  ],
  [
    'an offline file that was proven by nobody knows whose shares, of which there is one, for the recipients of the plan',
    point(one),
    [],
    known(...opened(one), lost(one), `${one}/offline-0123456789abcdef.json`, `${one}/offline-proof-20261101T000000Z-abcdef.json`),
    [],
  ],
  [
    'one that was proven in one place and failed since in the other is not proven',
    point(one),
    [],
    {
      wallet: [
        ...known(`${one}/offline-proof-0123456789abcdef-20261101T000000Z-abcdef.json`).wallet,
        ...known(`${one}/offline-failed-0123456789abcdef-20261102T000000Z-abcdef.json`).wallet,
      ],
    },
    ['its key wallet (a1a1a1a1a1a1) has no envelope in escrow; its offline file did not give it when witnesses last looked'],
  ],
  [
    'one that was made again since it was proven',
    point(one),
    [],
    known(
      `${one}/offline-proof-0123456789abcdef-20261101T000000Z-abcdef.json`,
      `${one}/offline-0123456789abcdef-20261102T000000Z-abcdef.json`,
    ),
    [
      'its key wallet (a1a1a1a1a1a1) has no envelope in escrow; its offline file was made again by the run 20261102T000000Z-abcdef, and not proven since',
    ],
  ],
  [
    'one that was made again, and proven from a medium of before',
    point(one),
    [],
    known(
      `${one}/offline-0123456789abcdef-20261101T000000Z-abcdef.json`,
      `${one}/offline-proof-0123456789abcdef-first-20261102T000000Z-abcdef.json`,
    ),
    [
      'its key wallet (a1a1a1a1a1a1) has no envelope in escrow; its offline file was made again by the run 20261101T000000Z-abcdef, and not proven since',
    ],
  ],
  [
    'one that was made again, and proven',
    point(one),
    [],
    known(
      `${one}/offline-0123456789abcdef-20261101T000000Z-abcdef.json`,
      `${one}/offline-proof-0123456789abcdef-20261101T000000Z-abcdef-20261102T000000Z-abcdef.json`,
    ),
    [],
  ],
  [
    'one that was proven more than the plan’s year ago',
    point(one),
    [],
    known(`${one}/offline-proof-0123456789abcdef-20251101T000000Z-abcdef.json`),
    ['its key wallet (a1a1a1a1a1a1) has no envelope in escrow; its offline file was last proven 385.4 days ago, and 365 days are allowed'],
  ],
  [
    'one that was proven for others',
    point(one),
    [],
    known(`${one}/offline-proof-ffffffffffffffff-20261101T000000Z-abcdef.json`),
    ['its key wallet (a1a1a1a1a1a1) has no envelope in escrow; its offline file was proven for recipients that the plan does not name'],
  ],
  [
    'an offline file alone is no proof',
    point(one),
    [],
    known(`${one}/offline-0123456789abcdef.age`, `${one}/offline-0123456789abcdef.json`),
    ['its key wallet (a1a1a1a1a1a1) has no envelope in escrow'],
  ],
  [
    'a point from before the key was in escrow',
    point(),
    ['wallet'],
    known(),
    ['it names no version of the key wallet, which was not in escrow when it was made'],
  ],
  ['what was not looked at is not said to be lost', point(one), ['wallet'], {}, []],
])('%s', (_, manifest, needs, states, expected) => {
  expect(findMissingKeys(manifest, { needsKeys: needs, offline }, states, NOW)).toEqual(expected);
});

test('a value that was not opened for a season is not said to be recoverable, but may be', () => {
  const states = known(...opened(one));
  const inTime = new Date(LATER.getTime() - 1000);
  expect(findMissingKeys(point(one), NEEDS, states, inTime)).toEqual([]);
  expect(findMissingKeys(point(one), NEEDS, states, LATER)).toEqual([
    'its key wallet (a1a1a1a1a1a1) was last opened from escrow by the run 20261120T004500Z-abcdef, and 90 days are allowed',
  ]);
  expect(findKeyProblems(point(one), NEEDS, states, LATER)).toMatchObject([{ mayOpen: true }]);
});
