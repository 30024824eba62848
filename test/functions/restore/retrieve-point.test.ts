/** The emulator keeps archived objects from readers as S3 does, and retrieves them in two seconds. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { ObjectArchived } from '../../../core/ports/object-errors.ts';
import { attemptPrefix } from '../../../core/vault/keys.ts';
import { retrievePoint, type RetrievePorts } from '../../../functions/restore/retrieve-point.ts';
import { faultProxy } from '../../helpers/fault-proxy.ts';
import { freshBucket, rootSettings, uniqueSuffix } from '../../helpers/servers.ts';

const REGION = 'eu-central-1';
const system = `cold${uniqueSuffix()}`;
const asset = 'main';
const CLASSES = { '20260101T020000Z': 'DEEP_ARCHIVE', '20260102T020000Z': 'GLACIER', '20260103T020000Z': 'GLACIER_IR' } as const;
const [deep, flexible, instant] = Object.keys(CLASSES) as [string, string, string];
const keyOf = (point: string, number: number) => `${attemptPrefix(system, asset, point, '0001-1')}dump-000${number}`;

let bucket: string;
let ports: RetrievePorts;
let asked: string[];

const connect = (settings = rootSettings(REGION)): RetrievePorts & { client: S3Client } => {
  const { reader, retriever, client } = openBucket(bucket, settings, {});
  const request: typeof retriever.request = (ref, days) => {
    asked.push(ref.key);
    return retriever.request(ref, days);
  };
  // The emulator tells of a retrieval where it is asked for the key, and not where it is asked for a version.
  const look: typeof retriever.look = ({ key }) => retriever.look({ key });
  return { system, vault: reader, retriever: { look, request }, now: () => new Date(), client };
};
const retrieve = (point: string, since = '', own = ports) => retrievePoint({ asset, point, since }, own);

beforeAll(async () => {
  bucket = await freshBucket({ objectLock: true, region: REGION, name: 'cold' });
  const { client, ...made } = connect();
  ports = made;
  for (const [point, StorageClass] of Object.entries(CLASSES))
    for (const number of [1, 2])
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: keyOf(point, number), Body: `${point} ${number}`, StorageClass }));
  asked = [];
});

describe('a point in cold storage', () => {
  it('is not read, and says what to do', async () => {
    const { reader } = openBucket(bucket, rootSettings(REGION), {});
    await expect(reader.get({ key: keyOf(deep, 1) })).rejects.toThrow(ObjectArchived);
    await expect(reader.get({ key: keyOf(deep, 1) })).rejects.toMatchObject({ failure: 'PointArchived' });
  });

  it('is asked for once, all of it, waited for, and then read', async () => {
    const first = await retrieve(deep);
    expect(first).toMatchObject({ ready: false, seconds: 0, waitSeconds: 600 });
    expect(asked.toSorted()).toEqual([keyOf(deep, 1), keyOf(deep, 2)]);
    const second = await retrieve(deep, first.since);
    expect(second).toMatchObject({ ready: false, since: first.since });
    expect(asked).toHaveLength(2);
    await expect.poll(() => retrieve(deep, first.since), { timeout: 8000, interval: 300 }).toMatchObject({ ready: true });
    expect((await retrieve(deep, first.since)).seconds).toBeGreaterThanOrEqual(2);
    expect(asked).toHaveLength(2);
    const { reader } = openBucket(bucket, rootSettings(REGION), {});
    expect(Buffer.from((await reader.get({ key: keyOf(deep, 2) }))?.body ?? []).toString()).toBe(`${deep} 2`);
    // Whoever comes next waits for nothing.
    expect(await retrieve(deep)).toMatchObject({ ready: true, seconds: 0 });
  });

  it('whose request lost its answer is asked for again, and that is no failure', async () => {
    asked = [];
    const proxy = await faultProxy(rootSettings(REGION));
    try {
      const own = connect({ ...rootSettings(REGION), endpointUrl: proxy.endpointUrl });
      proxy.rules.push({ matches: ({ query }) => query.has('restore'), fault: { kind: 'lose-answer' }, times: 1 });
      expect(await retrieve(flexible, '', own)).toMatchObject({ ready: false });
      expect(proxy.applied()).toBe(1);
      await expect.poll(() => retrieve(flexible), { timeout: 8000, interval: 300 }).toMatchObject({ ready: true });

      proxy.rules.push({
        matches: ({ method }) => method === 'HEAD',
        fault: { kind: 'answer', status: 403, code: 'AccessDenied' },
        times: 1,
      });
      await expect(retrieve(flexible, '', own)).rejects.toMatchObject({ failure: 'VaultRefused' });
    } finally {
      await proxy.close();
    }
  });

  it('of a class that is read at once is not asked for', async () => {
    asked = [];
    expect(await retrieve(instant)).toMatchObject({ ready: true });
    expect(asked).toEqual([]);
    expect(await retrieve('20260104T020000Z')).toMatchObject({ ready: true });
  });

  it('is told when the same retrieval was asked for a day ago', async () => {
    const { client } = connect();
    const late = '20260105T020000Z';
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: keyOf(late, 1), Body: 'x', StorageClass: 'GLACIER' }));
    const yesterday = new Date(Date.now() - 25 * 3_600_000).toISOString();
    await expect(retrieve(late, yesterday)).rejects.toMatchObject({ failure: 'PointArchived' });
  });
});
