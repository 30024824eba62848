/** A backup of which one call of AWS fails: a whole point all the same or a failure with a name, nothing false, and the next run mends it. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { BackupOutput } from '../../core/backup/contract.ts';
import { assetDataPrefix, catalogPrefix, chainPrefix } from '../../core/vault/keys.ts';
import { readPoint } from '../../core/vault/read-point.ts';
import { freshDatabase, type FreshDatabase } from '../helpers/servers.ts';
import { storeSecret } from '../tasks/dump/run-dump-task.ts';
import { readStored, realTasks, storedTasks, type DumpOptions, type StoredDump } from './backup-tasks.ts';
import { expectTruth, expectWhole } from './expect-truth.ts';
import { failingConnections, type FailingConnections } from './failing-connections.ts';
import type { FailingDoor, PlannedFault } from './failing-calls.ts';
import { compareVaults } from './pipeline.ts';
import { expectSuccess, failureOf, runStage, type Stage } from './run-stage.ts';
import { backupStage } from './stages.ts';
import { isSoak, sweep } from './sweep.ts';
import type { World } from './world.ts';

/** Young enough that what is missing may be under way. */
export const SLOT = `${new Date(Date.now() - 3_600_000).toISOString().slice(0, 19)}Z`;
export const POINT = SLOT.replaceAll(/[-:]/g, '');

const MIB = 1024 ** 2;
/** Of many rows a few segments, one of them in several parts of a copy; of few rows one. */
const [MANY_ROWS, FEW_ROWS] = [260_000, 3_000];
const KIB = 1024;
/** Of a segmented dump of few rows, about: where there is no soak they are not counted first. */
const MESSAGES = 100;
const LIMITS = { tables: { tableBytes: 64 * KIB, leastTableBytes: 64 * KIB }, segments: { leastBytes: 20 * MIB, mostBytes: 20 * MIB } };

export type Source = Pick<FreshDatabase, 'drop'> & { options: Omit<DumpOptions, 'dump'>; door: FailingConnections };

/** @param rows of its table; of many the dump is more than one part of a copy */
export async function makeSource(rows = isSoak ? MANY_ROWS : FEW_ROWS): Promise<Source> {
  const source = await freshDatabase('faults');
  const { host, port, user, password, database, ca } = source;
  const door = await failingConnections({ host, port });
  const secret = await storeSecret({ host, port: door.port, username: user, password, dbname: database, ca });
  const client = await source.connect();
  await client.query(`CREATE TABLE t AS SELECT i AS id, md5(i::text) || md5((-i)::text) AS text FROM generate_series(1, ${rows}) i;
    CREATE TABLE u AS SELECT 1 AS id`);
  const scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-test-faults-'));
  return {
    options: { secret, scratchDir, limits: LIMITS },
    door,
    async drop() {
      await door.close();
      await source.drop();
      rmSync(scratchDir, { recursive: true, force: true });
    },
  };
}

type TasksOf = (asset: string) => Stage['tasks'];

/** One run with the fault, which must tell the truth, and where it failed another one, which must make the point whole. */
async function faultedRun(world: World, tasksOf: TasksOf, fault: PlannedFault | undefined, where: string, door: FailingDoor = world.calls) {
  const asset = world.nextAsset();
  const stage = backupStage({ ...world.of, tasks: tasksOf(asset) }, asset);
  door.begin(fault);
  const first = await runStage(stage, { asset, slot: SLOT }, `${asset}-one`);
  const calls = [...door.calls()];
  const isTouched = door.hasFailed();
  const failure = failureOf(first);
  if (!isTouched) expectSuccess(first, where);
  await finishBackup(world, asset, { stage, failure }, where);
  return { asset, calls, end: isTouched ? failure : 'untouched' };
}

