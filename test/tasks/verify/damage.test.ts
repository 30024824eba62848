/** Stored bytes that are no longer what was written: found whatever the object, the place and the kind of damage. */
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Program } from '../../../adapters/postgres/programs.ts';
import { findProgram } from '../../../adapters/postgres/programs.ts';
import { buildStatement } from '../../../core/evidence/statement.ts';
import { sealEnvelope, prepareEnvelope } from '../../../core/evidence/envelope.ts';
import type { HoldfastError } from '../../../core/failure/error.ts';
import type { ObjectReader, ObjectRef } from '../../../core/ports/object-store.ts';
import { manifestKey, signatureKey } from '../../../core/vault/keys.ts';
import type { Manifest, StoredObject } from '../../../core/vault/manifest.ts';
import { PointDamaged } from '../../../core/vault/point-damage.ts';
import { dumpPoint } from '../../../tasks/dump/dump-point.ts';
import { decodeArchive } from '../../../tasks/verify/decode-archive.ts';
import { checkPointBytes, readArchive } from '../../../tasks/verify/read-archive.ts';
import { verifyPoint } from '../../../tasks/verify/verify-point.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshDatabase, rootS3 } from '../../helpers/servers.ts';
import type { TestPorts } from '../dump/ports.ts';
import { assetPlan, loginTo, POINT, testPorts } from '../dump/ports.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const DAMAGES = isSoak ? 50 : 6;
const NAME = { system: 'sys', asset: 'db', point: POINT };
const MANIFEST = manifestKey('sys', 'db', POINT);

type Stored = { ports: TestPorts; manifest: Manifest };
let source: FreshDatabase;
let pgRestore: Program;
const points = new Map<'custom' | 'plain', Stored>();

beforeAll(async () => {
  const { binDir } = inject('postgres');
  source = await freshDatabase('damage');
  pgRestore = await findProgram('pg_restore', binDir);
  await (
    await source.connect()
  ).query(`CREATE TABLE t AS SELECT i AS id, md5(i::text) AS text FROM generate_series(1, 8000) i; SELECT lo_from_bytea(0, '\\x0102')`);
  for (const format of ['custom', 'plain'] as const) points.set(format, await storePoint(format));
});
afterAll(() => source.drop());

async function storePoint(format: 'custom' | 'plain'): Promise<Stored> {
  const ports = await testPorts(loginTo(source), inject('postgres').binDir, { limits: { objectBytes: 60_000 } });
  const asset = assetPlan({ format, schemaOnlyBeside: true });
  const { manifest } = await dumpPoint({ system: 'sys', asset, point: POINT, attempt: '0001-1' }, ports);
  ports.cleanUp();
  return { ports, manifest };
}

const pointOf = (format: 'custom' | 'plain'): Stored => {
  const point = points.get(format);
  if (point === undefined) throw new Error('no point was stored');
  return point;
};
const verify = (reader: ObjectReader) =>
  verifyPoint(NAME, { reader, pgRestore, searchPath: inject('postgres').binDir, signal: new AbortController().signal });

/** The store after its disk did something to one object; what it says of the object is as it was. */
function damaged(reader: ObjectReader, key: string, change: (bytes: Buffer) => Buffer): ObjectReader {
  return {
    ...reader,
    async get(ref) {
      const found = await reader.get(ref);
      return found && ref.key === key ? { ...found, body: change(Buffer.from(found.body)) } : found;
    },
    async *read(ref) {
      if (ref.key !== key) {
        yield* reader.read(ref);
        return;
      }
      const chunks: Uint8Array[] = [];
      for await (const chunk of reader.read(ref)) chunks.push(chunk);
      const bytes = change(Buffer.concat(chunks));
      for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384);
    },
  };
}

async function damageFound(work: Promise<unknown>): Promise<HoldfastError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown as HoldfastError,
  );
  expect(error?.failure).toBe('PointDamaged');
  return error as HoldfastError;
}

const drain = async (stream: AsyncIterable<Uint8Array>) => {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
};

