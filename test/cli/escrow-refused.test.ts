/** Whoever may not list escrow is told so, and not that there is nothing. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { envelopeKey, escrowFactKey } from '../../core/vault/keys.ts';
import { makeRole } from '../helpers/make-role.ts';
import { emulatorEnvironment, holdfast } from './run-holdfast.ts';
import { makeWorld, type World } from './world.ts';

const KEY = 'wallet-encryption-key';
const fingerprint = randomBytes(32).toString('hex');

let world: World;
let environment: Record<string, string>;
const holding = (...words: string[]) => holdfast([...words, '--plan', world.plan], { environment });

beforeAll(async () => {
  world = await makeWorld();
  const { vault, replica, escrow, replicaEscrow, system } = world;
  // A key that left the plan, whose envelope is gone: what there is to be told.
  for (const { writer } of [escrow, replicaEscrow]) {
    await writer.putOnce(escrowFactKey(system, 'retired-key', fingerprint, 'version', 'v1'), '{}');
    await writer.putOnce(envelopeKey(system, KEY, fingerprint), 'sealed');
  }
  const everything = [vault, replica].flatMap(({ bucket }) => [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]);
  const { accessKeyId, secretAccessKey, sessionToken } = await makeRole(`${system}-sees-no-escrow`, [
    { Action: 's3:*', Resource: everything },
    { Action: ['s3:GetObject', 's3:GetObjectVersion'], Resource: [escrow, replicaEscrow].map(({ bucket }) => `arn:aws:s3:::${bucket}/*`) },
    { Action: 'sts:GetCallerIdentity', Resource: '*' },
  ]);
  environment = {
    ...emulatorEnvironment(),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken ?? '',
  };
});
afterAll(() => world.remove());

const rightMissing = (bucket: string, prefix: string) =>
  `s3://${bucket}/${world.system}/${prefix} may not be listed with these credentials: they lack s3:ListBucketVersions there`;

test('status names what it did not see, of each key and of those that left the plan, and ends as with a finding', async () => {
  const { code, stdout } = await holding('status');
  expect(code).toBe(1);
  expect(stdout).toContain(`Not seen: what stands in escrow of ${KEY}. ${rightMissing(world.escrow.bucket, `${KEY}/`)}`);
  expect(stdout).toContain(`Not seen: whether keys that left the plan stand in escrow. ${rightMissing(world.escrow.bucket, '')}`);
  expect(stdout).toContain('Ask again as the role operator or auditor');
  // Once, with the right, and not a second time in the watcher's words.
  expect(stdout).not.toContain('Nothing is known of it: list');
});

test('status --output json has it beside the assets', async () => {
  const { code, stdout } = await holding('status', '--from', 'replica', '--output', 'json', '--quiet');
  const told = JSON.parse(stdout) as { leftKeys: object[]; notSeen: { text: string }[]; assets: { asset: string; findings: object[] }[] };
  expect(code).toBe(1);
  expect(told.leftKeys).toEqual([]);
  expect(told.notSeen).toEqual([
    { text: expect.stringContaining(rightMissing(world.replicaEscrow.bucket, '')) as string, next: expect.any(String) as string },
  ]);
  expect(told.assets.find(({ asset }) => asset === KEY)?.findings).toMatchObject([{ kind: 'not-seen' }]);
});

test('list says of both regions that they were not read', async () => {
  const { stdout } = await holding('list');
  for (const { bucket } of [world.escrow, world.replicaEscrow])
    expect(stdout.split(`s3://${bucket} cannot be read with these credentials: what it holds counts as not known`)).toHaveLength(2);
});

test('who may list is told that the value of a key that left the plan is lost', async () => {
  const { code, stdout } = await holdfast(['status', '--plan', world.plan], { environment: emulatorEnvironment() });
  expect(code).toBe(1);
  expect(stdout).not.toContain('Not seen');
  expect(stdout).toContain(
    `retired-key is no longer in the plan; no value of it stays in escrow; has no envelope any more: ${fingerprint.slice(0, 12)}`,
  );
});