/** What a run left is true, and where it failed the next one makes the point whole. */
export async function finishBackup(
  world: World,
  asset: string,
  { stage, failure }: { stage: Stage; failure: string | undefined },
  where: string,
): Promise<void> {
  await expectTruth(world, asset, where);
  if (failure !== undefined) {
    const next = await runStage(stage, { asset, slot: SLOT }, `${asset}-two`);
    expect(failureOf(next), `${where}: the next run`).toBeUndefined();
    expect(BackupOutput.parse('output' in next ? next.output : next).committed, `${where}: the next run`).toBe(true);
  }
  await compareVaults(world, asset);
  await expectWhole(world, asset, POINT, where);
  await expectNothingElse(world, asset, where);
}

/** Records are there once, and what no point needs is where the sweep finds it. */
async function expectNothingElse(world: World, asset: string, where: string): Promise<void> {
  const { system } = world;
  for (const place of [world.vault, world.replica]) {
    const keys: string[] = [];
    for (const prefix of [catalogPrefix(system, asset), chainPrefix(system, asset), `runs/${system}/${asset}/`])
      for await (const { key } of place.listVersions(prefix)) keys.push(key);
    expect(keys.length, `${where}: records written twice in ${place.bucket}`).toBe(new Set(keys).size);
    for await (const { key } of place.listUnfinished(''))
      if (key.includes(`/${asset}/`)) expect(key, where).toContain(assetDataPrefix(system, asset));
  }
}

async function wholeRun(world: World, tasksOf: TasksOf): Promise<{ calls: string[]; stored: StoredDump }> {
  const { asset, calls } = await faultedRun(world, tasksOf, undefined, 'without a fault');
  const records = await readPoint(world.vault, world.system, asset, POINT);
  if (!records) throw new Error('a backup without a fault left no point');
  return { calls, stored: await readStored(world.vault, records.manifest) };
}

/** Of a connection to the database one message fails, sent by whichever of the dump's programs and threads. */
export async function sweepDatabase(world: World): Promise<void> {
  const source = await makeSource(FEW_ROWS);
  try {
    for (const format of isSoak ? (['custom', 'plain', 'segmented'] as const) : (['segmented'] as const)) {
      const real: TasksOf = (asset) => realTasks(asset, { ...source.options, dump: { format } });
      const positions = isSoak ? (await faultedRun(world, real, undefined, 'without a fault', source.door)).calls.length : MESSAGES;
      const plan = { what: `database of a ${format} dump`, positions, sample: 1, calls: source.door, slowKinds: [] };
      await sweep(plan, async (fault, where) => {
        const { end } = await faultedRun(world, real, fault, where, source.door);
        expect(readdirSync(source.options.scratchDir), `${where}: files`).toEqual([]);
        return end;
      });
    }
  } finally {
    await source.drop();
  }
}

/** Up to the commit; what comes after it is the same whatever the dump was. */
const untilTheCommit = (calls: readonly string[]) => calls.findIndex((name) => /^PUT .*manifest\.json/.test(name)) + 1;

export async function sweepBackup(world: World): Promise<void> {
  const source = await makeSource();
  const sweepOf = (what: string, positions: number, tasksOf: TasksOf) =>
    sweep({ what, positions, sample: 1, calls: world.calls }, async (fault, where) => {
      const { end } = await faultedRun(world, tasksOf, fault, where);
      expect(readdirSync(source.options.scratchDir), `${where}: files`).toEqual([]);
      return end;
    });
  try {
    for (const format of isSoak ? (['custom', 'segmented'] as const) : (['segmented'] as const)) {
      const real: TasksOf = (asset) => realTasks(asset, { ...source.options, dump: { format } });
      const { calls, stored } = await wholeRun(world, real);
      await sweepOf(`admission and ${format} dump`, untilTheCommit(calls), real);
      if (format === 'custom') continue;
      // The calls of admission are among them once more.
      const positions = calls.length - untilTheCommit(calls) + calls.findIndex((name) => /^PUT .*\/runs\//.test(name)) + 1;
      await sweepOf('backup after its dump', positions, (asset) => storedTasks(asset, stored, world.vault));
    }
  } finally {
    await source.drop();
  }
}
