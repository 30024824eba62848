/** Dump, copy and retention, each a process that is killed at a random call or message: nothing false is left, and the next run makes it good. */
import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { stateMachineName } from '../../core/names.ts';
import { runId } from '../../core/vault/ids.ts';
import { seededRandom } from '../helpers/seeded-random.ts';
import { assetPlan } from '../tasks/dump/ports.ts';
import { startDumpTask } from '../tasks/dump/run-dump-task.ts';
import { realTasks, storedTasks } from './backup-tasks.ts';
import type { FailingDoor, PlannedFault } from './failing-calls.ts';
import { backupStage } from './stages.ts';
import { finishBackup, makeSource, POINT, SLOT, type Source } from './sweep-backup.ts';
import { forgetEvidence } from './pipeline.ts';
import { finishRetention, putPoints } from './sweep-retention.ts';
import { isSoak } from './sweep.ts';
import { openWorld, type World } from './world.ts';

const STAGES = ['dump', 'copy', 'retention'] as const;
type KilledStage = (typeof STAGES)[number];
/** Calls or messages of each, about: what is killed beyond them had ended before. */
const LENGTHS: Record<KilledStage, number> = { dump: 11, copy: 150, retention: 70 };
const MESSAGES = 100;

const KILLS = isSoak ? 50 : 1;
const random = seededRandom(`${KILLS} kills`);
const plans = Array.from({ length: KILLS }, (_, index) => {
  const stage = STAGES[isSoak ? index % STAGES.length : random.below(STAGES.length)] ?? 'dump';
  const door = stage === 'dump' && random.below(2) === 0 ? ('database' as const) : ('AWS' as const);
  const position = 1 + random.below(door === 'database' ? MESSAGES : LENGTHS[stage]);
  return { stage, door, position, kind: random.below(2) === 0 ? ('unavailable' as const) : ('lost' as const) };
});

let world: World;
let source: Source;
beforeAll(async () => {
  world = await openWorld();
  if (plans.some(({ stage }) => stage === 'dump')) source = await makeSource();
});
afterAll(async () => {
  await source?.drop();
  await world?.close();
});

/** Kills the process when the planned call comes, before it is heard or after it was done. */
async function killed(
  door: FailingDoor,
  fault: PlannedFault,
  start: () => { kill: () => void; ended: Promise<unknown> },
): Promise<boolean> {
  let isKilled = false;
  let kill = () => undefined as void;
  door.begin({
    ...fault,
    happened: () => {
      isKilled = true;
      kill();
    },
  });
  const child = start();
  kill = child.kill;
  await child.ended;
  door.begin();
  return isKilled;
}

function startStage(stage: 'backup' | 'retention', asset: string, execution: string) {
  const script = fileURLToPath(new URL('stage-process.ts', import.meta.url));
  // Of the other assets there are more than an environment holds.
  const env = { ...process.env, ASSETS: asset, KEYS: '{}' };
  const child: ChildProcess = spawn(process.execPath, [script, stage, asset, SLOT, execution], { env, stdio: 'ignore' });
  return { kill: () => void child.kill('SIGKILL'), ended: new Promise((resolve) => child.on('close', resolve)) };
}

const arnOf = (stage: 'backup' | 'retention', execution: string) =>
  `arn:aws:states:eu-central-1:000000000000:execution:${stateMachineName(world.system, stage)}:${execution}`;

const KILLED: Record<KilledStage, (fault: PlannedFault, door: 'database' | 'AWS', where: string) => Promise<boolean>> = {
  async dump(fault, door, where) {
    const asset = world.nextAsset();
    const { options } = source;
    const format = { format: 'segmented' } as const;
    const plan = assetPlan(format, { id: asset, source: { secret: options.secret, ca: 'secret', postgresMajor: 15 } });
    let scratchDir = '';
    const isKilled = await killed(door === 'database' ? source.door : world.calls, fault, () => {
      const task = startDumpTask({
        bucket: world.vault.bucket,
        secret: options.secret,
        environment: {
          AWS_ENDPOINT_URL: world.calls.endpointUrl,
          SYSTEM: world.system,
          ASSET_PLAN: JSON.stringify(plan),
          POINT,
          CLAIM: '9',
        },
      });
      ({ scratchDir } = task);
      return { kill: () => task.kill('SIGKILL'), ended: task.ended };
    });
    // Of a task that is killed ECS removes the disk.
    rmSync(scratchDir, { recursive: true, force: true });
    const stage = backupStage({ ...world.of, tasks: realTasks(asset, { ...options, dump: format }) }, asset);
    await finishBackup(world, asset, { stage, failure: 'killed' }, where);
    return isKilled;
  },
  async copy(fault, _door, where) {
    const asset = world.nextAsset();
    const tasks = storedTasks(asset, world.small, world.vault);
    await tasks?.['dump']?.({ POINT, CLAIM: '1', TRY: '1', RUN: 'run' });
    const execution = `${asset}-killed`;
    world.executions.set(arnOf('backup', execution), 'RUNNING');
    const isKilled = await killed(world.calls, fault, () => startStage('backup', asset, execution));
    world.executions.set(arnOf('backup', execution), isKilled ? 'ABORTED' : 'SUCCEEDED');
    const failure = isKilled ? 'killed' : undefined;
    await finishBackup(world, asset, { stage: backupStage({ ...world.of, tasks }, asset), failure }, where);
    return isKilled;
  },
  async retention(fault, _door, where) {
    const slots = ['2026-03-01T02:00:00Z', '2026-11-20T02:00:00Z'];
    const asset = world.nextAsset();
    await putPoints(world, asset, slots);
    const execution = `${asset}-killed`;
    const isKilled = await killed(world.calls, fault, () => startStage('retention', asset, execution));
    const [, hash] = runId(new Date(), arnOf('retention', execution)).split('-');
    await finishRetention(world, asset, slots, isKilled ? `-${hash}` : undefined, where);
    await forgetEvidence(world);
    return isKilled;
  },
};

it('a stage that is killed anywhere leaves nothing false, and the next run makes it good', async () => {
  expect(inject('emulator').endpointUrl).not.toBe(world.calls.endpointUrl);
  const count = new Map<string, number>();
  for (const { stage, door, ...fault } of plans) {
    const where = `${stage} killed ${fault.kind === 'lost' ? 'after' : 'before'} ${door} call ${fault.position}`;
    const told = (await KILLED[stage](fault, door, where)) ? `${stage} killed` : `${stage} had ended`;
    count.set(told, (count.get(told) ?? 0) + 1);
  }
  process.stdout.write(`${KILLS} kills: ${[...count].map(([told, times]) => `${told} ${times}`).join(', ')}\n`);
});
