/**
 * A catalog of any size that is nowhere: an S3 client that answers listings and reads as S3 would, page by page, from arithmetic.
 * The reader, the listing and the decision above it are those that run in the functions.
 */
import { GetObjectCommand, ListObjectsV2Command, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { sealEnvelope } from '../../core/evidence/envelope.ts';
import { buildStatement } from '../../core/evidence/statement.ts';
import { scheduledSlotId, slotInstant } from '../../core/vault/ids.ts';
import { catalogPrefix, manifestKey } from '../../core/vault/keys.ts';
import { FACT_FORMAT, type Fact } from '../../core/vault/facts.ts';
import { MANIFEST_FORMAT, type Manifest } from '../../core/vault/manifest.ts';

const PAGE = 1000;
const HOUR_MS = 3_600_000;
const DRILL_EVERY = 720;
const RUN = '20261121T000000Z-abcdef';
const SHA256 = 'a'.repeat(64);

export type CatalogSize = { systems: number; assetsOfSystem: number; pointsOfAsset: number };
export type Requests = { lists: number; gets: number };

/** Names are padded, so that key order is that of the numbers. */
export const systemName = (index: number) => `system-${String(index).padStart(3, '0')}`;
export const assetName = (index: number) => `asset-${String(index).padStart(4, '0')}`;

/** @param newest instant of the newest point of every asset; there is one for each hour before it */
export function fakeCatalog(size: CatalogSize, newest: Date): { client: S3Client; requests: Requests } {
  const requests: Requests = { lists: 0, gets: 0 };
  const pointAt = (index: number) => scheduledSlotId(new Date(newest.getTime() - (size.pointsOfAsset - 1 - index) * HOUR_MS));
  const client = new S3Client({ region: 'eu-central-1', credentials: { accessKeyId: '-', secretAccessKey: '-' } });
  const answer = (command: unknown): object => {
    if (command instanceof ListObjectVersionsCommand) {
      requests.lists++;
      return listVersions(command.input.Prefix ?? '', Number(command.input.VersionIdMarker ?? 0), size, pointAt);
    }
    if (command instanceof ListObjectsV2Command) {
      requests.lists++;
      return listFolders(command.input.Prefix ?? '', Number(command.input.ContinuationToken ?? 0), size);
    }
    if (command instanceof GetObjectCommand) {
      requests.gets++;
      return read(command.input.Key ?? '');
    }
    throw new Error('a request that no listing makes');
  };
  client.send = ((command: unknown) => Promise.resolve(answer(command))) as typeof client.send;
  return { client, requests };
}

function listFolders(prefix: string, from: number, { systems, assetsOfSystem }: CatalogSize) {
  const isTop = prefix.split('/').length === 2;
  const [count, name] = isTop ? [systems, systemName] : [assetsOfSystem, assetName];
  const end = Math.min(from + PAGE, count);
  const CommonPrefixes = Array.from({ length: end - from }, (_, n) => ({ Prefix: `${prefix}${name(from + n)}/` }));
  return { CommonPrefixes, IsTruncated: end < count, ...(end < count ? { NextContinuationToken: String(end) } : {}) };
}

/** What a whole run leaves of a point, in key order. */
const FILES = ['locked', 'manifest.dsse', 'manifest', 'replicated', 'verified'].map((name) =>
  name.startsWith('manifest') ? `${name}.json` : `${name}-${RUN}.json`,
);
const DRILLED = `drilled-${RUN}.json`;

/** @param from how many keys the pages before had */
function listVersions(prefix: string, from: number, { pointsOfAsset }: CatalogSize, pointAt: (index: number) => string) {
  const drills = Math.ceil(pointsOfAsset / DRILL_EVERY);
  const total = pointsOfAsset * FILES.length + drills;
  const blockKeys = DRILL_EVERY * FILES.length + 1;
  const Versions: object[] = [];
  for (let key = from; key < Math.min(from + PAGE, total); key++) {
    // The first point of each block of 720 is drilled: one key more, before its others.
    const block = Math.floor(key / blockKeys);
    const inBlock = (key % blockKeys) - 1;
    const index = block * DRILL_EVERY + Math.max(0, Math.floor(inBlock / FILES.length));
    const file = inBlock < 0 ? DRILLED : FILES[inBlock % FILES.length];
    Versions.push({
      Key: `${prefix}${pointAt(index)}/${file}`,
      VersionId: `v${String(key).padStart(31, '0')}`,
      IsLatest: true,
      Size: 2000,
      LastModified: new Date(0),
    });
  }
  const end = from + Versions.length;
  return { Versions, IsTruncated: end < total, ...(end < total ? { NextKeyMarker: 'x', NextVersionIdMarker: String(end) } : {}) };
}

function read(key: string) {
  const [, system = '', asset = '', point = '', file = ''] = key.split('/');
  const body = bodyOf(system, asset, point, file);
  return { Body: [body], ContentLength: body.length, VersionId: 'v' };
}

function bodyOf(system: string, asset: string, point: string, file: string): Buffer {
  if (file === 'manifest.dsse.json') {
    const manifest = bodyOf(system, asset, point, 'manifest.json');
    const statement = buildStatement(system, manifestKey(system, asset, point), manifest, slotInstant(point));
    return Buffer.from(JSON.stringify(sealEnvelope(Buffer.from(JSON.stringify(statement)), 'key', Buffer.from('nobody signs here'))));
  }
  return Buffer.from(JSON.stringify(file === 'manifest.json' ? manifestOf(system, asset, point) : factOf(system, asset, point, file)));
}

export function manifestOf(system: string, asset: string, point: string): Manifest {
  const at = slotInstant(point).toISOString();
  const crc = { algorithm: 'CRC32' as const, value: 'AAAAAA==' };
  return {
    format: MANIFEST_FORMAT,
    system,
    asset,
    point,
    slot: point,
    attempt: '0001-1',
    startedAt: at,
    consistentAt: at,
    finishedAt: at,
    source: {
      engine: 'postgres',
      version: '18.4',
      database: 'd',
      encoding: 'UTF8',
      collate: 'C',
      ctype: 'C',
      localeProvider: 'c',
      sizeBytes: 1,
      extensions: [],
    },
    dump: { format: 'custom', compression: 'zstd', options: [] },
    tools: { holdfast: '0', pgDump: '18.4', node: '24' },
    keys: [],
    objects: Array.from({ length: 4 }, (_, n) => ({
      role: 'dump' as const,
      key: `${catalogPrefix(system, asset)}${point}/${n}`,
      versionId: 'v',
      sizeBytes: 1,
      sha256: SHA256,
      crc,
    })),
  };
}

export function factOf(system: string, asset: string, point: string, file: string): Fact {
  const at = slotInstant(point).toISOString();
  const common = { format: FACT_FORMAT, system, asset, point, id: RUN, at } as const;
  if (file.startsWith('locked')) return { ...common, kind: 'locked', mode: 'governance', until: at, objects: 4 };
  if (file.startsWith('drilled'))
    return { ...common, kind: 'drilled', outcome: 'passed', evidence: 'e', rtoSeconds: 1, from: 'vault', reasons: [] };
  return { ...common, kind: 'replicated', bucket: 'replica', region: 'eu-west-1', lockedUntil: at, objects: [] };
}
