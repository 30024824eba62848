/** Keys as the command line tells of them: the guard before a rotation, and points whose key nobody could get back. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { emptyVersionKey, envelopeKey, escrowFactKey } from '../../core/vault/keys.ts';
import { rootSettings } from '../helpers/servers.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { addFact, commitPoint, dumpSmallDatabase, HOME, makeWorld, type World } from './world.ts';

const KEY = 'wallet-encryption-key';
const POINT = '20261121T020000Z';
const fingerprint = randomBytes(32).toString('hex');
/** The newest run that opened the envelopes: the guard compares it with the time of asking. */
const runAt = (hoursAgo: number) =>
  `${new Date(Date.now() - hoursAgo * 3_600_000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z-abcdef`;

let world: World;
let environment: Record<string, string>;
const secrets = new SecretsManagerClient(clientConfig(rootSettings(HOME)));
const holding = (...words: string[]) =>
  holdfastHere([...words, '--plan', world.plan], { environment: { ...environment, PATH: process.env['PATH'] ?? '' } });
const pageOf = async () => {
  const out = mkdtempSync(join(tmpdir(), 'holdfast-page-'));
  try {
    await holding('report', '--out', out);
    return readFileSync(join(out, `${world.system}.html`), 'utf8');
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
};
const fact = async (kind: string, id: string, places = [world.escrow, world.replicaEscrow]) => {
  for (const { writer } of places) await writer.putOnce(escrowFactKey(world.system, KEY, fingerprint, kind, id), '{}');
};

beforeAll(async () => {
  world = await makeWorld();
  environment = emulatorEnvironment();
  // In this process the SDK reads the real environment.
  for (const [name, value] of Object.entries(environment)) process.env[name] = value;
  const made = await secrets.send(
    new CreateSecretCommand({ Name: `${world.system}/wallet-encryption-key`, SecretString: randomBytes(32).toString('hex') }),
  );
  await commitPoint(world, POINT, await dumpSmallDatabase());
  await addFact(world, POINT, runAt(2), { kind: 'verified', at: new Date().toISOString(), bytesRead: 1, rows: [], largeObjects: 0 });
  for (const { writer } of [world.escrow, world.replicaEscrow]) await writer.putOnce(envelopeKey(world.system, KEY, fingerprint), 'sealed');
  await fact('version', made.VersionId ?? '');
});
afterAll(() => world.remove());

test('the guard refuses with its exit code until both regions have opened the current version, and again once it is another', async () => {
  const refused = await holding('escrow', 'guard', KEY);
  expect(refused.code).toBe(65);
  expect(refused.stderr).toMatch(/The rotation is refused: .*was never opened in eu-central-1; .*was never opened in eu-west-1/);
  expect(refused.stderr).toContain('npx holdfast escrow');
  await fact('readback', runAt(1), [world.escrow]);
  expect((await holding('escrow', 'guard', KEY)).stderr).toMatch(/was never opened in eu-west-1/);
  await fact('readback', runAt(1), [world.replicaEscrow]);
  const allowed = await holding('escrow', 'guard', KEY, '--output', 'json', '--quiet');
  expect([allowed.code, JSON.parse(allowed.stdout)]).toMatchObject([0, { key: KEY, allowed: true }]);
  await secrets.send(new PutSecretValueCommand({ SecretId: `${world.system}/wallet-encryption-key`, SecretString: 'another' }));
  expect((await holding('escrow', 'guard', KEY)).code).toBe(65);
  expect((await holding('escrow', 'guard', 'nothing')).code).toBe(64);
});

test('a point whose key was lost is not restorable in list, show, status, preview and export', async () => {
  const shown = async () => JSON.parse((await holding('show', POINT, '--output', 'json', '--quiet')).stdout) as { notRestorable: string[] };
  expect(await shown()).toMatchObject({ notRestorable: ['its key wallet-encryption-key (abababababab) has no envelope in escrow'] });
  const list = await holding('list', 'postgres');
  expect(list.stdout).toMatch(/not restorable: its key wallet-encryption-key \(abababababab\) has no envelope in escrow/);
  expect(list.stdout).toMatch(/The newest verified point 20261121T020000Z is not restorable/);
  const status = await holding('status');
  expect(status.stdout).toMatch(/is not restorable: its key wallet-encryption-key \(abababababab\)/);
  const why = 'its key wallet-encryption-key (abababababab) has no envelope in escrow';
  const preview = JSON.parse((await holding('restore', 'latest', '--to', 'again', '--preview', '--output', 'json')).stdout) as Record<
    string,
    string[]
  >;
  expect(preview).toMatchObject({ notRestorable: [why], problems: [expect.stringContaining(`not restorable: ${why}`) as string] });
  expect((await holding('restore', 'latest', '--to', 'again', '--preview')).stdout).toContain(
    'What these keys encrypted may stay unreadable:',
  );
  const anyhow = JSON.parse(
    (await holding('restore', 'latest', '--to', 'again', '--without-keys', '--preview', '--output', 'json')).stdout,
  ) as object;
  expect(anyhow).toMatchObject({ notRestorable: [why], problems: [] });
  const to = mkdtempSync(join(tmpdir(), 'holdfast-export-'));
  try {
    const exported = await holding('export', 'latest', '--to', join(to, 'json'), '--output', 'json', '--quiet');
    expect(JSON.parse(exported.stdout)).toMatchObject({ notRestorable: [why] });
    expect((await holding('export', 'latest', '--to', join(to, 'text'))).stdout).toContain(`not restorable: ${why}`);
  } finally {
    rmSync(to, { recursive: true, force: true });
  }
  expect(status.stdout).toContain('A point is not restorable');
});

test('a key that left the plan is looked at for the points that name it', async () => {
  const retired = { key: 'retired-key', fingerprint: 'cd'.repeat(32) };
  await commitPoint(world, '20261119T020000Z', await dumpSmallDatabase(), [retired]);
  const row = async () => (await holding('list', 'postgres')).stdout.split('\n').find((line) => line.startsWith('20261119T020000Z'));
  expect(await row()).toMatch(/not restorable: .*its key retired-key \(cdcdcdcdcdcd\) has no envelope in escrow/);
  for (const { writer } of [world.escrow, world.replicaEscrow]) {
    await writer.putOnce(envelopeKey(world.system, retired.key, retired.fingerprint, '0123456789abcdef'), 'sealed');
    await writer.putOnce(escrowFactKey(world.system, retired.key, retired.fingerprint, 'readback', runAt(1)), '{}');
  }
  expect(await row()).not.toContain('retired-key');
  const kept = `retired-key is no longer in the plan; 1 value of it stays in escrow, each opened at `;
  expect((await holding('status')).stdout).toContain(kept);
  expect(await pageOf()).toContain(kept);
  await world.escrow.writer.putOnce(escrowFactKey(world.system, retired.key, retired.fingerprint, 'lost', runAt(0)), '{}');
  await world.replicaEscrow.writer.putOnce(escrowFactKey(world.system, retired.key, retired.fingerprint, 'lost', runAt(0)), '{}');
  expect(await row()).toMatch(/its key retired-key \(cdcdcdcdcdcd\) could not be opened from escrow/);
  const status = await holding('status', '--output', 'json', '--quiet');
  const { leftKeys } = JSON.parse(status.stdout) as { leftKeys: object[] };
  expect(leftKeys).toMatchObject([{ key: 'retired-key', values: 1, lost: [retired.fingerprint] }]);
  expect(await pageOf()).toContain('could not be opened any more: cdcdcdcdcdcd');
});

test('an earlier version that gives no value of the key is told by status, until it is in escrow', async () => {
  const note = (kind: string, id: string) => world.escrow.writer.putOnce(emptyVersionKey(world.system, KEY, id, kind), '{}');
  await note('keyless', 'v1');
  await note('undecryptable', 'v2');
  await note('keyless', 'v3');
  await fact('version', 'v3', [world.escrow]);
  const { assets } = JSON.parse((await holding('status', '--output', 'json', '--quiet')).stdout) as {
    assets: { asset: string; notes: string[] }[];
  };
  expect(assets.find(({ asset }) => asset === KEY)?.notes).toEqual([
    expect.stringContaining('version v1 was read, and holds no value of this key') as string,
    expect.stringContaining('version v2 can no longer be decrypted at its source') as string,
  ]);
  expect((await holding('status')).stdout).toContain('version v2 can no longer be decrypted');
});

test('doctor says that no trail tells of rotations', async () => {
  const { stdout } = await holding('doctor');
  expect(stdout).toMatch(/No trail records what happens in this region, so that a rotation is only found by the daily run/);
  expect(stdout).toMatch(/trail in eu-west-1/);
});
