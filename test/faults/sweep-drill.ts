/** A drill of which one call of AWS fails: it never says of a good point that it is bad, and of no point that it is proven when it is not. */
import { expect } from 'vitest';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { DrillEvidence, DrillResult } from '../../core/drill/contract.ts';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import { evidenceKey, evidencePrefix } from '../../core/vault/keys.ts';
import { readPoint } from '../../core/vault/read-point.ts';
import { ChecksFailed } from '../../tasks/drill/errors.ts';
import { runDrill } from '../../tasks/drill/run-drill.ts';
import { portsOf, searchPath, startContainer } from '../tasks/drill/fixture.ts';
import { assetPlan } from '../tasks/dump/ports.ts';
import { storedTasks } from './backup-tasks.ts';
import { expectTruth, expectVouchedFor } from './expect-truth.ts';
import type { PlannedFault } from './failing-calls.ts';
import { compareVaults, forgetEvidence } from './pipeline.ts';
import { expectSuccess, failureOf, runStage, type TaskEnvironment } from './run-stage.ts';
import { backupStage, drillStage } from './stages.ts';
import { isSoak, sweep } from './sweep.ts';
import type { World } from './world.ts';

/** Young enough that what is missing may be under way. */
const SLOT = `${new Date(Date.now() - 3_600_000).toISOString().slice(0, 19)}Z`;
const POINT = SLOT.replaceAll(/[-:]/g, '');

/** Of a drill whose restore was made before, about: where there is no soak they are not counted first. */
const CALLS = 100;
const AT = new Date().toISOString();
/** What a drill that passed measured. */
const MEASURED: DrillResult = {
  format: 'holdfast/drill-result/v1',
  system: '',
  asset: '',
  point: POINT,
  run: '',
  from: 'vault',
  startedAt: AT,
  finishedAt: AT,
  manifestSha256: '',
  consistentAt: AT,
  phases: [{ name: 'restore', seconds: 1 }],
  checks: [{ name: 'restore', kind: 'restore', outcome: 'passed', expected: 'no error', measured: 'no error' }],
  bytesRestored: 1,
  isolation: 'own-uid',
  serverVersion: '18.4',
  notes: [],
};

type Task = (environment: TaskEnvironment) => Promise<void>;
type TaskOf = (world: World, asset: string) => Task;

/** As tasks/drill/entrypoint.ts does, with the container beside it. */
const realDrill =
  (world: World, asset: string): Task =>
  async ({ POINT: point = '', RUN: run = '' }) => {
    const { reader, writer } = openBucket(process.env['VAULT_BUCKET'] ?? '', {}, process.env);
    const { system } = world;
    const container = startContainer();
    try {
      const { sharedDir, scratchDir } = container;
      const order = { system, asset: assetPlan({}, { id: asset }), point, from: 'vault', run, isolation: 'own-uid' } as const;
      const { signal } = new AbortController();
      const { result, failure } = await runDrill({ ...order, sharedDir, scratchDir, path: searchPath() }, portsOf({ reader }), signal);
      await putResult(world, writer, run, result);
      if (failure) throw failure;
      const failed = result.checks.filter(({ outcome }) => outcome === 'failed');
      if (failed.length > 0) throw new ChecksFailed(failed.map(({ name }) => name));
      await container.ended;
      expect(container.leftovers()).toEqual([]);
    } finally {
      await container.remove();
    }
  };

/** What a drill measured, said again of another run: sweeps of what comes after the task need no other. */
const storedDrill =
  (measured: DrillResult) =>
  (world: World, asset: string): Task =>
  async ({ RUN: run = '' }) => {
    const { writer } = openBucket(process.env['VAULT_BUCKET'] ?? '', {}, process.env);
    const records = await readPoint(world.vault, world.system, asset, POINT);
    await putResult(world, writer, run, {
      ...measured,
      system: world.system,
      asset,
      point: POINT,
      run,
      manifestSha256: records?.manifestSha256 ?? '',
    });
  };

const putResult = ({ system }: World, writer: ReturnType<typeof openBucket>['writer'], run: string, result: DrillResult) =>
  writer.putOnce(evidenceKey(system, 'drill-result', run), JSON.stringify(result)).catch((error: unknown) => {
    if (!(error instanceof ObjectExists)) throw error;
  });

