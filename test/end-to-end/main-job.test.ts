/** The whole job on a deployed system: what a run leaves, who signed it, how long it is locked, and that nothing secret is in it. */
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { verifyEnvelope } from '../../core/evidence/envelope.ts';
import { alarmTopicName, keyAlias } from '../../core/names.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { catalogPrefix, chainPrefix, escrowPrefix, evidencePrefix, signatureKey } from '../../core/vault/keys.ts';
import { loginsOf } from '../../core/watch/logins.ts';
import { listPoints, readPoint } from '../../core/vault/read-point.ts';
import type { ExecutionResult } from '../../local/interpreter/execution.ts';
import { rootSettings } from '../../local/run/place.ts';
import { makeAlarmTopic, type AlarmTopic } from '../helpers/alarm-topic.ts';
import { seededRandom } from '../helpers/seeded-random.ts';
import { connectToTestServer } from '../helpers/servers.ts';
import type { Ran } from '../privileges/record.ts';
import { itRefusesAttacks } from './attack-roles.ts';
import { describeLeastPrivilege } from './least-privilege.ts';
import { describeAudit } from './audit.ts';
import { describeOffline, holdOfflineCeremony, offlineFor, type OfflineCeremony } from './offline.ts';
import { describeInPlace } from './in-place.ts';
import { approvedRuns, expectNothingPlanted } from './planted.ts';
import { describeExpiry } from './points-expire.ts';
import { describeWatch, describeWatchWithoutHome } from './watch.ts';
import { describeWithoutHome } from './without-home.ts';
import { installStockTools, openKeyByHand, restoreByHand } from './restore-by-hand.ts';
import { expectSignedOff, LOOKED_AT } from './sign-off.ts';
import { verifyEvidenceOf } from './verify-evidence.ts';
import { deploySystem, type DeployedSystem } from '../helpers/deployed-system.ts';

const DEPLOY_MILLISECONDS = 300_000;
const RUN_MILLISECONDS = 180_000;
const DAY_MILLISECONDS = 86_400_000;

let system: DeployedSystem;
let ceremony: OfflineCeremony;
let topic: AlarmTopic;
const ends: ExecutionResult[] = [];
const ran: Ran[] = [];

const run = async (...args: Parameters<DeployedSystem['run']>) => {
  const end = await system.run(...args);
  ends.push(end);
  const [stage, , side = 'vault'] = args;
  ran.push({ stage, side, history: end.history });
  return end;
};
const succeeded = (end: ExecutionResult) =>
  expect(end.status === 'SUCCEEDED' ? 'SUCCEEDED' : `${end.error}: ${end.cause}`).toBe('SUCCEEDED');

/** A slot of before, none that the watcher misses, and young enough that no lock of its point has to be extended yet. */
const OLD_SLOT = `${new Date(Date.now() - 30 * 3_600_000).toISOString().slice(0, 19)}Z`;
const OLD_POINT = OLD_SLOT.replaceAll(/[-:]/g, '');

beforeAll(async () => {
  ceremony = await holdOfflineCeremony();
  system = await deploySystem((plan) => {
    for (const key of plan.assets) if (key.kind === 'key') key['escrow'] = { ...(key['escrow'] as object), ...offlineFor(ceremony) };
    const [database] = plan.assets;
    // The same database a second time, as readable SQL.
    const plain = structuredClone(database!);
    plain.source.secret += '-as-text';
    plan.assets.push({
      ...plain,
      id: 'plain',
      dump: { format: 'plain', cleanIfExists: true, schemaOnlyBeside: true, compression: { method: 'gzip' } },
    });
    database!.restore = { ...database!.restore!, ...LOOKED_AT };
  });
  const { region, accountId } = system.place;
  topic = await makeAlarmTopic(region);
  await topic.subscribe(`arn:aws:sns:${region}:${accountId}:${alarmTopicName(system.plan.system)}`);
}, DEPLOY_MILLISECONDS);
afterAll(async () => {
  topic?.close();
  await system?.close();
});

