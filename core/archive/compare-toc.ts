/**
 * Whether the toc.dat of a segmented archive belongs to the rest and to the segments beside it: a stock pg_restore that reads it makes
 * the same objects, and loads every segment, once, before anything is built on its table.
 */
import type { Segment } from '../vault/manifest.ts';
import { segmentFile } from '../vault/keys.ts';
import { withoutOwnData } from './segment-toc.ts';
import { SECTION, type ArchiveEntry, type ArchiveToc } from './toc.ts';

type NamedSegment = Pick<Segment, 'tableOid' | 'table' | 'columns' | 'number'>;

/** The first difference, or undefined. */
export function compareToc(toc: ArchiveToc, rest: ArchiveToc, segments: readonly NamedSegment[]): string | undefined {
  const loads = toc.entries.filter(({ hasData }) => hasData);
  const others = toc.entries.filter(({ hasData }) => !hasData);
  return differenceOfObjects(others, rest) ?? differenceOfFiles(loads, rest, segments) ?? differenceOfOrder(loads, others);
}

const nameOf = ({ kind, dumpId }: ArchiveEntry) => `${kind ?? ''} of entry ${dumpId}`;
const isTable = ({ kind }: ArchiveEntry) => kind === 'TABLE';

const SAME_FIELDS = ['tag', 'kind', 'section', 'definition', 'drop', 'copy', 'schema', 'tablespace', 'accessMethod', 'owner'] as const;

/** Everything but data is the rest's, and of it nothing may be left out but data and what is said of that. */
function differenceOfObjects(entries: readonly ArchiveEntry[], rest: ArchiveToc): string | undefined {
  const originals = new Map(rest.entries.map((entry) => [entry.dumpId, entry]));
  for (const entry of entries) {
    const original = originals.get(entry.dumpId);
    if (!original) return `the rest has no ${nameOf(entry)}`;
    const field = SAME_FIELDS.find((name) => entry[name] !== original[name]);
    if (field !== undefined) return `the ${field} of ${nameOf(entry)} is not what the rest says`;
    const kept = new Set(entry.dependencies);
    const dropped = original.dependencies.find((dumpId) => !kept.has(dumpId));
    if (dropped !== undefined) return `${nameOf(entry)} does not wait for entry ${dropped}`;
  }
  const found = new Set(entries.map(({ dumpId }) => dumpId));
  if (found.size < entries.length) return 'an entry is named twice';
  const left = withoutOwnData(rest).entries.find(({ dumpId, section }) => section !== SECTION.data && !found.has(dumpId));
  return left && `${nameOf(left)} is missing`;
}

/** Each segment is the data of one entry, which loads it into the table and the columns that it was read from. */
function differenceOfFiles(loads: readonly ArchiveEntry[], rest: ArchiveToc, segments: readonly NamedSegment[]): string | undefined {
  const tables = new Set(rest.entries.filter(isTable).map(({ oid }) => oid));
  const twice = rest.entries.find(({ kind, oid }) => kind === 'TABLE DATA' && segments.some(({ tableOid }) => tableOid === oid));
  if (twice) return `the rest has rows of the segmented table ${twice.oid}, too`;
  const byFile = new Map(loads.map((entry) => [entry.file ?? '', entry]));
  if (byFile.size < loads.length) return 'two entries name the same file';
  for (const { tableOid, table, columns, number } of segments) {
    const file = segmentFile(tableOid, number);
    const entry = byFile.get(file);
    byFile.delete(file);
    if (!tables.has(tableOid)) return `the rest has no table ${tableOid}`;
    if (!entry) return `no entry names ${file}`;
    if (entry.kind !== 'TABLE DATA' || entry.section !== SECTION.data) return `${nameOf(entry)}, which names ${file}, is not one of rows`;
    if (entry.oid !== tableOid) return `${file} is loaded into table ${entry.oid}`;
    if (plainLetters(entry.copy ?? '', 'latin1') !== plainLetters(`COPY ${table} (${columns}) FROM stdin;\n`, 'utf8'))
      return `${file} is loaded by another statement than the manifest says`;
  }
  const [more] = byFile.keys();
  return more === undefined ? undefined : `the manifest names no segment ${more}`;
}

/** The contents are in the encoding of the dump, the manifest in UTF-8: other letters than ASCII's are compared by their places. */
const plainLetters = (text: string, encoding: 'latin1' | 'utf8') =>
  Buffer.from(text, encoding)
    .toString('latin1')
    .replaceAll(/[\u0080-\u00ff]+/g, '\u0080');

/**
 * What pg_restore must not do: truncate a table before one of its segments, as it does where an entry of rows depends on the table
 * first of all; or build an index, a key or a trigger before the last of them, or of those of its partitions.
 */
function differenceOfOrder(loads: readonly ArchiveEntry[], others: readonly ArchiveEntry[]): string | undefined {
  const tables = new Map(others.filter(isTable).map(({ oid, dumpId }) => [oid, dumpId]));
  const loadsOfTable = new Map<number, number[]>();
  for (const entry of loads) {
    const table = tables.get(entry.oid);
    if (table === undefined) return `${nameOf(entry)} has no table`;
    if (entry.dependencies[0] === table) return `${nameOf(entry)} would have its table truncated first`;
    loadsOfTable.set(table, [...(loadsOfTable.get(table) ?? []), entry.dumpId]);
  }
  const partitions = Map.groupBy(
    others.filter(({ kind }) => kind === 'TABLE ATTACH'),
    ({ dependencies }) => dependencies[1],
  );
  const loadsBelow = (table: number): number[] => [
    ...(loadsOfTable.get(table) ?? []),
    ...(partitions.get(table) ?? []).flatMap(({ dependencies: [partition] }) => (partition === undefined ? [] : loadsBelow(partition))),
  ];
  for (const entry of others.filter(({ section }) => section === SECTION.postData)) {
    const waitsFor = new Set(entry.dependencies);
    for (const table of entry.dependencies) {
      const early = loadsBelow(table).find((dumpId) => !waitsFor.has(dumpId));
      if (early !== undefined) return `${nameOf(entry)} does not wait for entry ${early}`;
    }
  }
  return undefined;
}
