/** The contents of one directory that holds a whole segmented point: the segments, and all that its rest holds of its own. */
import { largeObjectList } from './convert-toc.ts';
import { addSegments, type SegmentedTable, type SegmentOrder } from './segment-toc.ts';
import type { ArchiveEntry, ArchiveToc } from './toc.ts';

/** Name of the file, without the suffix of its compression, that holds the rows of one of the rest's own tables. */
export const rowsFile = (dumpId: number): string => `${dumpId}.dat`;
export const largeObjectFile = (oid: number): string => `blob_${oid}.dat`;

/** @param rest the contents of the rest, in the version that the directory is to have */
export function directoryToc(rest: ArchiveToc, tables: readonly SegmentedTable[], order: SegmentOrder): ArchiveToc {
  const fileOf = ({ kind, dumpId }: ArchiveEntry) => (kind === 'BLOBS' ? largeObjectList(rest.head.minor, dumpId) : rowsFile(dumpId));
  const entries = rest.entries.map((entry) => (entry.hasData ? { ...entry, file: fileOf(entry) } : entry));
  return addSegments({ head: rest.head, entries }, tables, order);
}

/** The segmented tables of the contents beside the segments, in their order. */
export function segmentedTables(toc: ArchiveToc): SegmentedTable[] {
  const tables = new Map<string, { tableOid: string; copy: string; files: string[] }>();
  for (const { oid, copy, file } of toc.entries) {
    if (!file || oid === null) continue;
    const table = tables.get(oid) ?? { tableOid: oid, copy: copy ?? '', files: [] };
    table.files.push(file);
    tables.set(oid, table);
  }
  return [...tables.values()];
}
