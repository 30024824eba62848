/** The demo from beginning to end: a deployment on this machine, the main job, an attacker, and a page of evidence. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePlan } from '../../core/plan/load.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { buildReport } from '../../core/report/build-report.ts';
import type { AttemptReport, ReportModel } from '../../core/report/model.ts';
import { renderReport } from '../../core/report/render-report.ts';
import { decideColour } from '../../core/status/decide-colour.ts';
import { OMISSIONS } from '../../infra/emulator.ts';
import { deployPlan } from '../../local/deploy/deploy.ts';
import { openMachine, type LocalMachine } from '../../local/machine.ts';
import type { LocalPlace } from '../../local/run/place.ts';
import { connectLocally, LOCAL_DIRECTORY } from '../connection-local.ts';
import { openVault, type Connection } from '../connection.ts';
import { announceLocalSystem, type LocalSystem } from '../local-system.ts';
import { bytesText, secondsText } from '../../core/quantities.ts';
import { pointsOf } from '../points.ts';
import { readRecords } from '../records.ts';
import { expirePoints } from './expire-points.ts';
import { holdDemoCeremony, planWithCustodians, type Custody } from './hold-ceremony.ts';
import { makeIdentitySource, type IdentitySource } from './identity-source.ts';
import { keepRunning } from './keep-running.ts';
import type { Narrator } from './narrator.ts';
import type { DemoOptions } from './options.ts';
import { planForOwnSource, readOwnSource, type OwnSource } from './own-source.ts';
import { playAttacker } from './play-attacker.ts';
import { restorePoints } from './restore-points.ts';
import { recoverOffline } from './recover-offline.ts';
import { runMachine, type MachineRun } from './run-machine.ts';
import { createSecrets } from './secrets.ts';
import { renderAttempts, renderSummary } from './summary.ts';

const SHIPPED_PLAN = join('plans', 'ida.yaml');
const IDENTITY = { database: 'ida', reader: 'ida_backup', restorer: 'ida_restore', tenant: 'ida_tenant' };
/** About 50 MB. */
const DEMO_SCALE = 1;
const POINTS_OF_PAGE = 100;
/** Somebody's own database has no key in escrow; the plan's key asset is shown with a value of no use. */
const KEY_OF_NOBODY = '00'.repeat(32);

export type DemoResult = { model: ReportModel; isGood: boolean };
type Demo = { options: DemoOptions; narrator: Narrator; plan: ProtectionPlan; planPath: string; signal: AbortSignal };

