/**
 * Runs that overlap: a start that is delivered twice, the run of the slot before that is not over yet, and two expiries, all of one
 * asset and at once. Each slot has one point, of each point that goes nothing
 * is left but what says so, and all of it is vouched for.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BackupOutput } from '../../core/backup/contract.ts';
import { pointDataPrefix, pointPrefix } from '../../core/vault/keys.ts';
import { listPoints } from '../../core/vault/read-point.ts';
import { seededRandom } from '../helpers/seeded-random.ts';
import { storedTasks } from './backup-tasks.ts';
import { expectVouchedFor, expectWhole } from './expect-truth.ts';
import { forgetEvidence } from './pipeline.ts';
import { failureOf, runStage } from './run-stage.ts';
import { backupStage } from './stages.ts';
import { pointOf, putPoints, retention } from './sweep-retention.ts';
import { isSoak } from './sweep.ts';
import { openWorld, type World } from './world.ts';

const ROUNDS = isSoak ? 20 : 1;
const KEPT = '2026-11-19T02:00:00Z';
const OLD = ['2026-03-01T02:00:00Z'];
const SLOTS = ['2026-11-20T14:00:00Z', '2026-11-20T15:00:00Z'];
/** What starts later meets the others at another step. */
const LONGEST_START_MILLISECONDS = 400;

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

async function overlap(random: { below(limit: number): number }, where: string): Promise<void> {
  const asset = world.nextAsset();
  await putPoints(world, asset, [KEPT, ...OLD]);
  const later = () => new Promise((resolve) => setTimeout(resolve, random.below(LONGEST_START_MILLISECONDS)));
  const backup = async (slot: string, delivery: number) => {
    await later();
    const manifest = { ...world.small.manifest, startedAt: slot, consistentAt: slot, finishedAt: slot };
    const stage = backupStage({ ...world.of, tasks: storedTasks(asset, { ...world.small, manifest }, world.vault) }, asset);
    const end = await runStage(stage, { asset, slot }, `${asset}-${slot}-${delivery}`);
    expect(failureOf(end), `${where}: ${slot}, delivery ${delivery}`).toBeUndefined();
    return BackupOutput.parse('output' in end ? end.output : end).committed;
  };
  const expiry = async (delivery: number) => {
    await later();
    return runStage(retention(world, asset, 0), { asset }, `${asset}-expiry-${delivery}`);
  };
  const [backups, expiries] = await Promise.all([
    Promise.all(SLOTS.map((slot) => Promise.all([backup(slot, 1), backup(slot, 2)]))),
    Promise.all([expiry(1), expiry(2)]),
  ]);
  for (const [index, slot] of SLOTS.entries())
    expect(backups[index]?.filter(Boolean), `${where}: ${slot} was committed by one of its runs`).toHaveLength(1);
  const failed = expiries.filter((end) => failureOf(end) !== undefined);
  expect(failed.length, `${where}: ${JSON.stringify(failed.map(({ failures }) => failures))}`).toBeLessThan(2);
  const points = (await listPoints(world.vault, world.system, asset)).filter(({ kinds }) => !kinds.has('tombstone'));
  expect(points.map(({ point }) => point).toSorted(), where).toEqual([KEPT, ...SLOTS].map(pointOf));
  // What a run said that ended well is vouched for at once, the rest by the next day's.
  if (failed.length === 0) await expectVouchedFor(world, 'vault', asset, where);
  const next = await runStage(retention(world, asset, 1), { asset }, `${asset}-next`);
  expect(failureOf(next), `${where}: the next day`).toBeUndefined();
  await expectVouchedFor(world, 'vault', asset, where, { failedRun: failed[0]?.run });
  for (const point of OLD.map(pointOf)) {
    const left: string[] = [];
    for (const prefix of [pointPrefix(world.system, asset, point), pointDataPrefix(world.system, asset, point)])
      for await (const { key } of world.vault.listVersions(prefix)) left.push(key.replace(/.*\//, '').replace('.dsse', ''));
    // Of each run its own, when both came to the point at once.
    expect(left.length, where).toBeGreaterThan(0);
    for (const name of left) expect(name, where).toMatch(/^tombstone-/);
  }
  for (const slot of SLOTS) await expectWhole(world, asset, pointOf(slot), where);
  await forgetEvidence(world);
}

it('runs of one asset that overlap leave what they leave one after the other', { timeout: isSoak ? 3_600_000 : 180_000 }, async () => {
  const random = seededRandom(`${ROUNDS} rounds of runs that overlap`);
  for (let round = 1; round <= ROUNDS; round++) await overlap(random, `round ${round}`);
  process.stdout.write(
    `${ROUNDS} rounds of 4 backups of 2 slots and 2 expiries, at once: one point of each slot, nothing left of those that went\n`,
  );
});
