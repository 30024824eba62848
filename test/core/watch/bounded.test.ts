/** What a look asks of S3 does not grow with the years that an asset has behind it. */
import { expect, it } from 'vitest';
import { PostgresAsset, KeyAsset } from '../../../core/plan/schema.ts';
import type { ListedVersion, ObjectReader } from '../../../core/ports/object-store.ts';
import { escrowFactKey, factKey, manifestKey, signatureKey } from '../../../core/vault/keys.ts';
import { scheduledSlotId } from '../../../core/vault/ids.ts';
import { watchSystem } from '../../../core/watch/watch-system.ts';
import { watchedAssets } from '../../../core/watch/watched.ts';
import { unheldSignature } from '../../helpers/unheld-signature.ts';

const HOUR_MS = 3_600_000;
const NOW = new Date('2026-11-21T12:20:00Z');
const PAGE = 1000;
const schedule = { cron: '0 * * * ? *', timeZone: 'UTC', longestRun: 'PT15M' };
const asset = PostgresAsset.parse({
  id: 'db',
  kind: 'postgres',
  objectives: { rpo: 'PT2H', rto: 'PT1H' },
  source: { secret: 's', postgresMajor: 16 },
  schedule,
  retention: { hot: 'P30D' },
  lock: { length: 'P30D', longestDetection: 'P14D' },
  drill: { schedule: { ...schedule, cron: '0 5 1 * ? *' }, period: 'P35D', checks: [{ name: 'rows', sql: 'SELECT 1', expect: 1 }] },
});
const key = KeyAsset.parse({
  id: 'key',
  kind: 'key',
  objectives: { rpo: 'PT26H', rto: 'PT1H' },
  source: { secret: 'k' },
  escrow: { schedule },
});

/** A bucket of hourly points over some years: all but those of a month are tombstones. Counts what is asked as S3 would. */
function bucketOf(years: number, planted: readonly string[] = []) {
  const bodies = new Map(planted.map((name) => [name, '{}']));
  const first = NOW.getTime() - years * 365 * 24 * HOUR_MS;
  for (let at = Math.ceil(first / HOUR_MS) * HOUR_MS; at < NOW.getTime(); at += HOUR_MS) {
    const point = scheduledSlotId(new Date(at));
    const run = `${point}-abcdef`;
    const common = { system: 'shop', asset: 'db', point, id: run, at: new Date(at + 600_000).toISOString(), format: 'holdfast/fact/v1' };
    const fact = (kind: string, own: object) =>
      bodies.set(factKey('shop', 'db', point, kind, run), JSON.stringify({ ...common, kind, ...own }));
    for (const kind of ['current', 'readback'])
      bodies.set(
        escrowFactKey('shop', 'key', 'aa', kind, run),
        JSON.stringify({
          format: 'holdfast/escrow-fact/v1',
          kind,
          system: 'shop',
          key: 'key',
          fingerprint: 'aa',
          id: run,
          at: common.at,
          region: 'r',
          regionFingerprint: 'aa',
          envelopeVersionId: 'v',
        }),
      );
    if (NOW.getTime() - at > 30 * 24 * HOUR_MS) {
      fact('tombstone', { manifestSha256: '0'.repeat(64), reasons: [], objects: 1 });
      continue;
    }
    bodies.set(manifestKey('shop', 'db', point), manifest(point, at));
    const name = manifestKey('shop', 'db', point);
    bodies.set(signatureKey(name), unheldSignature('shop', name, bodies.get(name) ?? ''));
    fact('verified', { bytesRead: 1, rows: [], largeObjects: 0 });
    fact('locked', { mode: 'governance', until: common.at, objects: 1 });
    fact('replicated', { bucket: 'b', region: 'r', lockedUntil: common.at, objects: [] });
    if (new Date(at).getUTCDate() === 1 && new Date(at).getUTCHours() === 5)
      fact('drilled', { outcome: 'passed', evidence: 'e', rtoSeconds: 1, from: 'vault', reasons: [] });
  }
  const keys = [...bodies.keys()].sort();
  const asked = { lists: 0, gets: 0 };
  const reader: ObjectReader = {
    bucket: 'fake',
    get({ key: name }) {
      asked.gets++;
      const body = bodies.get(name);
      return Promise.resolve(body === undefined ? undefined : { body: Buffer.from(body), versionId: 'v' });
    },
    async *listVersions(prefix): AsyncIterable<ListedVersion> {
      asked.lists++;
      let count = 0;
      for (const name of keys) {
        if (!name.startsWith(prefix)) continue;
        if (++count % PAGE === 1 && count > 1) asked.lists++;
        yield { key: name, versionId: 'v', sizeBytes: 1, lastModified: NOW, isLatest: true, isDeleteMarker: false };
      }
    },
    async *listFolders(prefix) {
      asked.lists++;
      yield* new Set(keys.filter((name) => name.startsWith(prefix)).map((name) => name.slice(0, name.indexOf('/', prefix.length) + 1)));
    },
    read: () => expect.unreachable('no bytes'),
    head: () => expect.unreachable('no heads'),
    list: () => expect.unreachable('versions are listed'),
  };
  return { reader, asked, keys: keys.length };
}

