/** A vault that was written into a folder: every version and delete marker, in the order in which S3 listed them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { indexedCopy } from '../../adapters/directory/indexed-copy.ts';
import { readVersionsIndex, type IndexEntry } from '../../adapters/directory/versions-index.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { collect } from '../contracts/object-reader.ts';
import type { DatabaseContent } from './database-content.ts';

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

export const openGoldenVault = (directory: string): ObjectReader => indexedCopy(directory, readVersionsIndex(directory) ?? []);
