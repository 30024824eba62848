/** The point that an instant means: the newest whose data is not newer, whenever its run was due. */
import { expect, it } from 'vitest';
import { choosePoint, describeAsOf, type PointWish } from '../../../core/restore/choose-point.ts';
import type { ListedPoint } from '../../../core/vault/read-point.ts';
import { PointRecordDamaged } from '../../../core/vault/record-errors.ts';

const DATA: Record<string, string> = {
  '20261121T030000Z': '2026-11-21T03:00:05.000Z',
  // Retried until its source was there.
  '20261121T020000Z': '2026-11-21T02:40:00.000Z',
  '20261121T010000Z': '2026-11-21T01:00:05.000Z',
  '20261121T000000Z': '2026-11-21T00:00:05.000Z',
};
const points = Object.keys(DATA).map((point): ListedPoint => ({
  point,
  kinds: new Set(['verified']),
  isHidden: false,
  isOverwritten: false,
  isSigned: true,
}));
const asOf = (instant: string): PointWish => ({ before: new Date(instant) });

async function choose(wish: PointWish, damaged?: string, listed = points) {
  const read: string[] = [];
  const chosen = await choosePoint(wish, listed, 'vault', {
    records: () => Promise.resolve(undefined),
    dataAt(point) {
      read.push(point);
      return point === damaged ? Promise.reject(new PointRecordDamaged(point)) : Promise.resolve(DATA[point] ?? '');
    },
  });
  return { chosen, read };
}

it.each([
  ['2026-11-21T02:15:00Z', '20261121T010000Z', '1 h 14 min before it'],
  ['2026-11-21T02:40:00Z', '20261121T020000Z', '0 ms before it'],
  ['2026-11-21T02:39:59Z', '20261121T010000Z', '1 h 39 min before it'],
  ['2026-11-21T05:00:00+01:00', '20261121T030000Z', '59 min 55 s before it'],
])('at %s it is %s', async (instant, point, before) => {
  const { chosen } = await choose(asOf(instant));
  expect(chosen).toEqual({ point, dataAt: DATA[point] });
  expect(describeAsOf(asOf(instant), { point, dataAt: DATA[point] ?? '' })).toEqual([
    expect.stringMatching(new RegExp(`${DATA[point]}, ${before}$`)) as string,
  ]);
});

it('reads no more than it must, and nothing for an id or the newest', async () => {
  expect((await choose(asOf('2026-11-21T02:15:00Z'))).read).toEqual(['20261121T020000Z', '20261121T010000Z']);
  expect(await choose('latest')).toEqual({ chosen: { point: '20261121T030000Z' }, read: [] });
  expect(await choose({ point: '20261121T020000Z' })).toEqual({ chosen: { point: '20261121T020000Z' }, read: [] });
});

it('passes over what cannot be restored', async () => {
  const unverified = points.map((one) => (one.point === '20261121T010000Z' ? { ...one, kinds: new Set<never>([]) } : one));
  expect((await choose(asOf('2026-11-21T02:15:00Z'), undefined, unverified)).chosen).toMatchObject({ point: '20261121T000000Z' });
});

it('names what there is when nothing is as old', async () => {
  const { chosen } = await choose(asOf('2026-11-21T00:00:01Z'));
  expect(chosen).toMatchObject({ problem: expect.stringMatching(/as old as 2026-11-21T00:00:01.*20261121T030000Z/) as string });
});

it('takes no older point unasked for one whose record is damaged', async () => {
  await expect(choose(asOf('2026-11-21T02:45:00Z'), '20261121T020000Z')).rejects.toThrow(PointRecordDamaged);
});
