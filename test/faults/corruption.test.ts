/** Objects whose stored bytes are not what was written: each is found by verify, and by a restore before there is anything in the target. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findProgram, type Program } from '../../adapters/postgres/programs.ts';
import { prepareEnvelope, sealEnvelope } from '../../core/evidence/envelope.ts';
import { buildStatement } from '../../core/evidence/statement.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { manifestKey, signatureKey } from '../../core/vault/keys.ts';
import { runRestore } from '../../tasks/restore/run-restore.ts';
import { describeEnd } from '../../tasks/run-task.ts';
import { verifyPoint } from '../../tasks/verify/verify-point.ts';
import { seededRandom } from '../helpers/seeded-random.ts';
import { freshDatabase, uniqueSuffix, type FreshDatabase } from '../helpers/servers.ts';
import { makePoint, searchPath, SYSTEM, type MadePoint } from '../tasks/drill/fixture.ts';
import { loginTo, SMALL_SEGMENTS } from '../tasks/dump/ports.ts';
import { isSoak } from './sweep.ts';

const COUNT = isSoak ? 1_000 : 8;
const random = seededRandom(`${COUNT} corrupted objects`);
const ALL_FORMATS = ['custom', 'plain', 'segmented'] as const;
const FORMATS = isSoak ? ALL_FORMATS : ALL_FORMATS.slice(random.below(3)).slice(0, 1);
const DAMAGES = ['a bit flipped', 'cut', 'grown', 'swapped with another object', 'the bytes of another version'] as const;
type Damage = (typeof DAMAGES)[number];

/** A point in memory: what its vault answers, by key. */
type Kept = { made: MadePoint; bodies: Map<string, Buffer>; keys: string[] };

let source: FreshDatabase;
let admin: Awaited<ReturnType<FreshDatabase['connect']>>;
let pgRestore: Program;
let scratchDir: string;
const points = new Map<string, Kept>();
/** The same database a little later, under the same names. */
const others = new Map<string, Kept>();

beforeAll(async () => {
  source = await freshDatabase('corrupted');
  scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-test-corrupted-'));
  pgRestore = await findProgram('pg_restore', searchPath());
  admin = await source.connect();
  await admin.query(`CREATE TABLE t AS SELECT i AS id, md5(i::text) AS text FROM generate_series(1, 12000) i;
    CREATE TABLE u AS SELECT i AS id FROM generate_series(1, 100) i; SELECT lo_from_bytea(0, '\\x0102')`);
  for (const format of FORMATS) points.set(format, await keepPoint(format));
  await admin.query(`UPDATE t SET text = md5(text) WHERE id % 10 = 0; INSERT INTO u VALUES (101)`);
  for (const format of FORMATS) others.set(format, await keepPoint(format));
});
afterAll(async () => {
  await source.drop();
  rmSync(scratchDir, { recursive: true, force: true });
});

async function keepPoint(format: (typeof FORMATS)[number]): Promise<Kept> {
  const made = await makePoint(source, {
    dump: { format, schemaOnlyBeside: format === 'plain' },
    limits: { ...SMALL_SEGMENTS, objectBytes: 200_000 },
  });
  const key = manifestKey(SYSTEM, made.asset.id, made.point);
  const bodies = new Map<string, Buffer>();
  for (const ref of [{ key }, ...made.manifest.objects]) bodies.set(ref.key, Buffer.from((await made.reader.get(ref))?.body ?? ''));
  // Only what was signed tells a manifest from one that says something else as well.
  const { payload } = prepareEnvelope(buildStatement(SYSTEM, key, bodies.get(key) ?? Buffer.alloc(0), new Date()));
  await made.writer.putOnce(signatureKey(key), JSON.stringify(sealEnvelope(payload, 'key', Buffer.from('signature'))));
  return { made, bodies, keys: [...bodies.keys()] };
}

