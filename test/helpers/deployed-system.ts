/** A whole system of its own in the emulator of this run: the shipped plan under another name, its database, its secrets, its stacks. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { parse, stringify } from 'yaml';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { makeIdentitySource, type IdentitySource } from '../../cli/demo/identity-source.ts';
import { createSecrets } from '../../cli/demo/secrets.ts';
import type { LocalSystem } from '../../cli/local-system.ts';
import {
  escrowBucketName,
  functionName,
  replicaBucketName,
  vaultBucketName,
  stateMachineName,
  type Side,
  type Stage,
} from '../../core/names.ts';
import type { SignedCalls } from '../../cli/signed-calls.ts';
import { localCalls } from '../../cli/signed-calls/local.ts';
import { parsePlan } from '../../core/plan/load.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { bootstrapRegions, deployPlan, type DeployOptions } from '../../local/deploy/deploy.ts';
import type { ExecutionResult } from '../../local/interpreter/execution.ts';
import type { Json } from '../../local/interpreter/language.ts';
import { placeIn, rootSettings, type LocalPlace } from '../../local/run/place.ts';
import { openRegionDoor, type RegionDoor } from '../../local/servers/region-door.ts';
import { createTlsFiles } from '../../local/servers/tls-files.ts';
import { trustAuthority } from '../../local/trust.ts';
import { openSession } from '../../local/session.ts';
import { takeLock } from '../../local/tools/lock.ts';
import { openRecordingDoor, type RecordedRequest } from '../privileges/recording-door.ts';
import { uniqueSuffix } from './servers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** About 2.5 MB: every kind of object is in it, and nothing takes long. */
const SCALE = 0.04;

type PlainAsset = Record<string, unknown> & {
  id: string;
  kind: string;
  source: { secret: string } & Record<string, unknown>;
  restore?: { secret: string };
};
export type PlainPlan = Record<string, unknown> & { system: string; assets: PlainAsset[] };

export type DeployedSystem = {
  plan: ProtectionPlan;
  place: LocalPlace;
  /** Of the replica's account. */
  replicaPlace: LocalPlace;
  source: IdentitySource;
  /** Where logs and records of executions are written. */
  directory: string;
  vault: ObjectReader;
  replica: ObjectReader;
  escrowAtHome: ObjectReader;
  escrowInReplica: ObjectReader;
  /** @param side in which region the machine runs; the second one's calls go through the door */
  run(stage: Stage, input: Json, side?: Side, name?: string): Promise<ExecutionResult>;
  /** Calls the URL of a function, as a person. */
  signed: SignedCalls;
  /** Calls a function by the path of its handler, as its schedule would. */
  call(handler: string, payload: Json, side?: Side): Promise<Json>;
  door: RegionDoor;
  /** What the roles sent, in every run. */
  requests: readonly RecordedRequest[];
  planPath: string;
  /** As the command line finds it, by `announceLocalSystem`. */
  local: LocalSystem;
  close(): Promise<void>;
};

/**
 * @param edit changes the plan before it is deployed
 * @param scale of the identity database; 1 is about 50 MB
 */
