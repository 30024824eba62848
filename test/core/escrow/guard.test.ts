import { describe, expect, test } from 'vitest';
import { readWithoutValue } from '../../../core/escrow/empty-versions.ts';
import { findObstacles, type GuardQuestion } from '../../../core/escrow/guard.ts';
import { keysOfSecret } from '../../../core/escrow/key-sources.ts';
import { readKeyStates } from '../../../core/escrow/key-state.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const [old, current] = ['a1'.repeat(32), 'b2'.repeat(32)];
const seen = (...files: string[]) => {
  const listed = files.map((file) => `ida/wallet/${file}`);
  const empty = new Set(readWithoutValue(listed, 'ida', 'wallet').map(({ id }) => id));
  return { states: readKeyStates(listed, 'ida', 'wallet', NOW), empty };
};
const proven = [
  `${old}/envelope`,
  `${old}/version-v1.json`,
  `${current}/envelope`,
  `${current}/version-v2.json`,
  `${current}/readback-20261121T004500Z-abcdef.json`,
];
const question = (over: Partial<GuardQuestion> = {}, home: string[] = proven): GuardQuestion => ({
  key: 'wallet',
  versions: [
    { id: 'v1', label: 'old' },
    { id: 'v2', label: 'current' },
    { id: 'v3', label: 'pending' },
  ],
  places: [
    { name: 'home', ...seen(...home) },
    { name: 'away', ...seen(...proven) },
  ],
  limitSeconds: 25 * 3600,
  ...over,
});
const obstacles = (over: Partial<GuardQuestion> = {}, home: string[] = proven) => findObstacles(question(over, home), NOW);
const without = (part: string) => proven.filter((file) => !file.includes(part));

describe('a rotation', () => {
  test('goes on when the version to be replaced was opened in both regions', () => {
    expect(obstacles()).toEqual([]);
  });
  test.each([
    ['never seen', without('version-v2'), /\(v2\) is not in escrow in home/],
    ['only named', without(`${current}/envelope`), /\(v2\) is not in escrow in home/],
    ['never opened', without('readback'), /\(v2\) was never opened in home/],
    [
      'lost since',
      [...proven, `${current}/lost-20261121T020000Z-abcdef.json`],
      /\(v2\) could not be opened in home by the run 20261121T020000Z/,
    ],
    [
      'opened too long ago',
      [...without('readback'), `${current}/readback-20261120T100000Z-abcdef.json`],
      /last opened in home by the run 20261120T100000Z.*25 h are allowed/,
    ],
    [
      'opened by a run that is still to come',
      [...without('readback'), `${current}/readback-20261122T004500Z-abcdef.json`],
      /\(v2\) was never opened in home/,
    ],
    ['before an earlier one is in escrow', without('version-v1'), /An earlier version of wallet \(v1\) is not in escrow in home/],
  ])('is refused of a version %s, by that region alone', (_, home, why) => {
    expect(obstacles({}, home)).toEqual([expect.stringMatching(why)]);
  });
  test('goes on whatever is said by runs that are still to come, or can never come', () => {
    const planted = ['20261122T004500Z-abcdef', '99999999T999999Z-abcdef'].flatMap((run) =>
      ['readback', 'lost', 'current'].map((kind) => `${current}/${kind}-${run}.json`),
    );
    expect(obstacles({}, [...proven, ...planted])).toEqual([]);
  });
  test.each(['empty', 'keyless', 'undecryptable'])('goes on beside an earlier version that both regions know as %s', (kind) => {
    const empty = [...without('version-v1'), `${kind}-v1.json`];
    expect(obstacles({}, empty)).toEqual([]);
    const places = [seen(...empty), seen(...without('version-v1'))].map((one, i) => ({ name: ['home', 'away'][i] ?? '', ...one }));
    expect(obstacles({ places })).toEqual(['An earlier version of wallet (v1) is not in escrow in away']);
  });
  test('is refused without a current version', () => {
    expect(obstacles({ versions: [{ id: 'v1', label: 'old' }] })).toEqual(['The source of wallet has no current version']);
  });
  test('that has made its version current is done', () => {
    expect(obstacles({ replacement: 'v2' }, [])).toEqual([]);
    expect(obstacles({ replacement: 'v3' }, [])).not.toEqual([]);
  });
});

test('a secret is known by its name and by its ARN, and no other by a name that begins alike', () => {
  const sources = {
    a: { secret: 'ida/key', field: 'A' },
    b: { secret: 'ida/key', field: 'B' },
    c: { secret: 'ida/key-2' },
    d: { parameter: 'ida/key' },
  };
  const arn = (name: string) => `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}-AbCdEf`;
  expect(keysOfSecret(sources, 'ida/key')).toEqual(['a', 'b']);
  expect(keysOfSecret(sources, arn('ida/key'))).toEqual(['a', 'b']);
  expect(keysOfSecret(sources, arn('ida/key-2'))).toEqual(['c']);
  expect(keysOfSecret(sources, arn('ida/other'))).toEqual([]);
});
