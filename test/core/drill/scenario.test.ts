import { describe, expect, it } from 'vitest';
import type { DrillResult } from '../../../core/drill/contract.ts';
import { readDrillInput } from '../../../core/drill/read-input.ts';
import { checkedSeconds, recoveryTimes } from '../../../core/drill/recovery-times.ts';
import { selectPoint } from '../../../core/drill/select-point.ts';
import type { Fact } from '../../../core/vault/facts.ts';
import type { ListedPoint } from '../../../core/vault/read-point.ts';

const scenarios = {
  deleted: { assets: ['orders'], from: 'vault' as const, noticedAfterSeconds: 43_200 },
  gone: { assets: ['orders'], from: 'replica' as const },
};

describe('a drill of a scenario', () => {
  const read = (scenario: string, asset = 'orders', side: 'vault' | 'replica' = 'vault') =>
    readDrillInput({ asset, scenario }, ['orders', 'users'], side, scenarios);

  it('is one of the plan’s, of an asset that it is about, where its points are', () => {
    expect(read('deleted')).toEqual({ asset: 'orders', scenario: 'deleted' });
    expect(read('gone', 'orders', 'replica')).toEqual({ asset: 'orders', scenario: 'gone' });
  });
  it.each([
    ['burnt', 'orders', 'vault', "the plan has none of the name 'burnt', but deleted, gone"],
    ['deleted', 'users', 'vault', 'deleted is about orders'],
    ['gone', 'orders', 'vault', 'gone restores from the replica, and this machine from the vault'],
  ] as const)('%s of %s in the %s is refused', (scenario, asset, side, why) => expect(() => read(scenario, asset, side)).toThrow(why));
  it('of a plan without scenarios is refused, and a plain drill is not', () => {
    expect(() => readDrillInput({ asset: 'orders', scenario: 'x' }, ['orders'], 'vault')).toThrow('none at all');
    expect(readDrillInput({ asset: 'orders' }, ['orders'], 'vault')).toEqual({ asset: 'orders' });
  });
});

describe('the point of damage that was noticed late', () => {
  const point = (id: string, ...kinds: Fact['kind'][]) => ({ point: id, kinds: new Set(kinds) }) as unknown as ListedPoint;
  const points = [
    point('20261121T000000Z', 'verified'),
    point('20261120T120000Z', 'verified'),
    point('20261120T060000Z'),
    point('20261120T000000Z', 'verified'),
  ];
  const before = (at: string, ...late: string[]) => selectPoint(points, 'vault', undefined, { at: new Date(at), in: new Set(late) });

  it('is the newest from before, to the second', () => {
    expect(before('2026-11-20T12:00:00Z')).toEqual({ found: true, point: '20261120T120000Z' });
    expect(before('2026-11-20T11:59:59Z')).toEqual({ found: true, point: '20261120T000000Z' });
    expect(before('2026-11-20T12:00:00Z', '20261120T120000Z')).toEqual({ found: true, point: '20261120T000000Z' });
    expect(selectPoint(points, 'vault', undefined)).toEqual({ found: true, point: '20261121T000000Z' });
  });
  it('is none where every one is later', () =>
    expect(before('2026-11-19T00:00:00Z')).toEqual({
      found: false,
      reason:
        'No point in the vault that can be restored is from before 2026-11-19T00:00:00.000Z. Possible, newest first: 20261121T000000Z, 20261120T120000Z, 20261120T000000Z',
    }));
  it('is the one that is asked for, where one is', () =>
    expect(selectPoint(points, 'vault', '20261121T000000Z', { at: new Date('2026-11-20T00:00:00Z'), in: new Set() })).toEqual({
      found: true,
      point: '20261121T000000Z',
    }));
});

it('the phases of a drill are the times of a recovery, but for the removal', () => {
  const names = ['retrieve', 'check-bytes', 'start-database', 'restore', 'checks', 'keys', 'remove'] as const;
  const phases = names.map((name, i) => ({ name, seconds: 10 ** i }));
  expect(checkedSeconds({ result: { phases } as unknown as DrillResult })).toBe(110_000);
  expect(recoveryTimes({ phases }, 0.5)).toEqual({ retrievalSeconds: 1.5, restoreSeconds: 1110, validationSeconds: 110_000 });
});