/** Evidence is the whole system's: what one case leaves is not to be found at the next. */
async function faultedRun(world: World, ...of: [taskOf: TaskOf, fault: PlannedFault | undefined, where: string]) {
  try {
    return await runWithFault(world, ...of);
  } finally {
    await forgetEvidence(world);
  }
}

async function runWithFault(world: World, taskOf: TaskOf, fault: PlannedFault | undefined, where: string) {
  const asset = world.nextAsset();
  world.calls.begin();
  const backup = backupStage({ ...world.of, tasks: storedTasks(asset, world.small, world.vault) }, asset);
  expect(failureOf(await runStage(backup, { asset, slot: SLOT }, `${asset}-backup`))).toBeUndefined();

  const stage = drillStage({ ...world.of, tasks: { drill: taskOf(world, asset) } }, asset);
  world.calls.begin(fault);
  const first = await runStage(stage, { asset }, `${asset}-one`);
  const calls = [...world.calls.calls()];
  const isTouched = world.calls.hasFailed();
  const failure = failureOf(first);
  if (!isTouched) expectSuccess(first, where);
  expect(failure, `${where}: the point is good`).not.toBe('CheckFailed');
  await expectTruth(world, asset, where);
  await expectProofs(world, asset, where);
  if (failure !== undefined) expect(failureOf(await runStage(stage, { asset }, `${asset}-two`)), `${where}: the next run`).toBeUndefined();
  const proofs = await expectProofs(world, asset, where);
  expect(proofs, `${where}: proofs`).toBeGreaterThan(0);
  await compareVaults(world, asset);
  for (const side of ['vault', 'replica'] as const) await expectVouchedFor(world, side, asset, where, { failedRun: failure && first.run });
  const [result] = await resultsOf(world);
  return { calls, result, end: isTouched ? failure : 'untouched' };
}

const readJson = async (world: World, key: string): Promise<unknown> =>
  JSON.parse(Buffer.from((await world.vault.get({ key }))?.body ?? '').toString());

async function evidenceKeys(world: World, kind: RegExp): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of world.vault.list(evidencePrefix(world.system))) if (kind.test(key)) keys.push(key);
  return keys;
}
const resultsOf = async (world: World) =>
  Promise.all((await evidenceKeys(world, /\/drill-result-[^.]*\.json$/)).map(async (key) => DrillResult.parse(await readJson(world, key))));

/** Whatever says that the point is proven stands on a result that passed. Answers how much does. */
async function expectProofs(world: World, asset: string, where: string): Promise<number> {
  const passed = new Set<string>();
  for (const key of await evidenceKeys(world, /\/drill-\d[^.]*\.json$/)) {
    const { outcome, run, result } = DrillEvidence.parse(await readJson(world, key));
    expect(outcome, `${where}: ${key}`).not.toBe('failed');
    if (outcome !== 'passed') continue;
    expect(
      result?.checks.every((check) => check.outcome === 'passed'),
      `${where}: ${key}`,
    ).toBe(true);
    passed.add(run);
  }
  const facts = (await readPoint(world.vault, world.system, asset, POINT))?.facts.filter(({ kind }) => kind === 'drilled') ?? [];
  for (const fact of facts) expect(passed, `${where}: the fact of ${fact.id}`).toContain(fact.id);
  return facts.length;
}

export async function sweepDrill(world: World): Promise<void> {
  const one = (taskOf: TaskOf) => async (fault: PlannedFault, where: string) => (await faultedRun(world, taskOf, fault, where)).end;
  if (!isSoak) {
    await sweep({ what: 'drill', positions: CALLS, sample: 1, calls: world.calls }, one(storedDrill(MEASURED)));
    return;
  }
  const { calls: whole, result } = await faultedRun(world, realDrill, undefined, 'without a fault');
  const stored = storedDrill(DrillResult.parse(result));
  const { calls } = await faultedRun(world, stored, undefined, 'without a fault');
  const ofTask = whole.findIndex((name) => name.includes('drill-result')) + 1;
  await sweep({ what: 'choice and restore of a drill', positions: ofTask, sample: 1, calls: world.calls }, one(realDrill));
  await sweep({ what: 'drill after its restore', positions: calls.length, sample: 1, calls: world.calls }, one(stored));
}
