/** From the start of a backup machine on this computer to the first bytes in the vault: functions, task and all, started cold. */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { makeIdentitySource } from '../../cli/demo/identity-source.ts';
import { createSecrets } from '../../cli/demo/secrets.ts';
import { stateMachineName, vaultBucketName } from '../../core/names.ts';
import { parsePlan } from '../../core/plan/load.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { assetDataPrefix } from '../../core/vault/keys.ts';
import { deployPlan } from '../../local/deploy/deploy.ts';
import { openMachine, type LocalMachine } from '../../local/machine.ts';
import { rootSettings } from '../../local/run/place.ts';
import { openSession } from '../../local/session.ts';
import { loadAverage } from '../measure/processes.ts';
import { APP_ROOT, type Place } from '../place.ts';
import type { Result } from '../results.ts';

const PLAN = join(APP_ROOT, 'plans', 'ida.yaml');
const ASSET = 'postgres';
const ROLES = { database: 'ida', reader: 'ida_backup', restorer: 'ida_restore', tenant: 'ida_tenant' };
/** About 50 MB. */
const SCALE = 1;
const LOOK_MILLISECONDS = 20;
/** The dump itself; roles and settings, which are small, arrive before it. */
const DUMP_KEY = /\/(dump-\d+|rest-\d+|archive\/.+)$/;

export type FirstByteOptions = {
  place: Place;
  rounds: number;
  environment: NodeJS.ProcessEnv;
  save: (result: Omit<Result, 'run'>) => void;
  say: (text: string) => void;
};

export async function measureFirstByte({ place, rounds, environment, save, say }: FirstByteOptions): Promise<void> {
  const directory = join(place.root, 'local');
  mkdirSync(directory, { recursive: true });
  const tools = join(APP_ROOT, '.holdfast', 'tools');
  const machine = await openMachine({ directory, tools, environment, now: new Date() });
  try {
    const plan = parsePlan(await readFile(PLAN, 'utf8'), PLAN);
    say('Deploying a system to start a backup of');
    const session = await deploy(machine, plan, directory, environment);
    try {
      for (let round = 1; round <= rounds; round++)
        for (const [of, seconds] of Object.entries(await timeBackup(session, plan))) {
          say(`  from trigger to ${of}: ${seconds.toFixed(2)} s`);
          save({ work: 'first-byte', of, scale: 1, wallSeconds: seconds, loadBefore: loadAverage() });
        }
    } finally {
      await session.close();
    }
  } finally {
    await machine.close();
  }
}

async function deploy(machine: LocalMachine, plan: ProtectionPlan, directory: string, environment: NodeJS.ProcessEnv) {
  const { emulator, caPath, tools, executionsTls } = machine;
  const { endpointUrl, accountId, accessKeyId, secretAccessKey } = emulator;
  const place = { endpointUrl, caPath, accountId, accessKeyId, secretAccessKey, region: plan.home.region };
  const source = await makeIdentitySource(await machine.startPostgres(), ROLES, SCALE, new Date());
  await createSecrets(plan, place, { login: source.secret, restoreLogin: source.restoreSecret, keyHex: source.keyHex });
  await deployPlan({ directory, plan, planPath: PLAN, place, appDir: APP_ROOT });
  return openSession({
    place,
    directory,
    appDir: APP_ROOT,
    programs: tools.postgres,
    databaseCaPath: caPath,
    executionsTls,
    environment,
  });
}

type Session = Awaited<ReturnType<typeof deploy>>;

/** Seconds from the trigger to each of the instants that matter. Functions that a round before left warm stay warm, as in a schedule. */
async function timeBackup(session: Session, plan: ProtectionPlan): Promise<Record<string, number>> {
  const { place } = session;
  const bucket = vaultBucketName({ system: plan.system, account: place.accountId, region: place.region });
  const { reader } = openBucket(bucket, rootSettings(place), {});
  const prefix = assetDataPrefix(plan.system, ASSET);
  const known = new Set<string>();
  for await (const { key } of reader.list(prefix)) known.add(key);

  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  const found: Record<string, number> = {};
  const execution = await session.startExecution(
    stateMachineName(plan.system, 'backup'),
    { asset: ASSET },
    {
      onEvent: ({ type, state }) => {
        if (type === 'TaskStateEntered' && state === 'Dump the database') found['the start of the dump task'] ??= seconds();
      },
    },
  );
  const end = new AbortController();
  const ended = execution.ended.finally(() => end.abort());
  const fresh = async (isWanted: (key: string) => boolean) => {
    for await (const { key } of reader.list(prefix)) if (!known.has(key) && isWanted(key)) return true;
    return false;
  };
  while (!end.signal.aborted && found['the first object of the dump'] === undefined) {
    if (await fresh(() => true)) found['the first bytes in the vault'] ??= seconds();
    if (await fresh((key) => DUMP_KEY.test(key))) found['the first object of the dump'] = seconds();
    await sleep(LOOK_MILLISECONDS);
  }
  const { status } = await ended;
  if (status !== 'SUCCEEDED') throw new Error(`The backup ended as ${status}`);
  return { ...found, 'the end of the machine': seconds() };
}
