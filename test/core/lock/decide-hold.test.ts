import { describe, expect, it } from 'vitest';
import { decideHold } from '../../../core/lock/decide-hold.ts';
import { describeHolds } from '../../../core/lock/describe-holds.ts';
import { readHoldInput } from '../../../core/lock/read-hold-input.ts';
import { FACT_FORMAT, type HeldFact, type ReleasedFact } from '../../../core/vault/facts.ts';

const POINT = { asset: 'main', point: '20261121T020000Z' };
const RUN = '20261121T100000Z-abcdef';
let hour = 0;
const word = (kind: 'held' | 'released', hold: string, id = `run-${hour}`): HeldFact | ReleasedFact => ({
  format: FACT_FORMAT,
  kind,
  system: 'ida',
  ...POINT,
  id,
  at: `2026-11-21T${String(hour++).padStart(2, '0')}:00:00.000Z`,
  hold,
  reason: `${kind} for a reason`,
  by: 'legal',
});
const add = (name?: string) => ({ action: 'add' as const, ...POINT, name });
const release = (name?: string) => ({ action: 'release' as const, ...POINT, name });

describe('a hold that is wanted', () => {
  const facts = [word('held', 'a'), word('held', 'b'), word('released', 'a')];
  it.each([
    ['put on', add('c'), { hold: 'c', write: 'held', holds: ['b', 'c'] }],
    ['named by its run', add(), { hold: `hold-${RUN}`, write: 'held', holds: ['b', `hold-${RUN}`] }],
    ['not put on twice', add('b'), { hold: 'b', write: undefined, holds: ['b'] }],
    ['put on anew once it was released', add('a'), { hold: 'a', write: 'held', holds: ['a', 'b'] }],
    ['released by its name', release('b'), { hold: 'b', write: 'released', holds: [] }],
    ['the only one that stands', release(), { hold: 'b', write: 'released', holds: [] }],
    ['not released twice', release('a'), { hold: 'a', write: undefined, holds: ['b'] }],
  ])('is %s', (_, wish, decision) => expect(decideHold(wish, facts, RUN)).toEqual(decision));

  it('is as its own run has written it, when a step is tried again', () => {
    const own = [...facts, word('released', 'b', RUN)];
    expect(decideHold(release(), own, RUN)).toEqual({ hold: 'b', write: undefined, holds: [] });
  });

  it('is refused when nobody knows it, or when it could be several', () => {
    expect(() => decideHold(release('z'), facts, RUN)).toThrow(
      /main\/20261121T020000Z was released: it never had one of the name 'z', .*: b$/,
    );
    expect(() => decideHold(release(), [...facts, word('held', 'c')], RUN)).toThrow(/none was named, and these stand on it: b, c$/);
    expect(() => decideHold(release(), [], RUN)).toThrow(/no hold stands on it/);
  });

  it('is told with who wanted it, and how it ended', () => {
    expect(describeHolds(facts)).toMatchObject([
      { hold: 'a', held: { reason: 'held for a reason' }, released: { by: 'legal', reason: 'released for a reason' } },
      { hold: 'b', held: { by: 'legal' } },
    ]);
    expect(describeHolds(facts)[1]).not.toHaveProperty('released');
  });
});

it('an input is refused with all that is wrong about it', () => {
  const refused = () => readHoldInput({ action: 'hide', asset: '../x', point: 'latest', reason: 'x', name: '-' });
  for (const field of ['action', 'asset', 'point', 'reason', 'name']) expect(refused).toThrow(new RegExp(`${field}: `));
  expect(readHoldInput({ action: 'add', ...POINT, reason: 'litigation' })).toEqual({ action: 'add', ...POINT, reason: 'litigation' });
});
