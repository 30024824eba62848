/** A vault and a replica vault of their own on the emulator, and points in them as a dump would have left them. */
import { createHash } from 'node:crypto';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { addToCrc32, encodeCrc32 } from '../../adapters/s3/crc.ts';
import { s3Copier } from '../../adapters/s3/copy-objects.ts';
import type { CopySizes } from '../../core/copy/plan-batches.ts';
import { pointLockEnd, type LockTerm } from '../../core/lock/lock-terms.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import {
  attemptPrefix,
  dumpObjectKey,
  manifestKey,
  restObjectKey,
  segmentFile,
  segmentObjectKey,
  tocObjectKey,
} from '../../core/vault/keys.ts';
import {
  ARCHIVE_FORMAT,
  Manifest,
  MANIFEST_FORMAT,
  SEGMENTED_MANIFEST_FORMAT,
  type Segment,
  type StoredObject,
} from '../../core/vault/manifest.ts';
import type { CopyPorts } from '../../functions/copy/ports.ts';
import type { LockPorts } from '../../functions/lock/lock-objects.ts';
import { writeLockedFact } from '../../functions/lock/write-locked-fact.ts';
import { freshBucket, rootSettings, uniqueSuffix } from '../helpers/servers.ts';

export const HOME = 'eu-central-1';
export const SECOND = 'eu-west-1';
export const ASSET = 'main';
/** S3's smallest part. */
export const PART_BYTES = 5 * 1024 ** 2;

export type VaultWorld = Awaited<ReturnType<typeof makeVaultWorld>>;

export async function makeVaultWorld(lock: LockTerm = { mode: 'governance', lengthDays: 30 }) {
  const system = `fn${uniqueSuffix()}`;
  const [vaultBucket, replicaBucket] = await Promise.all([
    freshBucket({ objectLock: true, region: HOME, name: 'vault' }),
    freshBucket({ objectLock: true, region: SECOND, name: 'replica' }),
  ]);
  const home = openBucket(vaultBucket, rootSettings(HOME), {});
  const second = openBucket(replicaBucket, rootSettings(SECOND), {});
  const vault = { ...home.reader, ...home.writer, ...home.locker };
  const replica = { ...second.reader, ...second.writer, ...second.locker };
  const now = () => new Date();
  const terms = { evidence: { mode: 'governance', lengthDays: 3650 } as const };
  const sizes: CopySizes = { partBytes: PART_BYTES, batchBytes: 2 * PART_BYTES, batchObjects: 50, maxBatches: 100 };
  const lockPorts: LockPorts = { vault, ...terms, longestDays: 800, side: 'vault', now };
  const copyPorts: CopyPorts = {
    vault,
    replica,
    copier: s3Copier(second.client, replicaBucket, vaultBucket),
    replicaRegion: SECOND,
    ...terms,
    sizes,
    now,
    publishLag: () => undefined,
  };

  /** A committed point; `bodies` are the objects of its dump. */
  async function putPoint(
    point: string,
    bodies: readonly Uint8Array[] = [Buffer.from(`dump of ${point}`)],
    keys: Manifest['keys'] = [],
  ): Promise<Manifest> {
    const prefix = attemptPrefix(system, ASSET, point, '0001-1');
    const objects: StoredObject[] = [];
    for (const [index, body] of bodies.entries()) {
      const key = dumpObjectKey(prefix, index + 1);
      const { versionId, sizeBytes, crc } = await vault.upload(key, chunksOf(body), { partBytes: PART_BYTES });
      objects.push({ role: 'dump', key, versionId, sizeBytes, sha256: createHash('sha256').update(body).digest('hex'), crc });
    }
    const manifest = { ...manifestOf(system, point, objects), keys };
    await vault.putOnce(manifestKey(system, ASSET, point), JSON.stringify(manifest));
    return manifest;
  }

  async function sayLocked(manifest: Manifest): Promise<void> {
    const { point, objects } = manifest;
    const of = { system, asset: ASSET, point, run: `${point}-000000` };
    await writeLockedFact(of, { lock: { mode: lock.mode, until: pointLockEnd(manifest, lock) }, objects: objects.length }, lockPorts);
  }

  /** A point as it is when its copy begins: it says how long it is locked. */
  async function putLockedPoint(point: string, bodies?: readonly Uint8Array[]): Promise<Manifest> {
    const manifest = await putPoint(point, bodies);
    await sayLocked(manifest);
    return manifest;
  }

  /** A committed point whose archive is in segments; `count` is the number of its objects. */
  async function putSegmentedPoint(point: string, count: number): Promise<Manifest> {
    const prefix = attemptPrefix(system, ASSET, point, '0001-1');
    const put = async (role: StoredObject['role'], key: string, text: string, segment?: Segment): Promise<StoredObject> => {
      const body = Buffer.from(text);
      const { versionId } = await vault.putOnce(key, body);
      const crc = { algorithm: 'CRC32' as const, value: encodeCrc32(addToCrc32(body)) };
      const sha256 = createHash('sha256').update(body).digest('hex');
      return { role, key, versionId, sizeBytes: body.length, sha256, crc, ...(segment ? { segment } : {}) };
    };
    const of = count - 2;
    const segments = Array.from({ length: of }, (_, index): Segment => {
      const number = index + 1;
      return { tableOid: '16385', table: 'public.audit_log', columns: 'id, at, text', number, of, rows: number, uncompressedBytes: number };
    });
    const objects = [
      await put('rest', restObjectKey(prefix, 1), 'rest'),
      await put('toc', tocObjectKey(prefix), 'toc'),
      ...(await mapSeveralAtOnce(segments, 8, (segment) =>
        put('segment', segmentObjectKey(prefix, segmentFile(segment.tableOid, segment.number), 'zstd'), `rows ${segment.number}`, segment),
      )),
    ];
    const dump = { format: 'segmented' as const, archive: ARCHIVE_FORMAT, compression: 'zstd' as const, options: [] };
    const manifest: Manifest = Manifest.parse({ ...manifestOf(system, point, objects), format: SEGMENTED_MANIFEST_FORMAT, dump });
    await vault.putOnce(manifestKey(system, ASSET, point), JSON.stringify(manifest));
    return manifest;
  }

  const clients = { home: home.client, second: second.client };
  const ports = { vault, replica, lockPorts, copyPorts };
  return { system, vaultBucket, replicaBucket, ...clients, ...ports, term: lock, putPoint, putLockedPoint, sayLocked, putSegmentedPoint };
}

async function* chunksOf(body: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < body.length; at += 1024 ** 2) yield body.subarray(at, at + 1024 ** 2);
}

const manifestOf = (system: string, point: string, objects: StoredObject[]): Manifest => {
  const finished = Date.now();
  const before = (seconds: number) => new Date(finished - seconds * 1000).toISOString();
  return {
    format: MANIFEST_FORMAT,
    system,
    asset: ASSET,
    point,
    slot: point,
    attempt: '0001-1',
    startedAt: before(60),
    consistentAt: before(59),
    finishedAt: before(0),
    source: {
      engine: 'postgres',
      version: '18.4',
      database: 'ida',
      encoding: 'UTF8',
      collate: 'C.UTF-8',
      ctype: 'C.UTF-8',
      localeProvider: 'c',
      sizeBytes: 1000,
      extensions: [],
    },
    dump: { format: 'custom', compression: 'zstd', options: [] },
    tools: { holdfast: '0.1.0', pgDump: '18.4', node: '24' },
    objects,
    keys: [],
  };
};
