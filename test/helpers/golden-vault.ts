/** A vault that was written into a folder: every version and delete marker, in the order in which S3 listed them. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ListedVersion, ObjectReader, ObjectRef } from '../../core/ports/object-store.ts';
import { collect } from '../contracts/object-reader.ts';
import type { DatabaseContent } from './database-content.ts';

const IndexEntry = z.strictObject({
  key: z.string(),
  versionId: z.string(),
  lastModified: z.iso.datetime(),
  isLatest: z.boolean(),
  isDeleteMarker: z.boolean(),
  /** Below `objects/`; a delete marker has none. */
  file: z.string().optional(),
});
type IndexEntry = z.infer<typeof IndexEntry>;

/** What the points of a golden vault must be, as it was found in the source when they were made. */
export type ExpectedPoint = DatabaseContent & {
  asset: string;
  point: string;
  format: 'custom' | 'plain';
  isHidden: boolean;
  isOverwritten: boolean;
  manifestSha256: string;
  /** Kinds of its facts. */
  facts: string[];
};
export type Expected = { system: string; points: ExpectedPoint[]; links: Record<string, number>; signed: string[] };

/** Writes everything that `reader` holds. */
export async function writeGoldenVault(reader: ObjectReader, directory: string): Promise<void> {
  const entries: IndexEntry[] = [];
  const versions = await collect(reader.listVersions(''));
  for (const { key, versionId, lastModified, isLatest, isDeleteMarker } of versions) {
    const entry = { key, versionId, lastModified: lastModified.toISOString(), isLatest, isDeleteMarker };
    if (isDeleteMarker) {
      entries.push(entry);
      continue;
    }
    const isFirst = versions.findLast((version) => version.key === key && !version.isDeleteMarker)?.versionId === versionId;
    const file = isFirst ? key : `${key}.${versionId}`;
    const path = join(directory, 'objects', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, (await reader.get({ key, versionId }))!.body);
    entries.push({ ...entry, file });
  }
  writeFileSync(join(directory, 'index.json'), `${JSON.stringify(entries, undefined, 2)}\n`);
}

export function openGoldenVault(directory: string): ObjectReader {
  const entries = z.array(IndexEntry).parse(JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')));
  const bucket = 'golden';
  const pathOf = (entry: IndexEntry) => join(directory, 'objects', entry.file ?? '');
  const find = ({ key, versionId }: ObjectRef) =>
    entries.find(
      (entry) => entry.key === key && !entry.isDeleteMarker && (versionId === undefined ? entry.isLatest : entry.versionId === versionId),
    );
  const listed = (entry: IndexEntry): ListedVersion => ({
    key: entry.key,
    versionId: entry.versionId,
    sizeBytes: entry.isDeleteMarker ? 0 : statSync(pathOf(entry)).size,
    lastModified: new Date(entry.lastModified),
    isLatest: entry.isLatest,
    isDeleteMarker: entry.isDeleteMarker,
  });
  const current = (prefix: string) =>
    entries
      .filter((entry) => entry.key.startsWith(prefix) && entry.isLatest && !entry.isDeleteMarker)
      .toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  return {
    bucket,
    get(ref) {
      const entry = find(ref);
      return Promise.resolve(entry && { body: readFileSync(pathOf(entry)), versionId: entry.versionId });
    },
    async *read(ref) {
      const entry = find(ref);
      if (!entry) throw new ObjectMissing(`${bucket}/${ref.key}`);
      yield await Promise.resolve(readFileSync(pathOf(entry)));
    },
    head(ref) {
      const entry = find(ref);
      return Promise.resolve(entry && { versionId: entry.versionId, sizeBytes: statSync(pathOf(entry)).size });
    },
    async *list(prefix) {
      for (const entry of current(prefix)) {
        const { key, sizeBytes, lastModified } = listed(entry);
        yield await Promise.resolve({ key, sizeBytes, lastModified });
      }
    },
    async *listFolders(prefix) {
      const folders = current(prefix)
        .map((entry) => entry.key.slice(prefix.length).split('/'))
        .filter((parts) => parts.length > 1);
      yield* new Set(folders.map(([folder]) => `${prefix}${folder}/`));
    },
    async *listVersions(prefix) {
      for (const entry of entries) if (entry.key.startsWith(prefix)) yield await Promise.resolve(listed(entry));
    },
  };
}
