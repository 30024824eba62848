/** An expiry of which one call of AWS fails: what is called good is whole, and the next day's run leaves the same as if nothing had been. */
import { expect } from 'vitest';
import type { RetentionPolicy } from '../../core/retention/policy.ts';
import { manifestKey, pointDataPrefix, pointPrefix } from '../../core/vault/keys.ts';
import { listPoints } from '../../core/vault/read-point.ts';
import { storedTasks } from './backup-tasks.ts';
import { expectTruth, expectVouchedFor } from './expect-truth.ts';
import type { PlannedFault } from './failing-calls.ts';
import { forgetEvidence } from './pipeline.ts';
import { expectSuccess, failureOf, runStage } from './run-stage.ts';
import { backupStage, retentionStage } from './stages.ts';
import { isSoak, sweep } from './sweep.ts';
import type { World } from './world.ts';

const POLICY: RetentionPolicy = { hotSeconds: 30 * 86_400, keepProven: 1, zone: 'UTC' };
const DAY_MILLISECONDS = 86_400_000;
/** Of each asset the newest point, which stays. */
const NEWEST = '2026-11-20T02:00:00Z';
/** The points that expire, each in a case of its own: the history of an asset is not to slow down what comes after. */
const OLD = Array.from({ length: 15 }, (_, index) => `2026-03-${String(index + 10)}T02:00:00Z`);
/** Of a run in which one point expires, about: where there is no soak they are not counted first. */
const CALLS = 100;
export const pointOf = (slot: string) => slot.replaceAll(/[-:]/g, '');

/** Whole points, as backups of those days left them, whose locks are over; each backup goes without a fault. */
export async function putPoints(world: World, asset: string, slots: readonly string[]): Promise<void> {
  world.calls.begin();
  for (const slot of slots) {
    const manifest = { ...world.small.manifest, startedAt: slot, consistentAt: slot, finishedAt: slot };
    const stage = backupStage({ ...world.of, tasks: storedTasks(asset, { ...world.small, manifest }, world.vault) }, asset);
    expect(failureOf(await runStage(stage, { asset, slot }, `${asset}-${slot}`))).toBeUndefined();
  }
}

export const retention = (world: World, asset: string, day: number) =>
  retentionStage(world.of, asset, {
    policy: POLICY,
    aheadMilliseconds: day * DAY_MILLISECONDS,
    readText: async (_bucket, key) => Buffer.from((await world.vault.get({ key }))?.body ?? '').toString(),
  });

/** An asset, how many of its old points have been used, and the runs that failed: what they wrote unsigned stays so. */
type Shelf = { asset: string; used: number; failedRuns: string[] };
let shelf: Shelf | undefined;

async function nextPoint(world: World): Promise<Shelf & { slot: string }> {
  if (!shelf || shelf.used === OLD.length) {
    // Evidence is the whole system's, and vouches for the tombstones of the shelf before.
    await forgetEvidence(world);
    shelf = { asset: world.nextAsset(), used: 0, failedRuns: [] };
    await putPoints(world, shelf.asset, [NEWEST]);
  }
  const slot = OLD[shelf.used++] ?? '';
  await putPoints(world, shelf.asset, [slot]);
  return { ...shelf, slot };
}

async function faultedRun(world: World, fault: PlannedFault | undefined, where: string) {
  const { asset, slot, failedRuns } = await nextPoint(world);
  world.calls.begin(fault);
  const first = await runStage(retention(world, asset, 0), { asset }, `${asset}-${slot}-one`);
  const calls = [...world.calls.calls()];
  const isTouched = world.calls.hasFailed();
  try {
    const failure = failureOf(first);
    if (!isTouched) expectSuccess(first, where);
    if (failure) failedRuns.push(first.run);
    await finishRetention(world, asset, [slot, NEWEST], failedRuns, where);
    return { calls, end: isTouched ? failure : 'untouched' };
  } catch (error) {
    // What is wrong with this asset, or is left of this run, is not to be found again at the next.
    shelf = undefined;
    throw error;
  }
}

/** What a run left is true, and those of the next days have everything gone that should go. */
export async function finishRetention(
  world: World,
  asset: string,
  slots: readonly string[],
  failedRun: string | readonly string[] | undefined,
  where: string,
): Promise<void> {
  await expectTruth(world, asset, where);
  await expectGoodOnesWhole(world, asset, where);
  const next = await runStage(retention(world, asset, 1), { asset }, `${asset}-${slots[0] ?? ''}-two`);
  expect(failureOf(next), `${where}: the next day`).toBeUndefined();
  await expectExpired(world, asset, slots, where);
  await expectVouchedFor(world, 'vault', asset, where, { failedRun });
}

/** A point without a tombstone has every object that its manifest names: `expectTruth` has compared their bytes. */
async function expectGoodOnesWhole({ system, vault }: World, asset: string, where: string): Promise<void> {
  for (const { point, kinds } of await listPoints(vault, system, asset))
    if (!kinds.has('tombstone')) expect([...kinds].toSorted(), `${where}: ${point}`).toEqual(['locked', 'replicated', 'verified']);
}

/** The last of the slots' points is as it was, and of each of the others there is its tombstone, once. */
async function expectExpired({ system, vault }: World, asset: string, slots: readonly string[], where: string): Promise<void> {
  const [newest = '', ...older] = slots.map(pointOf).toReversed();
  expect(await vault.get({ key: manifestKey(system, asset, newest) }), where).toBeDefined();
  for (const point of older) {
    const left: string[] = [];
    for (const prefix of [pointPrefix(system, asset, point), pointDataPrefix(system, asset, point)])
      for await (const { key } of vault.listVersions(prefix)) left.push(key);
    expect(left, where).toEqual([expect.stringContaining('/tombstone-')]);
  }
}

export async function sweepRetention(world: World): Promise<void> {
  const positions = isSoak ? (await faultedRun(world, undefined, 'without a fault')).calls.length : CALLS;
  const plan = { what: 'retention', positions, sample: 1, calls: world.calls };
  await sweep(plan, async (fault, where) => (await faultedRun(world, fault, where)).end);
}