describe('a damaged object', () => {
  const random = seededRandom('damaged objects');
  const cases = Array.from({ length: DAMAGES }, (_, index) => ({
    format: random.below(2) === 0 ? ('custom' as const) : ('plain' as const),
    // The first two are the manifest itself.
    object: index < 2 ? -1 : random.below(100),
    kind: index % 2 === 0 ? ('bit flipped' as const) : ('truncated' as const),
    place: random.below(1_000_000) / 1_000_000,
    bit: random.below(8),
  }));

  it.each(cases)('$kind in $format, object $object at $place', async ({ format, object, kind, place, bit }) => {
    const { ports, manifest } = pointOf(format);
    const stored = object < 0 ? undefined : manifest.objects[object % manifest.objects.length];
    const key = stored?.key ?? MANIFEST;
    const reader = damaged(ports.reader, key, (bytes) => {
      const at = Math.floor(place * bytes.length);
      if (kind === 'truncated') return bytes.subarray(0, at);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      return bytes;
    });
    expect((await damageFound(verify(reader))).message).toContain(key);
    if (stored === undefined) return;
    // The check that a drill and a restore make before they write anything.
    expect((await damageFound(checkPointBytes(reader, manifest))).message).toContain(key);
    if (stored.role === 'dump') await damageFound(drain(readArchive(reader, manifest)));
  });

  it('gives out no last byte of it', async () => {
    const { ports, manifest } = pointOf('plain');
    const first = manifest.objects.find((object) => object.role === 'dump');
    const reader = damaged(ports.reader, first?.key ?? '', (bytes) => {
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      return bytes;
    });
    let seen = 0;
    await damageFound(
      (async () => {
        for await (const chunk of readArchive(reader, manifest)) seen += chunk.length;
      })(),
    );
    expect(seen).toBeLessThan(first?.sizeBytes ?? 0);
  });
});

describe('somebody who may write to the vault', () => {
  const changed = (bytes: Uint8Array) => {
    const copy = Buffer.from(bytes);
    copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 4;
    return copy;
  };
  it('and puts other bytes over every object changes nothing, and is seen at the manifest', async () => {
    const { ports, manifest } = await storePoint('custom');
    const s3 = rootS3();
    for (const key of [...manifest.objects.map((object) => object.key), MANIFEST]) {
      const found = await ports.reader.get({ key });
      await s3.send(new PutObjectCommand({ Bucket: ports.bucket, Key: key, Body: changed(found?.body ?? new Uint8Array()) }));
    }
    const { warnings } = await verify(ports.reader);
    expect(warnings).toEqual([expect.stringMatching(/manifest\.json was written 2 times/)]);
    await s3.send(new DeleteObjectCommand({ Bucket: ports.bucket, Key: MANIFEST }));
    expect((await verify(ports.reader)).warnings).toContainEqual(expect.stringMatching(/hidden by the delete marker/));
    s3.destroy();
  });
  it.each(['schema', 'roles', 'dump'] as const)('and replaces the object of the %s for good is found', async (role) => {
    const { ports, manifest } = await storePoint('plain');
    const object = manifest.objects.findLast((each) => each.role === role);
    const key = object?.key ?? '';
    const s3 = rootS3();
    const found = await ports.reader.get({ key });
    await s3.send(new DeleteObjectCommand({ Bucket: ports.bucket, Key: key, VersionId: object?.versionId }));
    await s3.send(new PutObjectCommand({ Bucket: ports.bucket, Key: key, Body: changed(found?.body ?? new Uint8Array()) }));
    s3.destroy();
    const error = await damageFound(verify(ports.reader));
    expect(error).toBeInstanceOf(PointDamaged);
    expect(error.message).toMatch(new RegExp(`${key}.*is gone`));
  });
  it('and replaces the manifest of a signed point for good is found by the signature beside it', async () => {
    const { ports, manifest } = await storePoint('custom');
    const found = await ports.reader.get({ key: MANIFEST });
    const { payload } = prepareEnvelope(buildStatement('sys', MANIFEST, found?.body ?? new Uint8Array(), new Date()));
    await ports.vault.putOnce(signatureKey(MANIFEST), JSON.stringify(sealEnvelope(payload, 'key', Buffer.from('signature'))));
    expect((await verify(ports.reader)).warnings).toEqual([]);
    const s3 = rootS3();
    await s3.send(new DeleteObjectCommand({ Bucket: ports.bucket, Key: MANIFEST, VersionId: found?.versionId }));
    const forged = { ...manifest, consistentAt: new Date().toISOString() };
    await s3.send(new PutObjectCommand({ Bucket: ports.bucket, Key: MANIFEST, Body: JSON.stringify(forged) }));
    s3.destroy();
    expect((await damageFound(verify(ports.reader))).message).toMatch(/signed was/);
  });
});