export async function deploySystem(edit: (plan: PlainPlan) => void = () => {}, scale = SCALE): Promise<DeployedSystem> {
  const suffix = uniqueSuffix();
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-e2e-'));
  // Tasks run as users of their own and read the authorities here.
  chmodSync(directory, 0o755);
  const plain = parse(readFileSync(join(ROOT, 'plans', 'ida.yaml'), 'utf8')) as PlainPlan;
  plain.system = `e2e${suffix}`;
  const renamed = (secret: string) => secret.replace('ida/', `${plain.system}/`);
  for (const asset of plain.assets) {
    asset.source.secret = renamed(asset.source.secret);
    if (asset.restore) asset.restore.secret = renamed(asset.restore.secret);
  }
  edit(plain);
  const planPath = join(directory, 'plan.yaml');
  writeFileSync(planPath, stringify(plain));
  const plan = parsePlan(stringify(plain), planPath);

  const { endpointUrl, caPath: emulatorCa, accountId, accessKeyId, secretAccessKey } = inject('emulator');
  const postgres = inject('postgres');
  const tls = createTlsFiles(directory, new Date());
  const caPath = join(directory, 'authorities.pem');
  writeFileSync(caPath, [emulatorCa, tls.caPath].map((path) => readFileSync(path, 'utf8')).join('\n'));
  const place = { endpointUrl, caPath, accountId, accessKeyId, secretAccessKey, region: plan.home.region };

  const source = await makeIdentitySource(
    { ...postgres, stop: () => Promise.resolve() },
    { database: `ida_${suffix}`, reader: `reader_${suffix}`, restorer: `restorer_${suffix}`, tenant: `tenant_${suffix}` },
    scale,
    new Date(),
  );
  await createSecrets(plan, place, { login: source.secret, restoreLogin: source.restoreSecret, keyHex: source.keyHex });
  const deployment = { directory, plan, planPath, place, appDir: ROOT };
  await bootstrapOnce(deployment);
  await deployPlan({ ...deployment, isBootstrapped: true });
  const local = {
    bundlesDir: join(ROOT, '.holdfast', 'bundles'),
    appDir: ROOT,
    programs: { binDir: postgres.binDir, major: postgres.major, version: String(postgres.major), origin: 'machine' as const },
    databaseCaPath: postgres.caPath,
    executionsTls: tls.issue('executions'),
    environment: process.env,
  };
  const recorder = await openRecordingDoor({ endpointUrl, caPath: emulatorCa, ...tls.issue('recorder') });
  trustAuthority(tls.caPem);
  const session = await openSession({ ...local, place: { ...place, endpointUrl: recorder.url }, directory });
  const inReplica = placeIn(place, plan.replica.account);
  const door = await openRegionDoor({ endpointUrl: recorder.url, caPath, ...tls.issue('door') });
  const recovery = await openSession({
    ...local,
    place: { ...inReplica, endpointUrl: door.url, region: plan.replica.region },
    directory: join(directory, 'recovery'),
  });
  const atHome = { system: plan.system, account: accountId, region: plan.home.region };
  const atReplica = { system: plan.system, account: inReplica.accountId, region: plan.replica.region };
  const homeReader = (bucket: string) => openBucket(bucket, rootSettings(place, plan.home.region), {}).reader;
  const replicaReader = (bucket: string) => openBucket(bucket, rootSettings(inReplica, plan.replica.region), {}).reader;
  return {
    plan,
    place,
    replicaPlace: inReplica,
    source,
    directory,
    vault: homeReader(vaultBucketName(atHome)),
    replica: replicaReader(replicaBucketName(atReplica)),
    escrowAtHome: homeReader(escrowBucketName(atHome)),
    escrowInReplica: replicaReader(escrowBucketName(atReplica)),
    async run(stage, input, side = 'vault', name) {
      const options = name === undefined ? {} : { name };
      return (await (side === 'vault' ? session : recovery).startExecution(stateMachineName(plan.system, stage, side), input, options))
        .ended;
    },
    // Past the door: what people may is not judged by what these runs happen to ask.
    signed: localCalls(plan, () => ({ place, session: () => Promise.resolve(session) }), 'nobody'),
    call: (handler, payload, side = 'vault') =>
      (side === 'vault' ? session : recovery).callFunction(functionName(plan.system, handler, side), payload),
    door,
    requests: recorder.requests,
    planPath,
    local: {
      pid: process.pid,
      system: plan.system,
      planPath,
      place,
      programs: local.programs,
      databaseCaPath: local.databaseCaPath,
      executionsTls: local.executionsTls,
    },
    async close() {
      await Promise.all([session.close(), recovery.close()]);
      await door.close();
      await recorder.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** For all suites of a run, whichever begins first. */
async function bootstrapOnce(deployment: DeployOptions): Promise<void> {
  const { home, replica } = deployment.plan;
  const done = join(inject('sharedDirectory'), `bootstrapped-${home.region}-${replica.region}-${replica.account ?? 'here'}`);
  const lock = await takeLock(join(inject('sharedDirectory'), 'bootstrap.lock'), { purpose: 'a bootstrap', waitMs: 120_000 });
  try {
    if (!existsSync(done)) await bootstrapRegions(deployment);
    writeFileSync(done, '');
  } finally {
    lock.release();
  }
}
