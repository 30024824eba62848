/** A replacement that is killed, by the machine as it is: what it runs are the real phases and a real safety backup. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shellDatabaseName } from '../../../../core/restore/target-names.ts';
import type { TaskPhase } from '../../../../core/restore/target.ts';
import { findSafety } from '../../../../functions/restore/find-safety.ts';
import { restoreWorkflow } from '../../../../infra/restore/workflow.ts';
import type { Json } from '../../../../local/interpreter/language.ts';
import { describeEnd } from '../../../../tasks/run-task.ts';
import { connectToTestServer } from '../../../helpers/servers.ts';
import { accepted, ANSWERS, restored } from '../../../infra/workflows/answers.ts';
import { RESTORE_PARTS } from '../../../infra/workflows/definitions.ts';
import { functionError, runMachine, taskError, type Answers, type Call } from '../../../infra/workflows/run-machine.ts';
import { SYSTEM, type MadePoint } from '../../drill/fixture.ts';
import { killPhase } from './kill-phase.ts';
import { newRun, openSwapWorld, type SwapWorld } from './world.ts';

let world: SwapWorld;
let point: MadePoint;
let before: Awaited<ReturnType<SwapWorld['whole']>>;
let properties: Awaited<ReturnType<SwapWorld['properties']>>;
const target = 'drop-and-create';

beforeAll(async () => {
  world = await openSwapWorld();
  const over = { id: 'ida-db', restore: { secret: 'restores', noOwner: false, noPrivileges: false } };
  point = await world.point({ dump: { format: 'custom' }, over });
  before = await world.whole();
  properties = await world.properties();
}, 60_000);
afterAll(() => world.close());

/** @param killedAt what the task that replaces tells when it is killed */
async function restore(killedAt?: string, made = point) {
  const run = newRun();
  const phaseOf = async ({ payload }: Call): Promise<Json> => {
    const { PHASE: phase, SAFETY: safety = '' } = payload as { PHASE: TaskPhase; SAFETY?: string };
    if (phase === 'replace' && killedAt !== undefined) {
      expect(await killPhase(world, point, { phase, run, target, safety, at: killedAt })).toBe(true);
      throw taskError(137);
    }
    await world.phase(made, phase, { run, target, safety });
    return {};
  };
  const answers: Answers = {
    ...ANSWERS.restore,
    'restore-check-request': () => ({ ...accepted, run, target, point: made.point, database: world.database }),
    'holdfast-ida-ida-db-restore': phaseOf,
    'restore-find-safety': ({ payload }) => findSafety(payload as { asset: string; run: string }, { system: SYSTEM, reader: point.reader }),
    'holdfast-ida-backup': async () => {
      const saved = await world
        .save(point)
        .catch((error: unknown) => functionError(describeEnd(error).failure, describeEnd(error).message));
      if (typeof saved !== 'string') throw saved;
      return { committed: true, point: saved };
    },
    'restore-write-result': () => restored,
  };
  const end = await runMachine('restore', { asset: 'ida-db' }, answers, undefined, restoreWorkflow(RESTORE_PARTS));
  const asked = (name: string) => end.calls.filter((call) => call.name === name).map(({ payload }) => payload);
  return {
    end,
    saves: asked('holdfast-ida-backup').length,
    safety: asked('restore-write-result')[0]?.['safety'],
    replaced: asked('holdfast-ida-ida-db-restore').find(({ PHASE }) => PHASE === 'replace'),
  };
}

async function change(): Promise<void> {
  const client = await connectToTestServer(world.database);
  await client.query(`UPDATE users SET name = 'changed ' || id`);
  await client.end();
}

it.each([
  ['when it has dropped the old database', 'The old database', []],
  ['when it fills the new one', 'is made and is being filled', ['itself']],
])('killed %s, ends when it is started again, and goes by the first safety backup', async (_, killedAt, left) => {
  await change();
  const first = await restore(killedAt);
  expect(first.end).toMatchObject({ status: 'FAILED' });
  expect(first.saves).toBe(1);
  const safety = first.replaced?.['SAFETY'] as string;
  expect('cause' in first.end && first.end.cause).toContain(safety);
  const shell = shellDatabaseName(world.database);
  expect(await world.names()).toEqual([...left.map(() => world.database), shell]);
  // What is half made is nobody's newest point.
  if (left.length > 0) {
    for (const other of ['in-place', 'clean-replay'] as const)
      expect((await world.failed(point, 'preflight', { run: newRun(), target: other }))?.message).toContain('is half made by the restore');
    await expect(world.save(point)).rejects.toMatchObject({
      failure: 'SourceHalfRestored',
      message: expect.stringContaining(world.database) as string,
    });
  }

  const second = await restore();
  expect(second.end).toMatchObject({ status: 'SUCCEEDED' });
  expect(second.saves).toBe(0);
  expect(second.safety).toBe(safety);
  expect(await world.whole()).toEqual(before);
  expect(await world.properties()).toEqual(properties);
  expect(await world.names()).toEqual([world.database]);

  // The old content is there to be had in the same way, and what is whole by now is saved as ever.
  const third = await restore(undefined, { ...point, point: safety });
  expect(third.saves).toBe(1);
  expect(third.safety).not.toBe(safety);
  const client = await connectToTestServer(world.database);
  expect((await client.query(`SELECT FROM users WHERE name LIKE 'changed %'`)).rowCount).toBe(500);
  await client.end();
});