describe('a point', () => {
  it('that does not exist is missing, not damaged', async () => {
    const { ports } = pointOf('custom');
    const error = await verifyPoint(
      { ...NAME, point: '20200101T000000Z' },
      { reader: ports.reader, pgRestore, searchPath: '', signal: ports.signal },
    ).catch((e: unknown) => e);
    expect(error).toMatchObject({ failure: 'PointMissing' });
  });
  it('whose bytes are right and whose archive is not is found by decoding', async () => {
    for (const format of ['custom', 'plain'] as const) {
      const { ports } = await storePoint(format);
      // The manifest of another archive's half: right in every hash, and still no dump.
      const manifest = structuredClone(pointOf(format).manifest);
      const dumps = manifest.objects.filter((object) => object.role === 'dump');
      manifest.objects = manifest.objects.filter((object) => object !== dumps.at(-1));
      const other = await testPorts(loginTo(source), inject('postgres').binDir);
      await other.vault.putOnce(MANIFEST, JSON.stringify(manifest));
      const reader = {
        ...pointOf(format).ports.reader,
        get: (ref: ObjectRef) => other.reader.get(ref),
        listVersions: (prefix: string) => other.reader.listVersions(prefix),
        head: (ref: ObjectRef) => (ref.key === MANIFEST ? other.reader.head(ref) : pointOf(format).ports.reader.head(ref)),
      };
      expect((await damageFound(verify(reader))).message).toMatch(/dump-0001/);
      ports.cleanUp();
    }
  });
  it('whose plain text lost its end before it was compressed is found', async () => {
    const { ports, manifest } = await storePoint('plain');
    const chunks: Uint8Array[] = [];
    for await (const chunk of readArchive(ports.reader, manifest)) chunks.push(chunk);
    const text = zstdDecompressSync(Buffer.concat(chunks));
    const [whole, cut] = [text, text.subarray(0, text.lastIndexOf('-- PostgreSQL database dump complete'))].map((each) => [
      zstdCompressSync(each),
    ]);
    const decoding = { manifest, pgRestore, searchPath: '', signal: ports.signal };
    expect((await decodeArchive(Readable.from(whole ?? []), decoding)).largeObjects).toBe(1);
    expect((await damageFound(decodeArchive(Readable.from(cut ?? []), decoding))).message).toMatch(/end marker is missing/);
  });
  it.each<[string, (object: StoredObject) => StoredObject, RegExp]>([
    ['SHA-256', (object) => ({ ...object, sha256: '0'.repeat(64) }), /SHA-256/],
    ['CRC32', (object) => ({ ...object, crc: { algorithm: 'CRC32', value: 'AAAAAA==' } }), /CRC32/],
    ['size', (object) => ({ ...object, sizeBytes: object.sizeBytes + 1 }), /size/],
  ])('is compared by its %s alone', async (_, change, told) => {
    const { ports, manifest } = pointOf('custom');
    const objects = manifest.objects.map((object, index) => (index === 1 ? change(object) : object));
    // Without what the service keeps, as where it keeps a composite CRC.
    const head = async (ref: ObjectRef) => {
      const found = await ports.reader.head(ref);
      return found && { ...found, crc: undefined };
    };
    for (const reader of [ports.reader, { ...ports.reader, head }])
      expect((await damageFound(checkPointBytes(reader, { ...manifest, objects }))).message).toMatch(told);
  });
  it('that is whole is never said to be damaged', async () => {
    for (let round = 0; round < (isSoak ? 10 : 3); round++) {
      for (const format of ['custom', 'plain'] as const) {
        const { content } = await verify(pointOf(format).ports.reader);
        expect(content).toMatchObject({ rows: [{ table: 'public.t', rows: 8000 }], largeObjects: 1 });
      }
    }
  });
});
