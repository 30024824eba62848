import { expect, test } from 'vitest';
import { CURRENT, idAfter, selectCurrentAfter, selectCurrentFingerprint } from '../../../core/escrow/current-key.ts';
import { envelopeKey, escrowFactKey } from '../../../core/vault/keys.ts';

const RUN = '20261121T020000Z-ffffff';
const current = (fingerprint: string, run: string) => escrowFactKey('ida', 'wallet-key', fingerprint, CURRENT, run);

test.each<[string, string[], string | undefined]>([
  ['nothing, when nothing is in escrow', [], undefined],
  ['nothing, when only old versions are', [envelopeKey('ida', 'wallet-key', 'aa')], undefined],
  ['the one of the newest run', [current('bb', '20261121T020000Z-ffffff'), current('aa', '20261122T020000Z-000000')], 'aa'],
  [
    'an old value again, after a rotation was taken back',
    [current('aa', '2026-1'), current('bb', '2026-2'), current('aa', '2026-3')],
    'aa',
  ],
  ['the same of two of one run in any order', [current('bb', '2026-1'), current('aa', '2026-1')], 'bb'],
  ['the same of two of one run in any order', [current('aa', '2026-1'), current('bb', '2026-1')], 'bb'],
  ['the one that a run settled', [current('bb', RUN), current('aa', idAfter(RUN)), current('aa', RUN)], 'aa'],
  ['that of the next run', [current('aa', idAfter(RUN)), current('bb', '20261121T020002Z-000000')], 'bb'],
  [
    'nothing of another key asset or system',
    [escrowFactKey('ida', 'other', 'cc', CURRENT, '2'), escrowFactKey('x', 'wallet-key', 'cc', CURRENT, '2')],
    undefined,
  ],
  ['nothing of another fact', [escrowFactKey('ida', 'wallet-key', 'cc', 'readback', '2')], undefined],
])('the current value is %s', (_, listed, expected) => {
  expect(selectCurrentFingerprint(listed, 'ida', 'wallet-key')).toBe(expected);
});

const NOON = new Date('2026-11-21T12:00:00Z');
test.each<[string, string[], string[]]>([
  ['nothing, when nothing is in escrow', [], []],
  ['nothing, when the same value was looked at again', [current('aa', '20261121T020000Z-1'), current('aa', '20261121T130000Z-1')], []],
  ['not what was looked at last in that instant', [current('aa', '20261120T020000Z-1'), current('bb', '20261121T120000Z-1')], []],
  [
    'every value of every rotation since, the newest first',
    [
      current('aa', '20261121T020000Z-1'),
      current('cc', '20261121T140000Z-1'),
      current('bb', '20261121T130000Z-1'),
      current('cc', '20261121T150000Z-1'),
    ],
    ['cc', 'bb'],
  ],
  [
    'a value that came back, once',
    [current('aa', '20261121T020000Z-1'), current('bb', '20261121T130000Z-1'), current('aa', '20261121T140000Z-1')],
    ['aa', 'bb'],
  ],
  ['the first that there ever was', [current('aa', '20261121T130000Z-1')], ['aa']],
  ['nothing that a strange name says', [current('aa', '20261121T020000Z-1'), current('bb', '2026-2')], []],
])('what became current since is %s', (_, listed, expected) => {
  expect(selectCurrentAfter(listed, 'ida', 'wallet-key', NOON)).toEqual(expected);
  expect(selectCurrentAfter(listed.toReversed(), 'ida', 'wallet-key', NOON)).toEqual(expected);
});
