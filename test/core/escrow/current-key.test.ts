import { expect, test } from 'vitest';
import { CURRENT, idAfter, selectCurrentAfter, selectCurrentFingerprint } from '../../../core/escrow/current-key.ts';
import { selectInUseAfter } from '../../../core/escrow/earlier-values.ts';
import { envelopeKey, escrowFactKey } from '../../../core/vault/keys.ts';

const RUN = '20261121T020000Z-ffffff';
const NOW = new Date('2026-11-23T00:00:00Z');
const current = (fingerprint: string, run: string) => escrowFactKey('ida', 'wallet-key', fingerprint, CURRENT, run);

test.each<[string, string[], string | undefined]>([
  ['nothing, when nothing is in escrow', [], undefined],
  ['nothing, when only old versions are', [envelopeKey('ida', 'wallet-key', 'aa')], undefined],
  ['the one of the newest run', [current('bb', '20261121T020000Z-ffffff'), current('aa', '20261122T020000Z-000000')], 'aa'],
  [
    'an old value again, after a rotation was taken back',
    [current('aa', '20261120T010000Z-000000'), current('bb', '20261120T020000Z-000000'), current('aa', '20261120T030000Z-000000')],
    'aa',
  ],
  ['the same of two of one run in any order', [current('bb', '20261120T010000Z-000000'), current('aa', '20261120T010000Z-000000')], 'bb'],
  ['the same of two of one run in any order', [current('aa', '20261120T010000Z-000000'), current('bb', '20261120T010000Z-000000')], 'bb'],
  ['the one that a run settled', [current('bb', RUN), current('aa', idAfter(RUN)), current('aa', RUN)], 'aa'],
  ['that of the next run', [current('aa', idAfter(RUN)), current('bb', '20261121T020002Z-000000')], 'bb'],
  [
    'nothing of another key asset or system',
    [escrowFactKey('ida', 'other', 'cc', CURRENT, RUN), escrowFactKey('x', 'wallet-key', 'cc', CURRENT, RUN)],
    undefined,
  ],
  ['nothing of another fact', [escrowFactKey('ida', 'wallet-key', 'cc', 'readback', RUN)], undefined],
])('the current value is %s', (_, listed, expected) => {
  expect(selectCurrentFingerprint(listed, 'ida', 'wallet-key', NOW)).toBe(expected);
});

const NOON = new Date('2026-11-21T12:00:00Z');
test.each<[string, string[], string[]]>([
  ['nothing, when nothing is in escrow', [], []],
  [
    'nothing, when the same value was looked at again',
    [current('aa', '20261121T020000Z-000001'), current('aa', '20261121T130000Z-000001')],
    [],
  ],
  ['not what was looked at last in that instant', [current('aa', '20261120T020000Z-000001'), current('bb', '20261121T120000Z-000001')], []],
  [
    'every value of every rotation since, the newest first',
    [
      current('aa', '20261121T020000Z-000001'),
      current('cc', '20261121T140000Z-000001'),
      current('bb', '20261121T130000Z-000001'),
      current('cc', '20261121T150000Z-000001'),
    ],
    ['cc', 'bb'],
  ],
  [
    'a value that came back, once',
    [current('aa', '20261121T020000Z-000001'), current('bb', '20261121T130000Z-000001'), current('aa', '20261121T140000Z-000001')],
    ['aa', 'bb'],
  ],
  ['the first that there ever was', [current('aa', '20261121T130000Z-000001')], ['aa']],
  ['nothing that a strange name says', [current('aa', '20261121T020000Z-000001'), current('bb', '2026-2')], []],
])('what became current since is %s', (_, listed, expected) => {
  expect(selectCurrentAfter(listed, 'ida', 'wallet-key', NOON, NOW)).toEqual(expected);
  expect(selectCurrentAfter(listed.toReversed(), 'ida', 'wallet-key', NOON, NOW)).toEqual(expected);
});

const earlier = (fingerprint: string) => escrowFactKey('ida', 'wallet-key', fingerprint, 'version', fingerprint);
const ROTATED = [
  ...['11', '22', '33', '44'].map(earlier),
  current('11', '20261001T010000Z-000001'),
  current('22', '20261101T010000Z-000001'),
  current('33', '20261120T010000Z-000001'),
  current('33', '20261122T010000Z-000001'),
  // Never seen in use: replaced before the first run that saw it.
  escrowFactKey('ida', 'wallet-key', '44', 'unguarded', '20261120T010000Z-000001'),
  escrowFactKey('ida', 'wallet-key', '44', 'readback', '20261122T010000Z-000001'),
];
test.each<[string, string, string[]]>([
  ['the one in use, when none was replaced since', '2026-11-21T00:00:00Z', ['33']],
  ['also what was replaced in that time, although it came into use before it', '2026-11-19T00:00:00Z', ['33', '22', '44']],
  ['not what was replaced before', '2026-11-01T01:00:00Z', ['33', '22', '44']],
  ['all that there ever was', '1970-01-01T00:00:00Z', ['33', '22', '44', '11']],
])('in use after an instant was %s', (_, after, expected) => {
  for (const listed of [ROTATED, ROTATED.toReversed()])
    expect(selectInUseAfter(listed, 'ida', 'wallet-key', new Date(after), NOW)).toEqual(expected);
});

test('in use after an instant was a value that came back, and none that is not in escrow, or is of another key', () => {
  const after = new Date('2026-11-21T00:00:00Z');
  const back = [...ROTATED, current('11', '20261122T020000Z-000001')];
  expect(selectInUseAfter(back, 'ida', 'wallet-key', after, NOW)).toEqual(['11', '33']);
  const strange = [
    escrowFactKey('ida', 'wallet-key', '55', 'readback', '20261122T010000Z-000001'),
    escrowFactKey('ida', 'other', '66', 'version', '66'),
  ];
  expect(selectInUseAfter([...ROTATED, ...strange], 'ida', 'wallet-key', after, NOW)).toEqual(['33']);
  // As it is noted a moment before any run has dated it.
  expect(selectInUseAfter([...ROTATED, earlier('77')], 'ida', 'wallet-key', after, NOW)).toEqual(['33', '77']);
});
