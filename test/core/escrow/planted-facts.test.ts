/**
 * Names that somebody planted among the facts of a key, who may write there: of no instant that there is, of one that is still to come,
 * of no run. Each stands beside the true facts, and changes nothing of what anybody says of the key.
 */
import { describe, expect, test } from 'vitest';
import { selectCurrentAfter, selectCurrentFingerprint, selectCurrentSince } from '../../../core/escrow/current-key.ts';
import { findObstacles, findObstaclesAtEnd } from '../../../core/escrow/guard.ts';
import { readKeyStates, type KeyVersionState } from '../../../core/escrow/key-state.ts';
import { currentValue, openedLately } from '../../../core/escrow/look-due.ts';
import { selectSealing } from '../../../core/escrow/sealing.ts';
import { findKeyProblems } from '../../../core/restore/missing-keys.ts';
import { decideKeyColour } from '../../../core/status/decide-key.ts';
import { describeLeftKey } from '../../../core/status/left-keys.ts';
import { keyState, NOW } from '../status/states.ts';

const [one, two] = ['a1'.repeat(32), 'b2'.repeat(32)];
const RUN = '20261121T020000Z-abcdef';
const BEFORE = '20261120T020000Z-abcdef';
const KEYS_ID = '0123456789abcdef';

const PLANTED = [
  ['of no instant', '99999999T999999Z-aaaaaa'],
  ['of no instant that sorts first', '00000000T000000Z-aaaaaa'],
  ['of a day that the month has not', '20261131T020000Z-aaaaaa'],
  ['that is still to come', '20261121T120501Z-aaaaaa'],
  ['of years ahead', '20991231T020000Z-aaaaaa'],
  ['of no run', 'zzzz'],
  ['of an instant alone', '20261121T110000Z'],
] as const;
const KINDS = ['readback', 'lost', 'current', 'unguarded', 'offline-proof', 'offline-failed'] as const;

const opened = (value: string, run = RUN) => [
  `${value}/envelope-${KEYS_ID}`,
  `${value}/readback-${run}.json`,
  `${value}/version-${value.slice(0, 2)}.json`,
];
const TRUE_FACTS = [
  ['a key that can be got back', [...opened(one), `${one}/current-${RUN}.json`, ...opened(two, BEFORE), `${two}/current-${BEFORE}.json`]],
  [
    'a key that can not',
    [
      ...opened(one, BEFORE),
      `${one}/lost-${RUN}.json`,
      `${one}/current-${RUN}.json`,
      ...opened(two, BEFORE),
      `${two}/current-${BEFORE}.json`,
    ],
  ],
  [
    'a key of which a witness saw the file',
    [
      ...opened(one, BEFORE),
      `${one}/lost-${RUN}.json`,
      `${one}/current-${RUN}.json`,
      `${one}/offline-${KEYS_ID}.json`,
      `${one}/offline-proof-${KEYS_ID}-${BEFORE}.json`,
      ...opened(two),
      `${two}/unguarded-${BEFORE}.json`,
    ],
  ],
] as const;

const listed = (files: readonly string[]) => files.map((file) => `ida/wallet/${file}`);

/** All that is ever said of a key by the names of its facts. */
function sayAll(files: readonly string[]) {
  const keys = listed(files);
  const states = readKeyStates(keys, 'ida', 'wallet', NOW);
  const all = [...states.values()];
  const versions = (['vault', 'replica'] as const).flatMap((place) => all.map((state) => ({ place, state })));
  const places = [{ name: 'home', states, empty: new Set<string>() }];
  const sources = [
    { id: one.slice(0, 2), label: 'current' },
    { id: two.slice(0, 2), label: 'old' },
  ] as const;
  const question = { key: 'wallet', versions: sources, places, limitSeconds: 25 * 3600 };
  const current = selectCurrentFingerprint(keys, 'ida', 'wallet', NOW);
  return {
    states: all.map(sorted),
    current,
    inUse: currentValue(states),
    since: selectCurrentAfter(keys, 'ida', 'wallet', new Date('2026-11-20T00:00:00Z'), NOW),
    settled: selectCurrentSince(states, RUN).map(({ fingerprint }) => fingerprint),
    due: [one, two].map((value) => openedLately(states.get(value), '20261121T030000Z-abcdef')),
    sealing: selectSealing(KEYS_ID, '20261121T030000Z-abcdef', [{ state: states.get(one)!, lostReason: 'envelope-altered' }]),
    guard: findObstacles(question, NOW),
    guardAtEnd: findObstaclesAtEnd(question),
    restorable: [one, two].map((fingerprint) =>
      findKeyProblems(
        { keys: [{ key: 'wallet', fingerprint }] },
        { needsKeys: ['wallet'], offline: { wallet: { recipients: KEYS_ID, validSeconds: 365 * 86_400 } } },
        { wallet: all },
        NOW,
      ),
    ),
    colour: decideKeyColour(keyState({ current, versions }), NOW),
    left: describeLeftKey('wallet', all),
  };
}

const sorted = (state: KeyVersionState) => ({ ...state, secretVersions: state.secretVersions.toSorted() });

describe.each(TRUE_FACTS)('%s', (_, files) => {
  const said = sayAll(files);
  describe.each(KINDS)('and a fact %s', (kind) => {
    test.each(PLANTED)('%s', (__, run) => {
      for (const value of [one, two])
        for (const name of kind.startsWith('offline')
          ? [`${kind}-${run}`, `${kind}-${KEYS_ID}-${run}`, `${kind}-${KEYS_ID}-first-${run}`, `${kind}-${KEYS_ID}-${BEFORE}-${run}`]
          : [`${kind}-${run}`])
          expect(sayAll([...files, `${value}/${name}.json`])).toEqual(said);
    });
  });

  test.each(PLANTED)('and an offline file made again by a run %s', (__, run) => {
    expect(sayAll([...files, `${one}/offline-${KEYS_ID}-${run}.json`])).toEqual(said);
  });
});

test('what is true is said otherwise: the three are three', () => {
  const [good, lost, seen] = TRUE_FACTS.map(([, files]) => sayAll(files));
  expect(good?.restorable).toEqual([[], []]);
  expect(lost?.restorable).toEqual([[expect.objectContaining({ mayOpen: false })], []]);
  expect(seen?.restorable).toEqual([[], []]);
  expect([good?.current, good?.inUse, good?.guard]).toEqual([one, one, []]);
  expect(lost?.guard).toHaveLength(1);
  expect(seen?.colour.reasons.map(({ code }) => code)).toContain('rotation-unguarded');
  expect([good?.sealing, lost?.sealing]).toEqual([undefined, `${KEYS_ID}-20261121T030000Z-abcdef`]);
});

test('a fact of the present second is taken, whoever’s clock is ahead by a minute', () => {
  const state = readKeyStates(listed([...opened(one), `${one}/lost-20261121T120100Z-abcdef.json`]), 'ida', 'wallet', NOW).get(one);
  expect(state?.lostRun).toBe('20261121T120100Z-abcdef');
});