describe('the main job', { timeout: RUN_MILLISECONDS }, () => {
  it('escrows the key in both regions', async () => {
    succeeded(await run('escrow', {}));
    for (const escrow of [system.escrowAtHome, system.escrowInReplica])
      expect(await keysOf(escrow, escrowPrefix(system.plan.system, 'wallet-encryption-key'))).toEqual(
        expect.arrayContaining([expect.stringMatching(/\/envelope-[0-9a-f]{16}$/), expect.stringMatching(/\/readback-.*\.json$/)]),
      );
  });

  it('makes a proven point of a custom and of a plain dump', async () => {
    const make = async (asset: string) => {
      succeeded(await run('backup', { asset }));
      succeeded(await run('drill', { asset }));
      const [listed] = await listPoints(system.vault, system.plan.system, asset);
      const records = await readPoint(system.vault, system.plan.system, asset, listed!.point);
      expect(records!.facts.map((fact) => fact.kind).toSorted()).toEqual(
        expect.arrayContaining(['drilled', 'locked', 'replicated', 'verified']),
      );
      expect(records!.facts.find((fact) => fact.kind === 'drilled')).toMatchObject({
        outcome: 'passed',
        // Beside what the plan states of people, where it states any.
        reasons: expect.arrayContaining([expect.stringMatching(/^All \d+ checks passed$/)]) as string[],
      });
    };
    await Promise.all(['postgres', 'plain'].map(make));
  });

  it('admits a slot once', async () => {
    // Scheduler may deliver a start twice, and at once.
    const input = { asset: 'postgres', slot: OLD_SLOT };
    const both = await Promise.all([run('backup', input), run('backup', input)]);
    const again = await run('backup', input);
    for (const end of [...both, again]) succeeded(end);
    const outputs = [...both, again].map((end) => ('output' in end ? (end.output as { committed: boolean; reason?: string }) : undefined));
    expect(outputs.filter((output) => output?.committed)).toHaveLength(1);
    const reasons = outputs.flatMap((output) => output?.reason ?? []);
    expect(reasons).toEqual([
      expect.stringMatching(/held by arn:.* is running$|may be about to run$/),
      expect.stringContaining('has its point'),
    ]);
    const points = await listPoints(system.vault, system.plan.system, 'postgres');
    expect(points.filter(({ point }) => point === OLD_POINT)).toHaveLength(1);
  });

  it('locks all that a run leaves, in both vaults, as long as the plan says', async () => {
    for (const vault of [system.vault, system.replica]) {
      let locked = 0;
      for (const prefix of [
        catalogPrefix(system.plan.system, 'postgres'),
        `data/${system.plan.system}/postgres/`,
        chainPrefix(system.plan.system, 'postgres'),
      ]) {
        for await (const { key, versionId } of vault.listVersions(prefix)) {
          const head = await vault.head({ key, versionId });
          const days = ((head?.lockedUntil?.getTime() ?? 0) - Date.now()) / DAY_MILLISECONDS;
          expect(days, `${vault.bucket}/${key}`).toBeGreaterThan(29.9);
          locked++;
        }
      }
      expect(locked).toBeGreaterThan(10);
    }
  });

  it('signs manifests and evidence so that the public key alone tells', async () => {
    const kms = new KMSClient(clientConfig(rootSettings(system.place)));
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyAlias(system.plan.system, 'evidence') }));
    const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(PublicKey!).toString('base64')}\n-----END PUBLIC KEY-----\n`;
    const signed = [
      ...(await keysOf(system.vault, 'catalog/')).filter((key) => key.endsWith('/manifest.json')),
      ...(await keysOf(system.vault, evidencePrefix(system.plan.system))).filter(
        (key) => /\/drill-\d[^/]*\.json$/.test(key) && !key.endsWith('.dsse.json'),
      ),
    ].filter((key) => key.includes(system.plan.system));
    expect(signed.length).toBeGreaterThanOrEqual(5);
    for (const key of signed) {
      const envelope = JSON.parse((await text(system.vault, signatureKey(key)))!) as unknown;
      const bytes = Buffer.from((await text(system.vault, key))!);
      expect(verifyEnvelope(envelope, pem, key, bytes)).toMatchObject({ isValid: true });
      bytes[bytes.length >> 1]! ^= 1;
      expect(verifyEnvelope(envelope, pem, key, bytes)).toMatchObject({ isValid: false });
    }
  });

  it('holds in the replica vault all that describes a point', async () => {
    const prefix = catalogPrefix(system.plan.system, 'postgres');
    const home = await keysOf(system.vault, prefix);
    const there = new Set(await keysOf(system.replica, prefix));
    // A drill is held after its point was copied, and brings what it writes by itself.
    expect(home.filter((key) => !there.has(key))).toEqual([]);
    const [listed] = await listPoints(system.vault, system.plan.system, 'postgres');
    succeeded(await run('drill', { asset: 'postgres', point: listed!.point, from: 'replica' }, 'replica'));
  });

  it('is verified without a network, in vault and replica, by the keys that KMS gives', () => verifyEvidenceOf(system));

  describeAudit(() => ({ ...system, run }));

  it('opens an old point with the key of its time after a rotation', async () => {
    const secrets = new SecretsManagerClient(clientConfig(rootSettings(system.place)));
    const secret = system.plan.assets.find(({ kind }) => kind === 'key')!.source.secret;
    const guard = () => system.call('escrow/guard-rotation', { key: 'wallet-encryption-key' });
    expect(await guard()).toEqual({ allowed: true, keys: ['wallet-encryption-key'] });
    await secrets.send(new PutSecretValueCommand({ SecretId: secret, SecretString: 'ab'.repeat(32) }));
    await expect(guard()).rejects.toThrow(/RotationRefused|is not in escrow in the vault’s region/);
    succeeded(await run('escrow', {}));
    expect(await guard()).toMatchObject({ allowed: true });
    succeeded(await run('drill', { asset: 'postgres', point: OLD_POINT }));
  });

  describeOffline(
    () => ({ ...system, run }),
    () => ceremony,
  );

  it('restores a point into a new database beside the source, once, though a delete marker hides it, and has it signed off', async () => {
    expect((await listPoints(system.vault, system.plan.system, 'postgres'))[0]).toMatchObject({ isHidden: true });
    const to = `restored_${system.plan.system}`;
    const restored = await run('restore', { asset: 'postgres', point: 'latest', to });
    succeeded(restored);
    const again = await run('restore', { asset: 'postgres', point: 'latest', to });
    expect(again).toMatchObject({ status: 'FAILED', error: 'TargetNotEmpty' });
    await expectSignedOff({ ...system, run }, restored.status === 'SUCCEEDED' ? restored.output : undefined);
  });

  it('answers input that cannot be met with what is wrong and what is possible', async () => {
    for (const [stage, input] of [
      ['backup', { asset: 'nothing' }],
      ['drill', { asset: 'nothing' }],
      ['restore', { asset: 'nothing' }],
      ['escrow', { key: 'nothing' }],
    ] as const) {
      const end = await run(stage, input);
      expect(end).toMatchObject({ status: 'FAILED', error: 'BadInput' });
      expect('cause' in end && end.cause).toMatch(stage === 'escrow' ? /wallet-encryption-key/ : /postgres/);
    }
  });

  it('tells a wrong password as such, commits nothing, and succeeds when it is put right', async () => {
    const secrets = new SecretsManagerClient(clientConfig(rootSettings(system.place)));
    const secret = system.plan.assets[0]!.source.secret;
    const put = (password: string) =>
      secrets.send(new PutSecretValueCommand({ SecretId: secret, SecretString: JSON.stringify({ ...system.source.secret, password }) }));
    const before = await listPoints(system.vault, system.plan.system, 'postgres');
    await put('not-the-password');
    const end = await run('backup', { asset: 'postgres' });
    expect(end).toMatchObject({
      status: 'FAILED',
      error: 'SourceLoginRefused',
      cause: expect.stringContaining('Compare user name and password') as string,
    });
    expect(await listPoints(system.vault, system.plan.system, 'postgres')).toHaveLength(before.length);
    await put(system.source.secret.password);
    succeeded(await run('backup', { asset: 'postgres' }));
  });

  it('restores by hand, as the page says, with stock programs alone, and opens the key of the time', async () => {
    const toolsBin = installStockTools();
    const expected = await rowsOf(system.source.secret.dbname);
    const secrets = new SecretsManagerClient(clientConfig(rootSettings(system.place)));
    const secret = system.plan.assets.find(({ kind }) => kind === 'key')!.source.secret;
    const { SecretString: current } = await secrets.send(new GetSecretValueCommand({ SecretId: secret }));
    const flip = `python3 -c '
