/**
 * What every ObjectReader answers about what is there: the reading half of core/ports/object-store.ts, held against the reader's own
 * list of versions, so that it can be asked of a vault that nobody writes to.
 */
import { describe, expect, it } from 'vitest';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ListedVersion, ObjectReader } from '../../core/ports/object-store.ts';

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** @param open a reader, and a prefix under which it holds something, in more than one version and hidden as well */
export function objectReaderContract(name: string, open: () => { reader: ObjectReader; prefix: string }): void {
  describe(`${name} as a reader`, () => {
    const listed = async (): Promise<{ reader: ObjectReader; prefix: string; versions: ListedVersion[] }> => {
      const { reader, prefix } = open();
      return { reader, prefix, versions: await collect(reader.listVersions(prefix)) };
    };

    it('has nothing where nothing is', async () => {
      const { reader, versions } = await listed();
      const [{ key } = { key: '' }] = versions;
      for (const ref of [{ key: 'nowhere/x' }, { key, versionId: '00000000-0000-4000-8000-000000000000' }]) {
        expect(await reader.get(ref)).toBeUndefined();
        expect(await reader.head(ref)).toBeUndefined();
        await expect(collect(reader.read(ref))).rejects.toThrow(ObjectMissing);
      }
      expect(await collect(reader.list('nowhere/'))).toEqual([]);
      expect(await collect(reader.listFolders('nowhere/'))).toEqual([]);
      expect(await collect(reader.listVersions('nowhere/'))).toEqual([]);
    });

    it('gives every version that it lists, by its id', async () => {
      const { reader, versions } = await listed();
      const stored = versions.filter(({ isDeleteMarker }) => !isDeleteMarker);
      expect(stored.length).toBeGreaterThan(0);
      for (const { key, versionId, sizeBytes } of stored) {
        const found = await reader.get({ key, versionId });
        expect([found?.versionId, found?.body.length], key).toEqual([versionId, sizeBytes]);
        expect(Buffer.concat(await collect(reader.read({ key, versionId }))).equals(found!.body), key).toBe(true);
        expect(await reader.head({ key, versionId })).toMatchObject({ versionId, sizeBytes });
      }
    });

    it('lists versions newest first, and reads the newest when none is named', async () => {
      const { reader, versions } = await listed();
      const ofKeys = Map.groupBy(versions, ({ key }) => key);
      expect([...ofKeys.values()].some((ofKey) => ofKey.length > 1)).toBe(true);
      expect(versions.some(({ isDeleteMarker }) => isDeleteMarker)).toBe(true);
      for (const [key, ofKey] of ofKeys) {
        const stored = ofKey.filter(({ isDeleteMarker }) => !isDeleteMarker);
        for (const [index, version] of stored.entries())
          expect(version.lastModified.getTime()).toBeLessThanOrEqual(stored[index - 1]?.lastModified.getTime() ?? Infinity);
        const latest = ofKey.filter(({ isLatest }) => isLatest);
        expect(latest, key).toHaveLength(1);
        const found = await reader.get({ key });
        expect(found?.versionId, key).toBe(latest[0]!.isDeleteMarker ? undefined : latest[0]!.versionId);
        expect((await reader.head({ key }))?.versionId, key).toBe(found?.versionId);
      }
    });

    it('lists in key order what no delete marker hides, and the folders of it', async () => {
      const { reader, prefix, versions } = await listed();
      const current = versions.filter(({ isLatest, isDeleteMarker }) => isLatest && !isDeleteMarker);
      const keys = current.map(({ key }) => key).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      const sizes = new Map(current.map(({ key, sizeBytes }) => [key, sizeBytes]));
      expect((await collect(reader.list(prefix))).map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual(
        keys.map((key) => [key, sizes.get(key)]),
      );
      const folders = keys.map((key) => key.slice(prefix.length).split('/')).filter((parts) => parts.length > 1);
      expect(await collect(reader.listFolders(prefix))).toEqual([...new Set(folders.map(([folder]) => `${prefix}${folder}/`))]);
      const ofVersions = versions.map(({ key }) => key.slice(prefix.length).split('/')).filter((parts) => parts.length > 1);
      const withHidden = new Set(ofVersions.map(([folder]) => `${prefix}${folder}/`));
      expect(new Set(await collect(reader.listFolders(prefix, { evenHidden: true })))).toEqual(withHidden);
    });
  });
}
