/** What a person sees of a segmented point, and that its bytes are read back from here as by the verify task. */
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Manifest } from '../../core/vault/manifest.ts';
import { freshDatabase } from '../helpers/servers.ts';
import { draftPoint, storeDraft } from '../tasks/verify/segmented-fixture.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { addFact, makeWorld, type World } from './world.ts';

const POINT = '20261121T020000Z';
let world: World;
let manifest: Manifest;
const holdfast = (...words: string[]) => {
  const PATH = `${inject('postgres').binDir}:${process.env['PATH'] ?? ''}`;
  return holdfastHere([...words, '--plan', world.plan], { environment: { ...emulatorEnvironment(), PATH } });
};

beforeAll(async () => {
  world = await makeWorld();
  for (const [name, value] of Object.entries(emulatorEnvironment())) process.env[name] = value;
  const database = await freshDatabase('cli');
  await (
    await database.connect()
  ).query(`CREATE TABLE log AS SELECT n AS id, md5(n::text) AS text FROM generate_series(1, 3000) n;
    CREATE TABLE users AS SELECT n AS id FROM generate_series(1, 500) n; CREATE TABLE small AS SELECT 1 AS id`);
  const draft = draftPoint(database, { 'public.log': [5, 10], 'public.users': [] });
  await database.drop();
  const name = { system: world.system, asset: 'postgres', point: POINT };
  manifest = await storeDraft(world.vault.writer, draft, (made) => (made.tools.pgDump = `${inject('postgres').major}.0`), name);
  const at = '2026-11-21T02:02:30.000Z';
  await addFact(world, POINT, '20261121T020200Z-3fa9c1', { kind: 'verified', at, bytesRead: 1, rows: [], largeObjects: 0 });
});
afterAll(() => world.remove());

test('show has a line for each table, and names every object to programs', async () => {
  const { stdout } = await holdfast('show', POINT);
  expect(stdout).toContain('segmented, zstd');
  expect(stdout).toMatch(/^public\.log +\S+ \S+ +3000 +3$/m);
  expect(stdout).toMatch(/^public\.users +\S+ \S+ +500 +1$/m);
  expect(stdout).not.toContain('.0001.dat');
  const { stdout: data } = await holdfast('show', POINT, '--output', 'json', '--quiet');
  expect((JSON.parse(data) as { manifest: Manifest }).manifest.objects).toEqual(manifest.objects);
});

test('list has it like any other', async () => {
  const { stdout } = await holdfast('list', 'postgres');
  expect(stdout).toMatch(new RegExp(`^${POINT} `, 'm'));
});

test('verify reads every segment, decodes the rest, and finds what is gone', async () => {
  const { code, stdout, stderr } = await holdfast('verify', POINT, '--output', 'json', '--quiet');
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'whole', isDecoded: true, tables: 3, rows: 3501 });
  const lost = manifest.objects.find(({ segment }) => segment?.number === 2)!;
  await world.vault.client.send(
    new DeleteObjectCommand({ Bucket: world.vault.bucket, Key: lost.key, VersionId: lost.versionId, BypassGovernanceRetention: true }),
  );
  const broken = await holdfast('verify', POINT);
  expect(broken.code).toBe(30);
  expect(broken.stderr).toContain(lost.key);
});