import json
manifest = json.load(open("manifest.json"))
dump = next(o for o in manifest["objects"] if o["role"] == "dump")
dump["sha256"] = ("1" if dump["sha256"][0] == "0" else "0") + dump["sha256"][1:]
json.dump(manifest, open("manifest.json", "w"))
'`;
    const ways = [
      ['postgres', 'custom', 'replica', current],
      // Made before the rotation.
      ['plain', 'plain', 'vault', system.source.keyHex],
    ] as const;
    // Each call of the AWS CLI takes its second, and there are dozens.
    const way = seededRandom('a restore by hand').below(ways.length);
    for (const [asset, format, from, key] of process.env['HOLDFAST_SOAK'] === '1' ? ways : [ways[way]!]) {
      const [listed] = await listPoints(system.vault, system.plan.system, asset);
      const database = `by_hand_${asset}_${from}_${system.plan.system}`;
      const order = { system, toolsBin, asset, point: listed!.point, from, format, database };
      const directory = restoreByHand(order);
      expect(await rowsOf(database)).toEqual(expected);
      expect(openKeyByHand(order, 'wallet-encryption-key', directory)).toBe(key);

      // And stops before it restores a byte that is not what the manifest says.
      const damaged = `by_hand_damaged_${asset}_${system.plan.system}`;
      const stopped = /STOP: the dump is not what the manifest says/;
      expect(() => restoreByHand({ ...order, database: damaged }, flip, directory)).toThrow(stopped);
      await expect(connectToTestServer(damaged)).rejects.toThrow(/does not exist/);
    }
  });

  describeExpiry(() => ({ ...system, run }));

  describeWatch(() => system);

  // Of before the rotation: the newest point names the new key, under which nothing in the database is encrypted.
  describeWithoutHome(() => ({ ...system, run }), OLD_POINT);
  describeWatchWithoutHome(() => system);

  it('sees that every KMS key in use works, in both regions', async () => {
    // The second look reads what the first one wrote down.
    for (const side of ['vault', 'replica', 'vault', 'replica'] as const) {
      const look = { look: true, logins: loginsOf(system.plan, side) };
      expect(await system.call('watch/watch-keys', look, side)).toMatchObject({ endangered: [], unseen: [], told: false });
    }
  });

  // Last of all runs: the database is another one in between.
  describeInPlace(() => ({ ...system, run }));

  it('leaves no secret and no personal data anywhere but in the dumps themselves, nor says any', async () => {
    const secrets = ['ab'.repeat(32), 'not-the-password'];
    await expectNothingPlanted(system, { ends, topic, secrets, runs: await approvedRuns(system) });
    // The search knows what it looks for: the dump itself holds the people.
    const dumped = await keysOf(system.vault, `data/${system.plan.system}/plain/`);
    expect(dumped.find((key) => /roles/.test(key))).toBeDefined();
  });

  itRefusesAttacks(() => system);

  describeLeastPrivilege(() => system, ran);
});

async function keysOf(reader: ObjectReader, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of reader.list(prefix)) keys.push(key);
  return keys;
}

async function text(reader: ObjectReader, key: string): Promise<string | undefined> {
  const found = await reader.get({ key });
  return found && Buffer.from(found.body).toString('utf8');
}

/** Rows of every table, large objects among them. */
async function rowsOf(database: string): Promise<Record<string, number>> {
  const client = await connectToTestServer(database);
  const tables = await client.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema') union select 'pg_largeobject'",
  );
  const counted: Record<string, number> = {};
  for (const { name } of tables.rows)
    counted[name] = Number((await client.query<{ count: string }>(`select count(*) from ${name}`)).rows[0]!.count);
  await client.end();
  return counted;
}