const manifest = (point: string, at: number) => {
  const instant = new Date(at).toISOString();
  return JSON.stringify({
    format: 'holdfast/manifest/v1',
    system: 'shop',
    asset: 'db',
    point,
    slot: point,
    attempt: '0001-1',
    startedAt: instant,
    consistentAt: instant,
    finishedAt: instant,
    source: {
      engine: 'postgres',
      version: '18',
      database: 'd',
      encoding: 'UTF8',
      collate: 'C',
      ctype: 'C',
      localeProvider: 'c',
      sizeBytes: 1,
      extensions: [],
    },
    dump: { format: 'custom', compression: 'zstd', options: [] },
    tools: { holdfast: '0.1.0', pgDump: '18', node: '24' },
    objects: [
      { role: 'dump', key: 'data/d', versionId: 'v', sizeBytes: 1, sha256: '0'.repeat(64), crc: { algorithm: 'CRC32', value: 'AAAAAA==' } },
    ],
    keys: [],
  });
};

it('asks as little of five years of hourly points as of one', async () => {
  const asks = async (years: number) => {
    const { reader, asked, keys } = bucketOf(years);
    const ports = { system: 'shop', side: 'vault', vault: reader, escrow: reader } as const;
    const { findings, status } = await watchSystem(watchedAssets([asset, key], 'vault'), ports, NOW);
    expect(findings).toMatchObject([{ kind: 'no-data', asset: 'key', code: 'never-proven' }]);
    expect(status.assets['db']!.colour).toBe('green');
    return { ...asked, keys };
  };
  const [one, five] = [await asks(1), await asks(5)];
  console.log(
    `a look at an hourly database and its key: ${five.lists} lists and ${five.gets} reads, of ${one.keys} keys and of ${five.keys}`,
  );
  expect({ ...five, keys: 0 }).toEqual({ ...one, keys: 0 });
  expect(five.keys).toBeGreaterThan(4 * one.keys);
  expect(five.lists).toBeLessThan(20);
  expect(five.gets).toBeLessThan(12);
});

it('says the same beside points and drills whose names have no instant that there is, or one that is still to come', async () => {
  const point = scheduledSlotId(new Date('2026-11-20T12:00:00Z'));
  const never = ['99999999T999999Z', '20261131T120000Z', '20261121T259999Z', '00000000T000000Z'];
  const planted = [
    ...never.flatMap((name) => [manifestKey('shop', 'db', name), factKey('shop', 'db', name, 'verified', `${point}-abcdef`)]),
    ...[...never, '20991231T000000Z', '20991230T000000Z', '20991229T000000Z'].map((run) =>
      factKey('shop', 'db', point, 'drilled', `${run}-aaaaaa`),
    ),
  ];
  const say = async (names: readonly string[]) => {
    const { reader } = bucketOf(0.5, names);
    return await watchSystem(watchedAssets([asset, key], 'vault'), { system: 'shop', side: 'vault', vault: reader, escrow: reader }, NOW);
  };
  expect(await say(planted)).toEqual(await say([]));
});