/** The vault after something happened to one object. It does not know: what it says of the object's size and CRC is as it was. */
function damagedReader({ made, bodies }: Kept, key: string, damaged: Buffer): ObjectReader {
  const bytesOf = (of: string) => (of === key ? damaged : bodies.get(of));
  return {
    ...made.reader,
    async get(ref) {
      const body = bytesOf(ref.key);
      const found = ref.key.startsWith('catalog/') || body === undefined ? await made.reader.get(ref) : { versionId: ref.versionId ?? '' };
      return found && { body: body ?? Buffer.alloc(0), ...found, ...(body ? { body } : {}) };
    },
    async *read(ref) {
      const body = bytesOf(ref.key);
      if (body === undefined) yield* made.reader.read(ref);
      else for (let at = 0; at < body.length; at += 16_384) yield body.subarray(at, at + 16_384);
    },
    async head(ref) {
      const found = await made.reader.head(ref);
      return found && { ...found, crc: undefined };
    },
  };
}

/** Undefined when there is nothing of that kind which differs from what was written. */
function damage(kept: Kept, other: Kept | undefined, key: string, kind: Damage): Buffer | undefined {
  const bytes = kept.bodies.get(key) ?? Buffer.alloc(0);
  const at = random.below(bytes.length);
  const after = {
    'a bit flipped': () =>
      Buffer.concat([bytes.subarray(0, at), Buffer.of((bytes[at] ?? 0) ^ (1 << random.below(8))), bytes.subarray(at + 1)]),
    cut: () => bytes.subarray(0, at),
    grown: () => Buffer.concat([bytes, Buffer.alloc(1 + random.below(100), random.below(256))]),
    'swapped with another object': () => kept.bodies.get(kept.keys[random.below(kept.keys.length)] ?? ''),
    'the bytes of another version': () => other?.bodies.get(other.keys[kept.keys.indexOf(key)] ?? ''),
  }[kind]();
  return bytes.length === 0 || after === undefined || after.equals(bytes) ? undefined : after;
}

const failureOf = (work: Promise<unknown>) => work.then(() => ({ failure: 'none', message: '' }), describeEnd);
const signal = new AbortController().signal;

async function exists(database: string): Promise<boolean> {
  return (await admin.query('SELECT FROM pg_database WHERE datname = $1', [database])).rowCount !== 0;
}

it('corrupted objects are found, each of them, and no database is left of any', async () => {
  const kinds = new Map<string, number>();
  let found = 0;
  for (let made = 0; made < COUNT;) {
    const format = FORMATS[random.below(FORMATS.length)] ?? 'custom';
    const kept = points.get(format);
    const kind = DAMAGES[random.below(DAMAGES.length)] ?? 'cut';
    const key = kept?.keys[random.below(kept.keys.length)] ?? '';
    const damaged = kept && damage(kept, others.get(format), key, kind);
    if (!kept || !damaged) continue;
    made++;
    const where = `${kind}, ${format}, ${key.split('/').at(-1)}`;
    const reader = damagedReader(kept, key, damaged);
    const { asset, point } = kept.made;
    const name = { system: SYSTEM, asset: asset.id, point };
    const verified = await failureOf(verifyPoint(name, { reader, pgRestore, searchPath: searchPath(), signal }));
    expect(verified.failure, `verify: ${where}: ${verified.message}`).toBe('PointDamaged');
    const database = `never_${uniqueSuffix()}`;
    const restored = await failureOf(
      runRestore(
        { system: SYSTEM, asset, point, run: 'run', database, scratchDir, path: searchPath() },
        { reader, login: loginTo(source), now: () => new Date(), report: () => undefined, moved: () => undefined },
        signal,
      ),
    );
    expect(restored.failure, `restore: ${where}: ${restored.message}`).toBe('PointDamaged');
    expect(await exists(database), `restore: ${where}: the database`).toBe(false);
    expect(readdirSync(scratchDir), `restore: ${where}: files`).toEqual([]);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    found++;
  }
  const told = [...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ');
  process.stdout.write(`${found.toLocaleString('en')} of ${COUNT.toLocaleString('en')} found by verify and by restore: ${told}\n`);
});
