/** What the decision is given of a vault: one listing, and the records of the few points that it is about. */
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../../core/ports/object-errors.ts';
import type { ObjectReader } from '../../../core/ports/object-store.ts';
import { decideRetention, type Decision } from '../../../core/retention/decide.ts';
import { readPointStates } from '../../../core/retention/inventory.ts';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';
import { manifestKey } from '../../../core/vault/keys.ts';
import { ASSET } from '../vault-world.ts';
import { daysAgo, makeRetentionWorld, NOW, type RetentionWorld } from './retention-world.ts';

const DAY_SECONDS = 86_400;
const POLICY: RetentionPolicy = { hotSeconds: 10 * DAY_SECONDS, monthlySeconds: 366 * DAY_SECONDS, keepProven: 1, zone: 'UTC' };

/** The decision, and the points of which something was read. */
async function decide({ system, ports: { vault } }: RetentionWorld, policy = POLICY) {
  const read = new Set<string>();
  const reader: ObjectReader = {
    ...vault,
    get: (ref) => {
      read.add(ref.key.split('/')[3] ?? '');
      return vault.get(ref);
    },
  };
  const states = await readPointStates(reader, { system, asset: ASSET }, policy, NOW);
  const decisions = decideRetention(states, policy, NOW);
  return { states, decisions, read };
}

const expired = (decisions: readonly Decision[]) => decisions.flatMap(({ action, point }) => (action === 'expire' ? [point] : []));
const why = (decisions: readonly Decision[], point: string) =>
  decisions.find((one) => one.point === point)?.reasons.map(({ kind }) => kind);

