/** The list of a downloaded vault's versions, in the order in which S3 listed them. Plain files alone would lose all but the newest. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { parseJson } from '../../core/parse-json.ts';
import { CopyUnreadable } from './errors.ts';

export const INDEX_FILE = 'index.json';
export const OBJECTS_FOLDER = 'objects';
/** The bytes of points, which a download may leave where they are. */
export const DATA_FOLDER = 'data/';

export const IndexEntry = z.strictObject({
  key: z.string(),
  versionId: z.string(),
  lastModified: z.iso.datetime(),
  isLatest: z.boolean(),
  isDeleteMarker: z.boolean(),
  /** As S3 listed it; of a version that was downloaded the file's own size counts. */
  sizeBytes: z.int().min(0).optional(),
  /** Below `objects/`; a delete marker, and a version that was not downloaded, have none. */
  file: z.string().optional(),
});
export type IndexEntry = z.infer<typeof IndexEntry>;

/** Undefined for a folder of plain files. Throws CopyUnreadable. */
export function readVersionsIndex(directory: string): IndexEntry[] | undefined {
  const path = join(directory, INDEX_FILE);
  if (!existsSync(path)) {
    if (existsSync(join(directory, OBJECTS_FOLDER)))
      throw new CopyUnreadable(directory, `it has ${OBJECTS_FOLDER}/ and no ${INDEX_FILE}: the download did not come to its end`);
    return undefined;
  }
  const entries = z.array(IndexEntry).safeParse(parseJson(readFileSync(path)));
  if (!entries.success) throw new CopyUnreadable(directory, `${INDEX_FILE} is not a list of versions`, { cause: entries.error });
  const outside = entries.data.find(({ file }) => file?.split('/').includes('..'));
  if (outside) throw new CopyUnreadable(directory, `${INDEX_FILE} names a file outside of ${OBJECTS_FOLDER}/`);
  return entries.data;
}
