import { randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { DeleteObjectCommand, ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { AccessRefused, ObjectExists, StoreUnavailable } from '../../../core/ports/object-errors.ts';
import { collect } from '../../contracts/object-reader.ts';
import { objectStoreContract } from '../../contracts/object-store.ts';
import { faultProxy, type Fault, type FaultProxy, type FaultRule } from '../../helpers/fault-proxy.ts';
import { freshBucket, rootSettings } from '../../helpers/servers.ts';

const PART_BYTES = 5 * 1024 ** 2;

const unfinished = async (client: S3Client, bucket: string, key: string) =>
  (await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key }))).Uploads?.length ?? 0;

objectStoreContract('An S3 bucket', async () => {
  const bucket = await freshBucket({ objectLock: true });
  const { reader, writer, locker, client } = openBucket(bucket, rootSettings(), {});
  return {
    store: { ...reader, ...writer, ...locker },
    partBytes: PART_BYTES,
    hide: async (key) => void (await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))),
    unfinishedUploads: (key) => unfinished(client, bucket, key),
    canDelete: ({ key, versionId }) =>
      client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId })).then(
        () => true,
        () => false,
      ),
  };
});

describe('An S3 bucket behind a way that fails', () => {
  let proxy: FaultProxy;
  let bucket: string;
  let store: ReturnType<typeof open>;
  const open = (endpointUrl: string, credentials = rootSettings().credentials) => {
    const { reader, writer, locker, client } = openBucket(bucket, { ...rootSettings(), endpointUrl, credentials }, {});
    return { ...reader, ...writer, ...locker, client };
  };
  type Matches = FaultRule['matches'];
  const fail = (fault: Fault, matches: Matches, times = Infinity) => proxy.rules.push({ fault, matches, times });
  async function* chunks(body: Uint8Array) {
    yield body;
  }

  beforeAll(async () => {
    bucket = await freshBucket({ objectLock: true });
    proxy = await faultProxy(inject('emulator'));
    store = open(proxy.endpointUrl);
  });
  afterEach(() => {
    proxy.rules.length = 0;
  });
  afterAll(() => proxy.close());

  const isGet: Matches = ({ method, query }) => method === 'GET' && !query.has('uploads');
  const isPut: Matches = ({ method }) => method === 'PUT';
  const isPart: Matches = ({ method, query }) => method === 'PUT' && query.has('partNumber');

  it('reads on where a body was cut, as often as it takes, and only what is missing', async () => {
    const body = randomBytes(3_000_000);
    await store.upload('read/cut', chunks(body), { partBytes: PART_BYTES });
    const ranges: (string | undefined)[] = [];
    const isGetOfRange: Matches = (asked) => isGet(asked) && ranges.push(asked.headers.range) > 0;
    fail({ kind: 'cut-answer', afterBytes: 400_000 }, isGetOfRange, 3);
    const read = Buffer.concat(await collect(store.read({ key: 'read/cut' })));
    expect(read.equals(body)).toBe(true);
    expect(ranges.slice(0, 2)).toEqual([undefined, 'bytes=400000-']);
    for (const range of ranges.slice(1)) expect(range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('reads on from the version that it began with, when the key is written over meanwhile', async () => {
    const [first, second] = [randomBytes(2_000_000), randomBytes(2_000_000)];
    await store.upload('read/over', chunks(first), { partBytes: PART_BYTES });
    fail({ kind: 'cut-answer', afterBytes: 500_000 }, isGet, 1);
    const pieces: Uint8Array[] = [];
    for await (const piece of store.read({ key: 'read/over' })) {
      if (pieces.length === 0) await store.upload('read/over', chunks(second), { partBytes: PART_BYTES });
      pieces.push(piece);
    }
    expect(Buffer.concat(pieces).equals(first)).toBe(true);
  });

  it('gives up on a body that never moves on', async () => {
    await store.putOnce('read/stuck', randomBytes(1000));
    fail({ kind: 'cut-answer', afterBytes: 1 }, isGet);
    await expect(collect(store.read({ key: 'read/stuck' }))).rejects.toThrow(StoreUnavailable);
  });

  it.each([
    [500, 'InternalError'],
    [503, 'ServiceUnavailable'],
  ])('survives some answers of %i, and says so when there is no end to them', async (status, code) => {
    fail({ kind: 'answer', status, code }, isPut, 2);
    await store.putOnce(`put/${status}`, 'x');
    fail({ kind: 'answer', status, code }, () => true);
    await expect(store.putOnce(`put/${status}/never`, 'x')).rejects.toThrow(StoreUnavailable);
    await expect(store.head({ key: `put/${status}` })).rejects.toThrow(StoreUnavailable);
    await expect(collect(store.list('put/'))).rejects.toThrow(StoreUnavailable);
    proxy.rules.length = 0;
    expect(await store.head({ key: `put/${status}/never` })).toBeUndefined();
  });

  it('takes a write whose answer was lost for one that somebody made', async () => {
    fail({ kind: 'lose-answer' }, isPut, 1);
    await expect(store.putOnce('put/lost', 'mine')).rejects.toThrow(ObjectExists);
    expect(Buffer.from((await store.get({ key: 'put/lost' }))?.body ?? []).toString()).toBe('mine');
  });

  it('uploads through failing parts, and leaves nothing of an upload that cannot be made', async () => {
    const body = randomBytes(2 * PART_BYTES + 1);
    fail({ kind: 'cut-request', afterBytes: 1_000_000 }, isPart, 1);
    fail({ kind: 'answer', status: 500, code: 'InternalError' }, isPart, 1);
    const { versionId } = await store.upload('upload/bumpy', chunks(body), { partBytes: PART_BYTES });
    expect(Buffer.concat(await collect(store.read({ key: 'upload/bumpy', versionId }))).equals(body)).toBe(true);

    fail({ kind: 'answer', status: 500, code: 'InternalError' }, (asked) => isPart(asked) && asked.query.get('partNumber') === '2');
    await expect(store.upload('upload/failed', chunks(body), { partBytes: PART_BYTES })).rejects.toThrow(StoreUnavailable);
    expect(await store.head({ key: 'upload/failed' })).toBeUndefined();
    expect(await unfinished(store.client, bucket, 'upload/failed')).toBe(0);
  });

  it('lets go of whoever makes the parts when the upload cannot be begun, or a small object not be written', async () => {
    for (const sizeBytes of [2 * PART_BYTES, 1000]) {
      let isReleased = false;
      async function* held() {
        try {
          for (let sent = 0; sent < sizeBytes; sent += PART_BYTES) yield Buffer.alloc(Math.min(PART_BYTES, sizeBytes));
        } finally {
          isReleased = true;
        }
      }
      fail({ kind: 'answer', status: 403, code: 'AccessDenied' }, ({ method }) => method === 'POST' || method === 'PUT');
      const options = { partBytes: PART_BYTES, onPartStored: () => undefined };
      await expect(store.upload('upload/unbegun', held(), options)).rejects.toThrow(AccessRefused);
      expect(isReleased).toBe(true);
    }
  });

  it('listens to the signal of a dump no longer than an upload takes, whether it is made or not', async () => {
    const composites = vi.spyOn(AbortSignal, 'any');
    const { signal } = new AbortController();
    const listeners = () =>
      [signal, ...composites.mock.results.map(({ value }) => value as AbortSignal)].map((each) => getEventListeners(each, 'abort').length);
    const options = { partBytes: PART_BYTES, signal };
    let heard = 0;
    async function* body() {
      yield randomBytes(PART_BYTES);
      heard += listeners().reduce((sum, count) => sum + count, 0);
      yield randomBytes(PART_BYTES);
    }
    await store.upload('upload/heard', body(), options);
    fail({ kind: 'answer', status: 403, code: 'AccessDenied' }, isPart);
    await expect(store.upload('upload/unheard', body(), options)).rejects.toThrow(AccessRefused);
    expect(heard).toBeGreaterThan(0);
    // The SDK lets go of it with the socket.
    await vi.waitFor(() => expect(new Set(listeners())).toEqual(new Set([0])));
    composites.mockRestore();
  });

  it('says what was refused', async () => {
    const nobody = open(inject('emulator').endpointUrl, { accessKeyId: 'AKIANOBODYNOBODYNOBO', secretAccessKey: 'none' });
    const { versionId } = await store.putOnce('refused/a', 'x');
    const ref = { key: 'refused/a', versionId };
    await expect(nobody.putOnce('refused/b', 'x')).rejects.toThrow(AccessRefused);
    await expect(nobody.get(ref)).rejects.toThrow(AccessRefused);
    await expect(nobody.head(ref)).rejects.toThrow(AccessRefused);
    await expect(nobody.lockUntil(ref, 'governance', new Date(Date.now() + 86_400_000))).rejects.toThrow(AccessRefused);
  });
});