/** Throws what any stage throws; every server is ended by then. `signal` ends it early. */
export async function runDemo(options: DemoOptions, narrator: Narrator, signal: AbortSignal): Promise<DemoResult> {
  // A wrong address is told before anything is set up.
  const own = options.source === undefined ? undefined : await readOwnSource(options.source, narrator.frame.environment);
  narrator.stage('Make this machine ready');
  mkdirSync(LOCAL_DIRECTORY, { recursive: true });
  const custody = own ? undefined : await holdDemoCeremony(narrator);
  const demo = { options, narrator, signal, ...choosePlan(options, own, custody) };
  const machine = await openMachine({
    directory: LOCAL_DIRECTORY,
    environment: narrator.frame.environment,
    now: narrator.frame.now(),
    onProgress: (line) => narrator.note(line),
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  try {
    const { local, source } = await deploy(demo, machine, own);
    const withdraw = announceLocalSystem(LOCAL_DIRECTORY, local);
    const connection = connectLocally(demo.plan, local, narrator.frame);
    try {
      return await protect(demo, connection, local, custody && source ? { custody, source } : undefined);
    } finally {
      await connection.close();
      withdraw();
    }
  } finally {
    await machine.close();
  }
}

function choosePlan({ appDir }: DemoOptions, own: OwnSource | undefined, custody: Custody | undefined): Pick<Demo, 'plan' | 'planPath'> {
  const shippedPath = join(appDir, SHIPPED_PLAN);
  const shipped = readFileSync(shippedPath, 'utf8');
  const planPath = join(LOCAL_DIRECTORY, 'demo-plan.yaml');
  const text = own ? planForOwnSource(shipped, own) : custody ? planWithCustodians(shipped, custody) : shipped;
  writeFileSync(planPath, text);
  return { plan: parsePlan(text, planPath), planPath };
}

/** The database to protect, the secrets that the plan names, and the stacks. */
async function deploy(
  { options, narrator, plan, planPath, signal }: Demo,
  machine: LocalMachine,
  own: OwnSource | undefined,
): Promise<{ local: LocalSystem; source: IdentitySource | undefined }> {
  const { emulator, caPath, tools, executionsTls } = machine;
  const { endpointUrl, accountId, accessKeyId, secretAccessKey } = emulator;
  const place = { endpointUrl, caPath, accountId, accessKeyId, secretAccessKey, region: plan.home.region };
  signal.throwIfAborted();
  const source = own
    ? { secret: own.secret, restoreSecret: own.secret, keyHex: KEY_OF_NOBODY }
    : await makeIdentitySource(await machine.startPostgres(), IDENTITY, DEMO_SCALE, narrator.frame.now());
  narrator.done(
    'sizeBytes' in source ? `An identity database of ${bytesText(source.sizeBytes)}` : 'Your database, which is read and never written',
  );
  await createSecrets(plan, place, { login: source.secret, restoreLogin: source.restoreSecret, keyHex: source.keyHex });

  narrator.stage(`Deploy ${own ? 'the plan for your database' : SHIPPED_PLAN} with the CDK`);
  const startedAt = narrator.frame.now();
  const onCompleted = (line: string) => narrator.note(`set by API, since the emulator's CloudFormation drops it: ${line}`);
  await deployPlan({ directory: LOCAL_DIRECTORY, plan, planPath, place, appDir: options.appDir, signal, onCompleted });
  narrator.done(`Deployed in ${secondsText((narrator.frame.now().getTime() - startedAt.getTime()) / 1000)}`);
  return {
    local: { pid: process.pid, system: plan.system, planPath, place, programs: tools.postgres, databaseCaPath: caPath, executionsTls },
    source: 'encrypted' in source ? source : undefined,
  };
}

type Held = { custody: Custody; source: IdentitySource };

async function protect(demo: Demo, connection: Connection, local: LocalSystem, held: Held | undefined): Promise<DemoResult> {
  const { place } = local;
  const { options, narrator, plan, planPath, signal } = demo;
  const { frame, paint } = narrator;
  const runs = await runMainJob(demo, connection);
  const asset = plan.assets.find((one) => one.kind === 'postgres');
  const database = asset?.id ?? '';
  const key = plan.assets.find((asset) => asset.kind === 'key')?.id ?? '';
  const vault = pointsOf(openVault(connection, plan, 'vault', frame.environment), plan.system, { place: 'vault', where: connection.where });
  const file = { file: planPath, directory: frame.workingDirectory };
  const read = () =>
    readRecords({ plan, ...file, connection, vault, from: 'vault', environment: frame.environment, now: frame.now() }, POINTS_OF_PAGE);
  const [newest] = (await read()).report.points[database] ?? [];

  let attempts: AttemptReport[] = [];
  if (asset && newest) {
    runs.push(await expirePoints({ plan, asset, connection, vault, signal }, narrator));
    // Somebody's own database is only read.
    if (held) runs.push(...(await restorePoints({ plan, asset, point: newest.point, connection, vault: vault.reader, signal }, narrator)));
    narrator.stage('An attacker holds the dump role, then the lock role');
    attempts = await playAttacker(plan, place, { asset: database, point: newest.point, key }, frame.now());
    narrator.say(renderAttempts(attempts, paint));
    if (held) runs.push(...(await recoverDemoKey(demo, connection, place, held)));
  }
  narrator.stage('Not shown here: what only AWS shows');
  for (const { sentence } of OMISSIONS) narrator.note(sentence);

  const records = await read();
  const now = frame.now();
  const model = buildReport(plan, decideColour(plan, records.colours, now), records.report, {
    generatedAt: now.toISOString(),
    version: options.version,
    platform: 'ministack on one machine',
    runs: runs.map((run) => run.report),
    attempts,
    notShown: OMISSIONS.map(({ sentence, without }) => ({
      what: sentence,
      why: `The emulator does not know ${without.join(', ')}`,
      shownBy: 'Asserted on the templates for AWS by the tests of infra/',
    })),
  });
  writeReport(model);
  narrator.say(renderSummary(model, paint));
  const isGood =
    runs.every((run) => run.end.status === 'succeeded') && attempts.length > 0 && attempts.every((attempt) => attempt.isRefused);
  narrator.say('');
  narrator.end(
    isGood
      ? paint('green', 'A green backup is one that has been restored: this one was.')
      : paint('red', 'Not everything worked: the evidence says what did not.'),
  );
  narrator.end('The evidence: .holdfast/report/index.html');
  if (options.isKept && isGood) await keepRunning(plan, local, held?.custody, narrator, signal);
  return { model, isGood };
}

/** None when the plan has no key of which a value stands in the database. */
async function recoverDemoKey(
  { plan, narrator, signal }: Demo,
  connection: Connection,
  place: LocalPlace,
  held: Held,
): Promise<MachineRun[]> {
  const key = plan.assets.find((asset) => asset.kind === 'key');
  const canary = plan.assets.flatMap((asset) => (asset.kind === 'postgres' ? asset.drill.canaries : []))[0];
  if (!key || !canary) return [];
  const nextKeyHex = randomBytes(KEY_OF_NOBODY.length / 2).toString('hex');
  return recoverOffline({ plan, key, canary, nextKeyHex, connection, place, signal, ...held }, narrator);
}

/** Escrow, backup, drill: each only when the one before ended well. */
async function runMainJob({ narrator, plan, signal }: Demo, connection: Connection): Promise<MachineRun[]> {
  const asset = plan.assets.find(({ kind }) => kind === 'postgres')?.id ?? '';
  const runs: MachineRun[] = [];
  for (const step of [
    { title: 'Escrow the keys', stage: 'escrow', input: {} },
    { title: 'Back up the database', stage: 'backup', input: { asset } },
    { title: 'Drill: restore the point into a throwaway database', stage: 'drill', input: { asset } },
  ] as const) {
    narrator.stage(step.title);
    const run = await runMachine(connection.machines, step.stage, step.input, narrator.progress(), signal);
    runs.push(run);
    if (run.end.status === 'succeeded') continue;
    narrator.failed(`${run.end.error}: ${run.end.cause}`);
    break;
  }
  return runs;
}

function writeReport(model: ReportModel): void {
  mkdirSync(join(LOCAL_DIRECTORY, 'report'), { recursive: true });
  writeFileSync(join(LOCAL_DIRECTORY, 'report', 'index.html'), renderReport(model));
}
