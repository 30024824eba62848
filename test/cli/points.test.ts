import { createHash } from 'node:crypto';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { prepareEnvelope, sealEnvelope } from '../../core/evidence/envelope.ts';
import { buildStatement } from '../../core/evidence/statement.ts';
import { factKey, manifestKey, signatureKey } from '../../core/vault/keys.ts';
import type { ReplicatedFact } from '../../core/vault/facts.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import { emulatorEnvironment, holdfast, holdfastHere } from './run-holdfast.ts';
import { REPLICA, addFact, commitPoint, dumpSmallDatabase, makeWorld } from './world.ts';
import type { World } from './world.ts';

const PROVEN = '20261121T020000Z';
const HIDDEN = '20261120T020000Z';
const WRONG = '20261119T020000Z';
const DAMAGED = '20261118T020000Z';
const RUN = '20261121T020200Z-3fa9c1';

let world: World;
let proven: Manifest;
let environment: Record<string, string>;
const holding = (words: string[]) =>
  holdfastHere([...words, '--plan', world.plan], { environment: { ...environment, PATH: process.env['PATH'] ?? '' } });
const json = async (words: string[]) => {
  const { code, stdout, stderr } = await holding([...words, '--output', 'json', '--quiet']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Record<string, unknown>;
};

beforeAll(async () => {
  world = await makeWorld();
  environment = emulatorEnvironment();
  // In this process the SDK reads the real environment.
  for (const [name, value] of Object.entries(environment)) process.env[name] = value;
  const dump = await dumpSmallDatabase();
  proven = await commitPoint(world, PROVEN, dump);
  await addFact(world, PROVEN, RUN, {
    kind: 'verified',
    at: '2026-11-21T02:02:30.000Z',
    bytesRead: dump.archive.length,
    rows: [{ table: 'public.users', rows: 500 }],
    largeObjects: 0,
  });
  await addFact(world, PROVEN, RUN, {
    kind: 'locked',
    at: '2026-11-21T02:02:40.000Z',
    mode: 'governance',
    until: '2026-12-21T02:02:40.000Z',
    objects: 4,
  });
  await addFact(world, PROVEN, RUN, {
    kind: 'drilled',
    at: '2026-11-21T03:00:00.000Z',
    outcome: 'passed',
    evidence: 'evidence/x',
    rtoSeconds: 42.4,
    from: 'vault',
    reasons: [],
  });
  const signed = manifestKey(world.system, 'postgres', PROVEN);
  const { payload } = prepareEnvelope(buildStatement(world.system, signed, Buffer.from(JSON.stringify(proven)), new Date()));
  await world.vault.writer.putOnce(signatureKey(signed), JSON.stringify(sealEnvelope(payload, 'key', Buffer.from('no KMS here'))));
  const [object] = proven.objects;
  const { versionId } = await world.replica.writer.putOnce(object?.key ?? '', dump.archive);
  await world.replica.writer.putOnce(manifestKey(world.system, 'postgres', PROVEN), JSON.stringify(proven));
  const replicated = {
    kind: 'replicated' as const,
    at: '2026-11-21T02:03:00.000Z',
    bucket: world.replica.bucket,
    region: REPLICA,
    lockedUntil: '2026-12-21T02:02:40.000Z',
    objects: [{ key: object?.key ?? '', versionId, sizeBytes: dump.archive.length, crc: object?.crc ?? { algorithm: 'CRC32', value: '' } }],
  } satisfies Omit<ReplicatedFact, 'format' | 'system' | 'asset' | 'point' | 'id'>;
  await addFact(world, PROVEN, RUN, replicated);
  const fact = { format: 'holdfast/fact/v1', system: world.system, asset: 'postgres', point: PROVEN, id: RUN, ...replicated };
  await world.replica.writer.putOnce(factKey(world.system, 'postgres', PROVEN, 'replicated', RUN), JSON.stringify(fact));

  await commitPoint(world, HIDDEN, dump);
  await world.vault.client.send(
    new DeleteObjectCommand({ Bucket: world.vault.bucket, Key: manifestKey(world.system, 'postgres', HIDDEN) }),
  );
  await world.vault.writer.putOnce(manifestKey(world.system, 'postgres', WRONG), '{"format":"something else"}');
  // The first version counts; whoever puts another over it is seen.
  const damaged = await commitPoint(world, DAMAGED, dump);
  await world.vault.client.send(
    new PutObjectCommand({
      Bucket: world.vault.bucket,
      Key: manifestKey(world.system, 'postgres', DAMAGED),
      Body: JSON.stringify({ ...damaged, point: PROVEN }),
    }),
  );
});
afterAll(() => world.remove());

test('list shows every point, the hidden and the damaged ones among them, newest first, and the colour with why', async () => {
  const listed = await json(['list', 'postgres']);
  const [asset] = listed['assets'] as { asset: string; colour: string; reasons: string[]; points: Record<string, unknown>[] }[];
  expect(asset?.points.map((point) => point['point'])).toEqual([PROVEN, HIDDEN, WRONG, DAMAGED]);
  expect(asset?.points[0]).toMatchObject({
    isHidden: false,
    isFinished: true,
    verifiedAt: '2026-11-21T02:02:30.000Z',
    lockedUntil: '2026-12-21T02:02:40.000Z',
    lockMode: 'governance',
    replicaRegion: REPLICA,
    lastDrill: { outcome: 'passed', rtoSeconds: 42.4 },
  });
  expect(asset?.points[1]).toMatchObject({ isHidden: true, isFinished: false });
  expect(asset?.points[1]).not.toHaveProperty('lastDrill');
  expect(asset?.points[2]).toMatchObject({ damage: expect.stringContaining('is not a record that Holdfast wrote') as string });
  expect(asset?.points[3]).toMatchObject({ isOverwritten: true, committedAt: '2026-11-21T02:01:00.000Z' });
  expect(['red', 'no data']).toContain(asset?.colour);
  expect(asset?.reasons.length).toBeGreaterThan(0);
});

test('the list is a table for people, and bounded', async () => {
  const { code, stdout } = await holding(['list', '--limit', '2']);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^${PROVEN} +2026-11-21 02:01Z .*2026-11-21 03:00Z in 42.4 s`, 'm'));
  // Escrow can be read here, and holds nothing.
  const why = String.raw`not restorable: its key wallet-encryption-key \([0-9a-f]{12}\) has no envelope in escrow`;
  expect(stdout).toMatch(new RegExp(`^${PROVEN} .* in 42.4 s  ${why}$`, 'm'));
  expect(stdout).toMatch(new RegExp(`^${HIDDEN} .*not finished, hidden by a delete marker`, 'm'));
  expect(stdout).toContain('2 older; show more with --limit');
  expect(stdout).toContain('wallet-encryption-key no data');
  expect(stdout).not.toContain('\u001B');
});

test('show tells of a point by its id, by its asset, and of the newest verified one; from vault and replica', async () => {
  for (const words of [[PROVEN], [`postgres/${PROVEN}`], ['latest'], ['latest-proven'], ['postgres/2026-11-21T12:00:00Z']])
    expect(await json(['show', ...words])).toMatchObject({
      summary: { point: PROVEN, provenAt: '2026-11-21T03:00:00.000Z' },
      manifest: { point: PROVEN },
    });
  expect(await json(['show', PROVEN, '--from', 'replica'])).toMatchObject({ from: 'replica', facts: [{ kind: 'replicated' }] });
  expect((await holding(['show', HIDDEN])).stdout).toContain('never: this point is not proven');
});

test('what is not there is said so', async () => {
  expect(await holding(['show', '20250101T000000Z'])).toMatchObject({
    code: 31,
    stderr: expect.stringContaining('does not exist') as string,
  });
  expect(await holding(['show', 'latest', '--from', 'replica'])).toMatchObject({
    code: 31,
    stderr: expect.stringContaining('A verified point') as string,
  });
  expect(await holding(['show', 'latest-proven', '--from', 'replica'])).toMatchObject({
    code: 31,
    stderr: expect.stringMatching(/There is no point of postgres for 'latest-proven'/) as string,
  });
  expect((await holding(['backup', '--finish', 'latest-proven'])).code).toBe(64);
  // Before anything is started.
  const drill = await holding(['drill', '--point', 'nope']);
  expect([drill.code, drill.stderr]).toEqual([64, expect.stringMatching(/^error --point is no id of a point/)]);
  expect(await holding(['show', WRONG])).toMatchObject({ code: 30 });
});

test('verify reads every byte back and decodes the archive, from vault and replica', async () => {
  const path = `${inject('postgres').binDir}:${process.env['PATH'] ?? ''}`;
  for (const from of ['vault', 'replica']) {
    const { code, stdout, stderr } = await holdfastHere(
      ['verify', PROVEN, '--from', from, '--output', 'json', '--quiet', '--plan', world.plan],
      { environment: { ...environment, PATH: path } },
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'whole',
      from,
      isDecoded: true,
      tables: 1,
      rows: 500,
      bytesRead: proven.objects[0]?.sizeBytes,
    });
  }
});

test('without pg_restore verify compares the bytes, and says that it did not decode them', async () => {
  const { code, stdout, stderr } = await holdfastHere(['verify', `postgres/${HIDDEN}`, '--plan', world.plan], {
    environment: { ...environment, PATH: '/nonexistent' },
  });
  expect(code).toBe(0);
  expect(stderr).toContain('pg_restore is not in the PATH');
  expect(stdout).toMatch(/^whole .*the archive was not decoded/);
  expect(stdout).toContain('hidden by the delete marker');
});

test('verify finds an object whose bytes are other ones', async () => {
  const point = '20261117T020000Z';
  const dump = await dumpSmallDatabase();
  const manifest = await commitPoint({ ...world, vault: { ...world.vault, writer: corrupting(world.vault.writer) } }, point, dump);
  const { code, stderr } = await holding(['verify', point, '--output', 'json']);
  expect(code).toBe(30);
  expect(stderr).toContain(manifest.objects[0]?.key);
  expect(stderr).toContain('PointDamaged');
});

/** A vault that stores one bit otherwise than it was given. */
const corrupting = (writer: World['vault']['writer']): World['vault']['writer'] => ({
  ...writer,
  putOnce: (key, body) => {
    if (typeof body === 'string') return writer.putOnce(key, body);
    const other = Uint8Array.from(body);
    other[other.length >> 1] = (other[other.length >> 1] ?? 0) ^ 1;
    return writer.putOnce(key, other);
  },
});

test('a system that is not deployed there is told from one that holds nothing', async () => {
  const { code, stderr } = await holdfast(
    ['list', '--plan', new URL('../../plans/nmia.yaml', import.meta.url).pathname, '--output', 'json'],
    { environment },
  );
  expect(code).toBe(66);
  expect(JSON.parse(stderr)).toMatchObject({
    error: { failure: 'NotDeployed', message: expect.stringContaining('account 000000000000') as string },
  });
});

test('credentials that are not enough are told, with what was tried', async () => {
  const { code, stderr } = await holdfast(['list', '--plan', world.plan], {
    environment: { ...environment, AWS_ACCESS_KEY_ID: 'AKIAUNKNOWNUNKNOWN00' },
  });
  expect(code).toBe(77);
  expect(stderr).toContain(`--profile`);
});

test('status and show say of a point what the list marks, which holds stand, and that a tombstone keeps it from a list', async () => {
  const going = '20261116T020000Z';
  const manifest = await commitPoint(world, going, { archive: Buffer.from('an archive'), version: '17.6' });
  const [at, hold] = ['2026-11-21T02:10:00.000Z', { hold: 'case-17', reason: 'litigation', by: 'legal' }];
  await addFact(world, DAMAGED, RUN, { kind: 'held', at, ...hold });
  await addFact(world, going, RUN, {
    kind: 'tombstone',
    at,
    manifestSha256: createHash('sha256').update(JSON.stringify(manifest)).digest('hex'),
    objects: 1,
    reasons: ['nobody signed this'],
  });
  const { code, stdout } = await holding(['status']);
  expect(code).toBe(1);
  const marks = [
    `A delete marker hides the manifest of postgres/${HIDDEN}`,
    `Somebody wrote over the manifest of postgres/${DAMAGED}`,
    `A tombstone says that postgres/${going} has expired, and its manifest is still there`,
  ];
  for (const mark of marks) expect(stdout).toContain(mark);
  const list = await holding(['list', 'postgres']);
  expect(list.stdout).not.toMatch(new RegExp(`^${going}`, 'm'));
  expect(list.stdout).toContain(marks[2]);
  for (const [index, point] of [HIDDEN, DAMAGED, going].entries()) expect((await holding(['show', point])).stdout).toContain(marks[index]);
  expect((await holding(['show', DAMAGED])).stdout).toContain('case-17 since 2026-11-21 02:10Z by legal: litigation');
  expect(await json(['show', PROVEN])).toMatchObject({ holds: [], marks: [] });
});

test('a manifest that was forged where the true one was deleted past its lock is damage to whoever reads it, and the replica has the point', async () => {
  const Key = manifestKey(world.system, 'postgres', PROVEN);
  const { client, bucket: Bucket, reader, writer } = world.vault;
  const { versionId: VersionId } = (await reader.get({ key: Key }))!;
  await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention: true }));
  await writer.putOnce(
    Key,
    JSON.stringify({ ...proven, objects: proven.objects.map((object) => ({ ...object, sha256: '0'.repeat(64) })) }),
  );
  const listed = await json(['list', 'postgres']);
  const [asset] = listed['assets'] as { colour: string; points: Record<string, unknown>[] }[];
  expect(asset?.points[0]).toMatchObject({
    point: PROVEN,
    damage: expect.stringContaining('is not a record that Holdfast wrote') as string,
  });
  expect(asset?.points[0]).not.toHaveProperty('verifiedAt');
  expect(asset?.colour).toBe('no data');
  const shown = await holding(['show', PROVEN]);
  expect([shown.code, shown.stdout]).toEqual([30, '']);
  expect(shown.stderr).toContain(`${Key} is not a record that Holdfast wrote`);
  expect(shown.stderr).not.toContain('ffffffffff');
  expect((await holding(['show', PROVEN, '--from', 'replica'])).code).toBe(0);
});
