import { CreateAliasCommand, CreateKeyCommand, DisableKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { keyAlias } from '../../core/names.ts';
import { freshDatabase, rootSettings, uniqueSuffix } from '../helpers/servers.ts';
import type { FreshDatabase } from '../helpers/servers.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { HOME, makeWorld } from './world.ts';
import type { World } from './world.ts';

const PASSWORD = `planted-${uniqueSuffix()}`;
const READER = `reader_${uniqueSuffix()}`;

let world: World;
let database: FreshDatabase;
const doctor = (...words: string[]) => holdfastHere(['doctor', ...words, '--plan', world.plan], { environment: emulatorEnvironment() });

beforeAll(async () => {
  world = await makeWorld();
  for (const [name, value] of Object.entries(emulatorEnvironment())) process.env[name] = value;
  // The replica's has none.
  for (const { client, bucket } of [world.vault, world.escrow, world.replicaEscrow]) {
    const all = { Principal: '*', Action: 's3:DeleteObjectVersion', Resource: `arn:aws:s3:::${bucket}/*` };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'NobodyDeletes', Effect: 'Deny', ...all }] });
    await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
  }
  database = await freshDatabase('doctor');
  const client = await database.connect();
  await client.query(`CREATE TABLE people (id int, email text); CREATE ROLE ${READER} LOGIN PASSWORD '${PASSWORD}'`);
  const { host, port, ca } = database;
  const secret = { host, port, dbname: database.database, username: READER, password: PASSWORD, ca };
  await new SecretsManagerClient(clientConfig(rootSettings(HOME))).send(
    new CreateSecretCommand({ Name: `${world.system}/postgres`, SecretString: JSON.stringify(secret) }),
  );
});
afterAll(async () => {
  const client = await database.connect();
  await client.query(`DROP OWNED BY ${READER}; DROP ROLE ${READER}`);
  await database.drop();
  world.remove();
});

test('everything is looked at, and whatever is wrong is said beside the rest', async () => {
  const { code, stdout } = await doctor('--output', 'json');
  expect(code).toBe(1);
  const told = JSON.parse(stdout) as { isReady: boolean; examined: { what: string; findings: { severity: string; problem: string }[] }[] };
  expect(told.isReady).toBe(false);
  const findings = (what: string) => told.examined.find((one) => one.what === what)?.findings ?? [];
  expect(told.examined.map((one) => one.what)).toEqual(
    expect.arrayContaining(['plan', 'machine backup', 'vault', 'replica vault', 'escrow', 'database postgres']),
  );
  const machines = [
    ...['backup', 'escrow', 'drill', 'restore', 'retention', 'hold', 'audit'].map((stage) => `machine ${stage}`),
    ...['drill', 'restore', 'retention', 'hold', 'audit'].map((stage) => `machine ${stage} of the second region`),
  ];
  expect(told.examined.map((one) => one.what).filter((what) => what.startsWith('machine '))).toEqual(machines);
  for (const machine of machines)
    expect(findings(machine)).toMatchObject([{ severity: 'error', problem: expect.stringContaining('does not exist') as string }]);
  expect(findings('vault')).toEqual([]);
  expect(findings('database postgres').some((finding) => finding.severity === 'error')).toBe(true);
});

test('a key that is disabled or about to go, and a bucket without its policy, are told with what puts them right', async () => {
  const kms = new KMSClient(clientConfig(rootSettings(HOME)));
  const keys: Record<string, string> = {};
  for (const purpose of ['vault', 'escrow', 'evidence'] as const) {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    keys[purpose] = KeyMetadata?.KeyId ?? '';
    await kms.send(new CreateAliasCommand({ AliasName: keyAlias(world.system, purpose), TargetKeyId: KeyMetadata?.KeyId }));
  }
  await kms.send(new DisableKeyCommand({ KeyId: keys['vault'] }));
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: keys['escrow'], PendingWindowInDays: 7 }));
  const { code, stdout } = await doctor('--output', 'json');
  expect(code).toBe(1);
  const told = JSON.parse(stdout) as { examined: { what: string; findings: { value: string; problem: string; fix: string }[] }[] };
  const findings = (what: string) => told.examined.find((one) => one.what === what)?.findings;
  const saying = (text: RegExp) => expect.stringMatching(text) as string;
  expect(findings(`key vault in ${HOME}`)).toMatchObject([
    { value: 'Disabled', fix: saying(/aws kms enable-key --region eu-central-1 --key-id arn:/) },
  ]);
  expect(findings(`key escrow in ${HOME}`)).toMatchObject([
    { value: 'PendingDeletion', problem: saying(/is deleted on \d{4}-/), fix: saying(/cancel-key-deletion .* && aws kms enable-key/) },
  ]);
  expect(findings(`key evidence in ${HOME}`)).toEqual([]);
  expect(findings(`key fingerprint in ${HOME}`)).toMatchObject([{ problem: saying(/does not exist/) }]);
  expect(findings('vault')).toEqual([]);
  expect(findings('replica vault')).toMatchObject([{ value: 'none', problem: saying(/bypass locks/) }]);
});

test('a line break in a name does not end the comment that names it', async () => {
  const { code, stdout } = await doctor('--grants', '--role', 'x\nDROP TABLE y; --');
  expect(code).toBe(0);
  expect(stdout.split('\n')[0]).toMatch(/^-- postgres: .*"x\?DROP TABLE y; --" still needs .* administrator\.$/);
});

test('--grants prints the SQL for this very role, and once it was run there is nothing left to print', async () => {
  const { code, stdout } = await doctor('--grants');
  expect(code).toBe(0);
  expect(stdout).toContain(`GRANT pg_read_all_data TO "${READER}";`);
  const client = await database.connect();
  await client.query(stdout);
  expect((await doctor('--grants')).stdout).toContain('-- Nothing: it may read everything that a dump reads.');
  const explicit = await doctor('--grants', '--role', 'not_there_yet', '--explicit', '--output', 'json');
  const [asset] = (JSON.parse(explicit.stdout) as { grants: { statements: string[] }[] }).grants;
  expect(asset?.statements).toEqual(expect.arrayContaining(['CREATE ROLE "not_there_yet" LOGIN;']));
  expect(asset?.statements.join()).not.toContain('pg_read_all_data');
});

test('the password of the secret is nowhere in what is said', async () => {
  for (const words of [[], ['--grants'], ['--output', 'json']]) {
    const { stdout, stderr } = await doctor(...words);
    expect(stdout + stderr).not.toContain(PASSWORD);
    if (words.length === 0) expect(stdout.trimEnd().split('\n').at(-1)).toBe('A backup or a restore would fail: see the errors above');
  }
});
