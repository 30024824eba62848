/** Partitions with triggers, large objects and odd names, restored as docs/restore-by-hand.md says, by stock programs alone. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findProgram } from '../../adapters/postgres/programs.ts';
import { factKey, manifestKey } from '../../core/vault/keys.ts';
import { dumpPoint } from '../../tasks/dump/dump-point.ts';
import { verifiedFact, verifyPoint } from '../../tasks/verify/verify-point.ts';
import { HOME, makeWorld, REPLICA, type World } from '../cli/world.ts';
import { readText } from '../golden/database-text.ts';
import { SOURCE_SQL } from '../golden/source-v2.ts';
import { connectToTestServer, freshDatabase, uniqueSuffix, type FreshDatabase } from '../helpers/servers.ts';
import { assetPlan, loginTo, SMALL_SEGMENTS, testPorts } from '../tasks/dump/ports.ts';
import { installStockTools, restoreByHand, type ByHand } from './restore-by-hand.ts';

const POINTS = { zstd: '20261121T021500Z', gzip: '20261121T031500Z', custom: '20261121T041500Z' };
const UNVERIFIED = '20261121T051500Z';
type Made = keyof typeof POINTS;
const formatOf = (made: Made) => (made === 'custom' ? 'custom' : 'segmented');
const made: string[] = [];
let world: World;
let source: FreshDatabase;
let text: string;
let directory: string;
let toolsBin: string;

beforeAll(async () => {
  toolsBin = installStockTools();
  world = await makeWorld();
  source = await freshDatabase('by_hand');
  directory = mkdtempSync(join(tmpdir(), 'holdfast-by-hand-'));
  const client = await source.connect();
  await client.query(SOURCE_SQL);
  text = await readText(client);
  const ports = await testPorts(loginTo(source), source.binDir, {
    limits: SMALL_SEGMENTS,
    vault: world.vault.writer,
  });
  for (const kind of ['zstd', 'gzip', 'custom'] as const) {
    const compression = { method: kind === 'zstd' ? 'zstd' : 'gzip' } as const;
    const asset = assetPlan({ format: formatOf(kind), compression }, { id: 'postgres' });
    const name = { system: world.system, asset: asset.id, point: POINTS[kind] };
    await dumpPoint({ ...name, asset, attempt: '0001-1' }, ports);
    const { searchPath, signal } = ports;
    const { reader } = world.vault;
    const verified = await verifyPoint(name, { reader, pgRestore: await findProgram('pg_restore', searchPath), searchPath, signal });
    const fact = JSON.stringify(verifiedFact(name, 'run', new Date(), verified));
    const Key = factKey(name.system, name.asset, name.point, 'verified', 'run');
    await world.vault.writer.putOnce(Key, fact);
    // A delete marker hides it from whoever lists objects and not versions.
    await world.vault.client.send(new DeleteObjectCommand({ Bucket: world.vault.bucket, Key }));
  }
  await world.vault.writer.putOnce(manifestKey(world.system, 'postgres', UNVERIFIED), '{}');
  ports.cleanUp();
}, 120_000);
afterAll(async () => {
  const client = await source.connect();
  for (const database of made) await client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  await source.drop();
  world.remove();
  rmSync(directory, { recursive: true });
});

const orderOf = (kind: Made) => {
  made.push(`by_hand_${uniqueSuffix()}`);
  const plan = { system: world.system, home: { region: HOME }, replica: { region: REPLICA } };
  const system: ByHand['system'] = { directory, plan, place: inject('emulator') };
  return {
    system,
    toolsBin,
    asset: 'postgres',
    point: POINTS[kind],
    from: 'vault',
    format: formatOf(kind),
    database: made.at(-1)!,
  } as const;
};

/** Each call of the AWS CLI takes its second, and there are dozens: the others run with the long tests. */
const isSoak = process.env['HOLDFAST_SOAK'] === '1';
describe.each(isSoak ? (['zstd', 'gzip', 'custom'] as const) : (['zstd'] as const))('a point (%s)', (kind) => {
  it('is restored to the last row', { timeout: 120_000 }, async () => {
    const order = orderOf(kind);
    restoreByHand(order);
    const client = await connectToTestServer(order.database);
    expect(await readText(client)).toBe(text);
    await client.end();
  });
});

it('is not begun with when it was never read back', { timeout: 120_000 }, () => {
  expect(() => restoreByHand({ ...orderOf('zstd'), point: UNVERIFIED })).toThrow('STOP: the point has no verified fact');
});

it.runIf(isSoak)('is not restored when a segment is not what the manifest says', { timeout: 120_000 }, async () => {
  const order = orderOf('gzip');
  const flip = `python3 -c '
import json
manifest = json.load(open("manifest.json"))
last = [o for o in manifest["objects"] if o["role"] == "segment"][-1]
last["sha256"] = ("1" if last["sha256"][0] == "0" else "0") + last["sha256"][1:]
json.dump(manifest, open("manifest.json", "w"))
'`;
  const before = new Set(readdirSync(directory));
  expect(() => restoreByHand(order, flip)).toThrow('STOP: a segment is not what the manifest says');
  const [place] = readdirSync(directory).filter((name) => !before.has(name));
  for (const name of ['archive', 'rest', 'settings.sql']) expect(existsSync(join(directory, place!, name))).toBe(false);
  await expect(connectToTestServer(order.database)).rejects.toThrow(/does not exist/);
});
