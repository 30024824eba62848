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
/** The newest last: it stays. */
const SLOTS = [...(isSoak ? ['2026-02-01T02:00:00Z'] : []), '2026-03-01T02:00:00Z', '2026-11-20T02:00:00Z'];
/** Of a run in which one point expires, about: where there is no soak they are not counted first. */
const CALLS = 100;
const pointOf = (slot: string) => slot.replaceAll(/[-:]/g, '');

/** Whole points, as backups of those days left them, whose locks are over; each backup goes without a fault. */
async function putPoints(world: World, asset: string): Promise<void> {
  world.calls.begin();
  for (const slot of SLOTS) {
    const manifest = { ...world.small.manifest, startedAt: slot, consistentAt: slot, finishedAt: slot };
    const stage = backupStage({ ...world.of, tasks: storedTasks(asset, { ...world.small, manifest }, world.vault) }, asset);
    expect(failureOf(await runStage(stage, { asset, slot }, `${asset}-${slot}`))).toBeUndefined();
  }
}

const retention = (world: World, asset: string, day: number) =>
  retentionStage(world.of, asset, {
    policy: POLICY,
    aheadMilliseconds: day * DAY_MILLISECONDS,
    readText: async (_bucket, key) => Buffer.from((await world.vault.get({ key }))?.body ?? '').toString(),
  });

async function faultedRun(world: World, fault: PlannedFault | undefined, where: string) {
  const asset = world.nextAsset();
  await putPoints(world, asset);
  world.calls.begin(fault);
  const first = await runStage(retention(world, asset, 0), { asset }, `${asset}-one`);
  const calls = [...world.calls.calls()];
  const isTouched = world.calls.hasFailed();
  const failure = failureOf(first);
  if (!isTouched) expectSuccess(first, where);
  await expectTruth(world, asset, where);
  await expectGoodOnesWhole(world, asset, where);
  for (const day of [1, 2])
    expect(failureOf(await runStage(retention(world, asset, day), { asset }, `${asset}-${day}`)), `${where}: day ${day}`).toBeUndefined();
  await expectExpired(world, asset, where);
  await expectVouchedFor(world, 'vault', asset, where, { failedRun: failure && first.run });
  await forgetEvidence(world);
  return { calls, end: isTouched ? failure : 'untouched' };
}

/** A point without a tombstone has every object that its manifest names: `expectTruth` has compared their bytes. */
async function expectGoodOnesWhole({ system, vault }: World, asset: string, where: string): Promise<void> {
  for (const { point, kinds } of await listPoints(vault, system, asset))
    if (!kinds.has('tombstone')) expect([...kinds].toSorted(), `${where}: ${point}`).toEqual(['locked', 'replicated', 'verified']);
}

/** The newest is as it was, and of each of the others there is its tombstone, once. */
async function expectExpired({ system, vault }: World, asset: string, where: string): Promise<void> {
  const [newest = '', ...older] = SLOTS.map(pointOf).toReversed();
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
