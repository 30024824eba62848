/** What list, status and report say of KMS keys and sources that end, and of escrow objects that somebody hid or wrote over. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { envelopeKey, escrowFactKey, keyWatchKey } from '../../core/vault/keys.ts';
import { scheduledSlotId } from '../../core/vault/ids.ts';
import type { KeyWatchRecord } from '../../core/watch/key-record.ts';
import type { Used } from '../../core/watch/used.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { HOME, makeWorld, REPLICA, type World } from './world.ts';

const KEY = 'wallet-encryption-key';
const FINGERPRINT = 'ab'.repeat(32);
const NOW = new Date();
const directory = mkdtempSync(join(tmpdir(), 'holdfast-seen-'));

let world: World;
const holding = (...words: string[]) => holdfastHere([...words, '--plan', world.plan], { environment: emulatorEnvironment(), directory });
const seen = async (where: World['escrow'], region: string, used: Used[], at = NOW) => {
  const record: KeyWatchRecord = { format: 'holdfast/key-watch/v1', system: world.system, region, at: at.toISOString(), used };
  await where.writer.putOnce(keyWatchKey(world.system, scheduledSlotId(at)), JSON.stringify(record));
};
const escrowKey = { kind: 'key', arn: `arn:aws:kms:${HOME}:000000000000:key/1234` } as const;

beforeAll(async () => {
  world = await makeWorld();
  // In this process the SDK reads the real environment.
  for (const [name, value] of Object.entries(emulatorEnvironment())) process.env[name] = value;
  await seen(
    world.escrow,
    HOME,
    [
      { ...escrowKey, alias: `alias/holdfast/${world.system}/escrow`, state: 'deletion-scheduled', endsAt: '2126-12-21T10:00:00.000Z' },
      { kind: 'source', source: { store: 'secret', name: `${world.system}/wallet-encryption-key` }, state: 'gone' },
    ],
    new Date(NOW.getTime() - 3_600_000),
  );
  await seen(world.replicaEscrow, REPLICA, [{ kind: 'key', alias: `alias/holdfast/${world.system}/vault`, state: 'disabled' }]);
  const [envelope, fact] = [
    envelopeKey(world.system, KEY, FINGERPRINT),
    escrowFactKey(world.system, KEY, FINGERPRINT, 'current', `${scheduledSlotId(NOW)}-000000`),
  ];
  for (const key of [envelope, fact]) await world.escrow.writer.putOnce(key, 'sealed');
  const { client, bucket } = world.escrow;
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: envelope, Body: 'another' }));
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: fact }));
});
afterAll(() => {
  world.remove();
  rmSync(directory, { recursive: true });
});

const GOING = /The key alias\/holdfast\/\S+\/escrow \(\S+\) is to be deleted on 2126-12-21 \(the vault’s region, seen \d{4}-/;
const GONE = /The secret \S+\/wallet-encryption-key is not there \(the vault’s region/;
const DISABLED = /The key alias\/holdfast\/\S+\/vault is disabled \(the replica’s region/;
const OVERWRITTEN = /envelope is written once, and has 2 versions, the newest \S+\. The oldest counts/;
const HIDDEN = /A delete marker \(version \S+\) hides s3:\/\/\S+current-\S+\.json\. It is still read/;

test('list says it of each asset, from both regions', async () => {
  const { code, stdout, stderr } = await holding('list');
  expect([code, stderr]).toEqual([0, '']);
  for (const said of [GOING, GONE, DISABLED, OVERWRITTEN, HIDDEN]) expect(stdout).toMatch(said);
  expect(stdout).toMatch(/postgres red\n/);
});

test('status says it with what to do, of its own region', async () => {
  const { code, stdout } = await holding('status');
  expect(code).toBe(1);
  for (const said of [GOING, GONE, OVERWRITTEN, HIDDEN]) expect(stdout).toMatch(said);
  expect(stdout).not.toMatch(DISABLED);
  expect(stdout).toMatch(/aws kms cancel-key-deletion[^\n]*A KMS key is about to go/);
  expect(stdout).toMatch(/aws secretsmanager restore-secret/);
  expect(stdout).toMatch(/Find out who wrote it[^\n]*aws s3api list-object-versions --region eu-central-1/);
  expect(stdout).toMatch(/KMS keys and sources are as they were at \d{4}/);
  const other = await holding('status', '--from', 'replica');
  expect(other.stdout).toMatch(DISABLED);
  expect(other.stdout).not.toMatch(GOING);
});

test('report has it among the reasons, and names what was left in escrow', async () => {
  const { code } = await holding('report', '--out', 'pages');
  expect(code).toBe(0);
  const page = readFileSync(join(directory, 'pages', `${world.system}.html`), 'utf8').replaceAll(/\s+/g, ' ');
  for (const said of [GOING, GONE, DISABLED, OVERWRITTEN, HIDDEN]) expect(page).toMatch(said);
});

test('when a look finds everything in order, and nobody meddles, nothing is said', async () => {
  await seen(world.escrow, HOME, [{ ...escrowKey, alias: `alias/holdfast/${world.system}/escrow`, state: 'works' }]);
  const { stdout } = await holding('status');
  for (const said of [GOING, GONE, DISABLED]) expect(stdout).not.toMatch(said);
});
