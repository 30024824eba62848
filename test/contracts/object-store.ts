/** What every ObjectReader, ObjectWriter and ObjectLocker does: the contract of core/ports/object-store.ts, as a suite. */
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ObjectExists, ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ListedVersion, ObjectLocker, ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { collect, objectReaderContract } from './object-reader.ts';

export type ObjectStoreUnderTest = {
  store: ObjectReader & ObjectWriter & ObjectLocker;
  /** The smallest part of an upload. */
  partBytes: number;
  /** Puts a delete marker over a key, as an attacker or an operator could. */
  hide: (key: string) => Promise<void>;
  /** Uploads that were begun and neither completed nor aborted. */
  unfinishedUploads: (key: string) => Promise<number>;
  /** Whether one version can be deleted. */
  canDelete: (ref: { key: string; versionId: string }) => Promise<boolean>;
};

async function* chunks(body: Uint8Array, size = 700_001): AsyncIterable<Uint8Array> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}
const text = (body: Uint8Array | undefined) => body && Buffer.from(body).toString();

export function objectStoreContract(name: string, open: () => Promise<ObjectStoreUnderTest>): void {
  describe(`${name} as an object store`, () => {
    let under: ObjectStoreUnderTest;
    let store: ObjectStoreUnderTest['store'];
    beforeAll(async () => {
      under = await open();
      store = under.store;
    });

    describe('what is not there', () => {
      it('is undefined to get and head, ObjectMissing to read, and nothing to list', async () => {
        expect(await store.get({ key: 'none/x' })).toBeUndefined();
        expect(await store.head({ key: 'none/x' })).toBeUndefined();
        await expect(collect(store.read({ key: 'none/x' }))).rejects.toThrow(ObjectMissing);
        expect(await collect(store.list('none/'))).toEqual([]);
        expect(await collect(store.listFolders('none/'))).toEqual([]);
        expect(await collect(store.listVersions('none/'))).toEqual([]);
      });
      it('can be a version, of a key that is there', async () => {
        await store.putOnce('none/version', 'x');
        expect(await store.get({ key: 'none/version', versionId: '00000000-0000-4000-8000-000000000000' })).toBeUndefined();
        expect(await store.head({ key: 'none/version', versionId: '00000000-0000-4000-8000-000000000000' })).toBeUndefined();
      });
      it('cannot be locked', async () => {
        const ref = { key: 'none/x', versionId: '00000000-0000-4000-8000-000000000000' };
        await expect(store.lockUntil(ref, 'governance', new Date(Date.now() + 60_000))).rejects.toThrow(ObjectMissing);
      });
    });

    describe('putOnce', () => {
      it('writes once, and says so to whoever comes second', async () => {
        const { versionId } = await store.putOnce('once/a', 'first');
        await expect(store.putOnce('once/a', 'second')).rejects.toThrow(ObjectExists);
        const found = await store.get({ key: 'once/a' });
        expect([text(found?.body), found?.versionId]).toEqual(['first', versionId]);
      });
      it('lets one of ten at once win', async () => {
        const tries = Array.from({ length: 10 }, (_, n) => store.putOnce('once/race', String(n)));
        const outcomes = await Promise.allSettled(tries);
        const winners = outcomes.flatMap((outcome, n) => (outcome.status === 'fulfilled' ? [String(n)] : []));
        expect(winners).toHaveLength(1);
        for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(ObjectExists);
        expect(text((await store.get({ key: 'once/race' }))?.body)).toBe(winners[0]);
        expect(await collect(store.listVersions('once/race'))).toHaveLength(1);
      });
      it('keeps bytes as they are, and none at all', async () => {
        const every = Uint8Array.from({ length: 256 }, (_, n) => n);
        await store.putOnce('once/bytes', every);
        await store.putOnce('once/empty', '');
        expect(Buffer.from((await store.get({ key: 'once/bytes' }))?.body ?? [])).toEqual(Buffer.from(every));
        expect((await store.get({ key: 'once/empty' }))?.body).toHaveLength(0);
        expect(await store.head({ key: 'once/empty' })).toMatchObject({ sizeBytes: 0 });
      });
    });

    describe('upload', () => {
      it.each([0, 1, 'part - 1', 'part', 'part + 1', '2 parts + 12345'] as const)('of %s bytes arrives whole', async (size) => {
        const part = under.partBytes;
        const sizeBytes = { 0: 0, 1: 1, 'part - 1': part - 1, part, 'part + 1': part + 1, '2 parts + 12345': 2 * part + 12_345 }[size];
        const body = randomBytes(sizeBytes);
        const key = `upload/${sizeBytes}`;
        const uploaded = await store.upload(key, chunks(body), { partBytes: part });
        expect(uploaded.sizeBytes).toBe(sizeBytes);
        const read = Buffer.concat(await collect(store.read({ key, versionId: uploaded.versionId })));
        expect(read.equals(body)).toBe(true);
        const head = await store.head({ key });
        expect(head).toMatchObject({ versionId: uploaded.versionId, sizeBytes });
        // A full-object CRC where the service keeps one; never one that depends on the cut into parts.
        if (head?.crc?.algorithm === uploaded.crc.algorithm) expect(head.crc.value).toBe(uploaded.crc.value);
      });
      it('has a CRC that does not depend on how the bytes were cut', async () => {
        const body = randomBytes(under.partBytes + 99);
        const [one, two] = [
          await store.upload('upload/cut-1', chunks(body, 1000), { partBytes: under.partBytes }),
          await store.upload('upload/cut-2', chunks(body, body.length), { partBytes: 2 * under.partBytes }),
        ];
        expect(one.crc).toEqual(two.crc);
      });
      it('whose source fails throws what the source threw, and leaves nothing', async () => {
        async function* failing() {
          yield* chunks(randomBytes(2 * under.partBytes));
          throw new RangeError('the source broke');
        }
        await expect(store.upload('upload/broken', failing(), { partBytes: under.partBytes })).rejects.toThrow(RangeError);
        expect(await store.head({ key: 'upload/broken' })).toBeUndefined();
        expect(await under.unfinishedUploads('upload/broken')).toBe(0);
      });
      it('that is aborted leaves nothing', async () => {
        const stop = new AbortController();
        async function* stopping() {
          yield* chunks(randomBytes(2 * under.partBytes));
          stop.abort(new Error('told to stop'));
          yield* chunks(randomBytes(2 * under.partBytes));
        }
        const upload = store.upload('upload/aborted', stopping(), { partBytes: under.partBytes, signal: stop.signal });
        await expect(upload).rejects.toThrow('told to stop');
        expect(await store.head({ key: 'upload/aborted' })).toBeUndefined();
        expect(await under.unfinishedUploads('upload/aborted')).toBe(0);
      });
      it('that was aborted before it began writes nothing', async () => {
        const signal = AbortSignal.abort(new Error('told to stop'));
        await expect(store.upload('upload/never', chunks(Buffer.from('x')), { partBytes: under.partBytes, signal })).rejects.toThrow(
          'told to stop',
        );
        expect(await store.head({ key: 'upload/never' })).toBeUndefined();
      });
    });

    describe('versions', () => {
      it('are read by their id, newest when none is named, and listed newest first', async () => {
        const put = async (body: string) =>
          (await store.upload('versions/a', chunks(Buffer.from(body)), { partBytes: under.partBytes })).versionId;
        const [first, second] = [await put('first'), await put('second')];
        expect(text((await store.get({ key: 'versions/a', versionId: first }))?.body)).toBe('first');
        expect(text((await store.get({ key: 'versions/a' }))?.body)).toBe('second');
        const listed = await collect(store.listVersions('versions/a'));
        expect(listed.map(({ versionId, isLatest }) => [versionId, isLatest])).toEqual([
          [second, true],
          [first, false],
        ]);
      });
      it('outlive a delete marker, which is listed as one', async () => {
        const { versionId } = await store.putOnce('versions/hidden', 'x');
        await under.hide('versions/hidden');
        expect(await store.get({ key: 'versions/hidden' })).toBeUndefined();
        expect(await collect(store.list('versions/hidden'))).toEqual([]);
        expect(text((await store.get({ key: 'versions/hidden', versionId }))?.body)).toBe('x');
        const listed: ListedVersion[] = await collect(store.listVersions('versions/hidden'));
        expect(listed).toHaveLength(2);
        expect(listed).toContainEqual(expect.objectContaining({ isDeleteMarker: true, isLatest: true }));
        expect(listed).toContainEqual(expect.objectContaining({ versionId, isDeleteMarker: false, isLatest: false }));
      });
    });

    describe('lists', () => {
      it('name what is under a prefix, in key order, and the folders below it', async () => {
        for (const key of ['list/b/2.json', 'list/a/1.json', 'list/b/1.json', 'list/c.json', 'listed.json']) await store.putOnce(key, 'xy');
        expect((await collect(store.list('list/'))).map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual(
          ['list/a/1.json', 'list/b/1.json', 'list/b/2.json', 'list/c.json'].map((key) => [key, 2]),
        );
        expect(await collect(store.listFolders('list/'))).toEqual(['list/a/', 'list/b/']);
      });
      it('name folders of which delete markers hide everything, when these are asked for', async () => {
        for (const key of ['hidden/a/1.json', 'hidden/b/1.json']) await store.putOnce(key, 'x');
        await under.hide('hidden/a/1.json');
        expect(await collect(store.listFolders('hidden/'))).toEqual(['hidden/b/']);
        expect(await collect(store.listFolders('hidden/', { evenHidden: true }))).toEqual(['hidden/a/', 'hidden/b/']);
      });
      it('go on past one page', async () => {
        const keys = Array.from({ length: 1005 }, (_, n) => `pages/${String(n).padStart(5, '0')}/x`);
        for (let at = 0; at < keys.length; at += 50) await Promise.all(keys.slice(at, at + 50).map((key) => store.putOnce(key, '')));
        expect((await collect(store.list('pages/'))).map(({ key }) => key)).toEqual(keys);
        expect(await collect(store.listFolders('pages/'))).toHaveLength(1005);
        expect(await collect(store.listFolders('pages/', { evenHidden: true }))).toHaveLength(1005);
        expect((await collect(store.listVersions('pages/'))).map(({ key }) => key)).toEqual(keys);
      });
    });

    describe('a lock', () => {
      const inDays = (days: number) => new Date(Math.ceil(Date.now() / 1000) * 1000 + days * 86_400_000);
      const locked = async (key: string, versionId: string) => {
        const head = await store.head({ key, versionId });
        return [head?.lockMode, head?.lockedUntil?.toISOString()];
      };
      it('holds until its end, is extended, and never shortened', async () => {
        const { versionId } = await store.putOnce('lock/a', 'x');
        const ref = { key: 'lock/a', versionId };
        const [soon, later] = [inDays(1), inDays(9)];
        await store.lockUntil(ref, 'governance', soon);
        expect(await locked('lock/a', versionId)).toEqual(['governance', soon.toISOString()]);
        await store.lockUntil(ref, 'governance', later);
        await store.lockUntil(ref, 'governance', soon);
        expect(await locked('lock/a', versionId)).toEqual(['governance', later.toISOString()]);
        expect(await under.canDelete(ref)).toBe(false);
      });
      it('that is made stricter is not made shorter, and one that is stricter is not made weaker', async () => {
        const { versionId } = await store.putOnce('lock/b', 'x');
        const ref = { key: 'lock/b', versionId };
        const [soon, later, last] = [inDays(1), inDays(9), inDays(12)];
        await store.lockUntil(ref, 'governance', later);
        await store.lockUntil(ref, 'compliance', soon);
        expect(await locked('lock/b', versionId)).toEqual(['compliance', later.toISOString()]);
        await store.lockUntil(ref, 'governance', last);
        expect(await locked('lock/b', versionId)).toEqual(['compliance', last.toISOString()]);
        expect(await under.canDelete(ref)).toBe(false);
      });
      it('is of one version only', async () => {
        const [first, second] = [
          await store.upload('lock/c', chunks(Buffer.from('1')), { partBytes: under.partBytes }),
          await store.upload('lock/c', chunks(Buffer.from('2')), { partBytes: under.partBytes }),
        ];
        await store.lockUntil({ key: 'lock/c', versionId: first.versionId }, 'governance', inDays(3));
        expect(await locked('lock/c', second.versionId)).toEqual([undefined, undefined]);
        expect(await under.canDelete({ key: 'lock/c', versionId: first.versionId })).toBe(false);
      });
    });

    // Last: what the tests above have written is what is read.
    objectReaderContract(name, () => ({ reader: store, prefix: 'versions/' }));
  });
}