describe('the inventory of an asset', () => {
  it('reads what would expire, and what lets it, and nothing of the others', async () => {
    const world = await makeRetentionWorld();
    // 2026-11-21 is now: the first of October and of November stand for their months.
    const [newest, hot, november, old, october] = [0, 5, 20, 30, 51].map(daysAgo) as [string, string, string, string, string];
    for (const point of [newest, hot, november, old, october]) await world.putGoodPoint(point, { proven: point === hot });
    const { decisions, read } = await decide(world);
    expect(expired(decisions)).toEqual([old]);
    expect([...read].toSorted()).toEqual([newest, hot, old, october].toSorted());
  });

  it('reads nothing where nothing would expire', async () => {
    const world = await makeRetentionWorld();
    for (const days of [0, 1, 2]) await world.putGoodPoint(daysAgo(days));
    const { decisions, read } = await decide(world);
    expect(expired(decisions)).toEqual([]);
    expect(read.size).toBe(0);
  });

  it('keeps what a hold or a longer lock keeps, until the hold is released', async () => {
    const world = await makeRetentionWorld();
    const [held, released, locked, free] = [30, 31, 32, 33].map(daysAgo) as [string, string, string, string];
    for (const point of [daysAgo(0), daysAgo(51), held, released, locked, free]) await world.putGoodPoint(point);
    const hold = { hold: 'case 4711', reason: 'a case', by: 'somebody' };
    for (const point of [held, released]) await world.putFact(point, 'held', hold);
    await world.putRelease(released, hold.hold);
    await world.putFact(
      locked,
      'locked',
      { mode: 'governance', until: new Date(NOW.getTime() + 1000).toISOString(), objects: 1 },
      NOW,
      'longer',
    );
    const { decisions } = await decide(world);
    expect(expired(decisions)).toEqual([released, free]);
    expect([held, locked].map((point) => why(decisions, point))).toEqual([['held'], ['locked']]);
  });

  it('takes no failed drill for a proof, and goes on to the one before', async () => {
    const world = await makeRetentionWorld();
    const [failed, passed, older] = [30, 31, 32].map(daysAgo) as [string, string, string];
    for (const point of [daysAgo(0), daysAgo(51), failed]) await world.putGoodPoint(point);
    for (const point of [passed, older]) await world.putGoodPoint(point, { proven: true });
    await world.putFact(failed, 'drilled', { outcome: 'failed', evidence: 'e', rtoSeconds: 1, from: 'vault', reasons: ['a check'] });
    const { decisions } = await decide(world);
    expect(expired(decisions)).toEqual([failed, older]);
    expect(why(decisions, passed)).toEqual(['proven']);
  });

  it('takes the next good point for the newest, and for the first of a month, when the records of one are damaged', async () => {
    const world = await makeRetentionWorld();
    const [newest, second, middle, first] = [0, 12, 25, 51].map(daysAgo) as [string, string, string, string];
    for (const point of [second, middle]) await world.putGoodPoint(point);
    for (const point of [newest, first]) await world.putDamagedPoint(point);
    const policy = { ...POLICY, hotSeconds: DAY_SECONDS };
    const { decisions } = await decide(world, policy);
    expect(expired(decisions)).toEqual([]);
    expect(why(decisions, first)).toEqual(['unreadable']);
    expect(why(decisions, newest)).toContain('unreadable');
    expect(why(decisions, middle)).toEqual(['monthly']);
    expect(why(decisions, second)).toContain('newest-good');
  });

  it('keeps as many good points as `keepLast` says when some of the newest cannot be read', async () => {
    const world = await makeRetentionWorld();
    const [newest, torn, damaged, ...older] = [0, 1, 2, 40, 41, 42].map(daysAgo) as [string, string, string, string, string, string];
    for (const point of [newest, ...older]) await world.putGoodPoint(point, { proven: point === newest });
    for (const point of [torn, damaged]) await world.putDamagedPoint(point);
    const policy: RetentionPolicy = { hotSeconds: 10 * DAY_SECONDS, keepLast: 3, keepProven: 1, zone: 'UTC' };
    const { decisions } = await decide(world, policy);
    expect(expired(decisions)).toEqual(older.slice(2));
    expect(older.slice(0, 2).map((point) => why(decisions, point))).toEqual([['last'], ['last']]);
    expect([torn, damaged].map((point) => why(decisions, point)?.at(-1))).toEqual(['unreadable', 'unreadable']);
  });

  it('sees a point that a delete marker hides, and reads the oldest version of what was written over', async () => {
    const world = await makeRetentionWorld();
    const [newest, old] = [daysAgo(0), daysAgo(30)] as const;
    for (const point of [newest, old, daysAgo(51)]) await world.putGoodPoint(point);
    const target = (point: string) => ({ Bucket: world.vaultBucket, Key: manifestKey(world.system, ASSET, point) });
    await world.home.send(new PutObjectCommand({ ...target(newest), Body: 'forged' }));
    await world.home.send(new DeleteObjectCommand(target(newest)));
    await world.home.send(new DeleteObjectCommand(target(old)));
    const { states, decisions } = await decide(world);
    expect(states.filter(({ hidden }) => hidden).map(({ point }) => point)).toEqual([old, newest].toSorted());
    expect(expired(decisions)).toEqual([old]);
    expect(why(decisions, newest)).toEqual(['newest-good', 'hot', 'monthly']);
  });

  it('knows no point that is gone but for its tombstone, and finishes one that is not', async () => {
    const world = await makeRetentionWorld();
    const [half, gone] = [daysAgo(30), daysAgo(31)] as const;
    for (const point of [daysAgo(0), half]) await world.putGoodPoint(point);
    const { manifestSha256 } = await world.lineOf(half);
    for (const point of [half, gone]) await world.putFact(point, 'tombstone', { manifestSha256, reasons: [], objects: 1 });
    const { states, decisions } = await decide(world);
    expect(states.map(({ point }) => point)).toEqual([half, daysAgo(0)]);
    expect(why(decisions, half)).toEqual(['tombstoned']);
  });

  it('ends when a record cannot be had, which is no damage', async () => {
    const world = await makeRetentionWorld();
    for (const days of [0, 30]) await world.putGoodPoint(daysAgo(days));
    const { vault } = world.ports;
    const reader: ObjectReader = {
      ...vault,
      get: () => Promise.reject(new StoreUnavailable('read a manifest', 'connection reset')),
    };
    const policy: RetentionPolicy = { hotSeconds: DAY_SECONDS, keepProven: 1, zone: 'UTC' };
    await expect(readPointStates(reader, { system: world.system, asset: ASSET }, policy, NOW)).rejects.toThrow(StoreUnavailable);
  });
});
