/**
 * Contents of the directories in which the rows of a table stand in several files: pg_dump knows one file for each table, and
 * pg_restore takes any number of entries. What makes it take them rightly, with parallel jobs too, is told at each step.
 */
import { SECTION, type ArchiveEntry, type ArchiveToc } from './toc.ts';

export type SegmentedTable = {
  tableOid: string;
  /** `COPY … FROM stdin;` with a line feed, in the bytes of the archive (latin1). */
  copy: string;
  /** Names of the files without the suffix of their compression, in the order of the rows. */
  files: readonly string[];
};

/**
 * `parallel`: the segments of a table are restored side by side, which is right for a whole restore and for one by sections.
 * `chain`: one behind the other, which `--data-only --disable-triggers` with several jobs needs: it takes turns by dependency.
 */
export type SegmentOrder = 'parallel' | 'chain';

const LARGE_OBJECT_KINDS = new Set(['BLOB', 'BLOBS', 'BLOB METADATA']);

/** The contents with one entry more for each file. Throws Error when a table is not in it. */
export function addSegments(toc: ArchiveToc, tables: readonly SegmentedTable[], order: SegmentOrder): ArchiveToc {
  let lastId = toc.entries.reduce(
    (last, entry) => entry.dependencies.reduce((most, id) => Math.max(most, id), Math.max(last, entry.dumpId)),
    0,
  );
  // An id that no entry has. A parallel restore truncates the table before the rows of an entry whose first dependency is the table,
  // and so loses what the other segments brought; the hole stands in its place.
  const hole = ++lastId;
  const tableEntries = new Map(toc.entries.filter(({ kind }) => kind === 'TABLE').map((entry) => [entry.oid, entry]));
  const segments: ArchiveEntry[] = [];
  const idsOfTable = new Map<number, number[]>();
  for (const { tableOid, copy, files } of tables) {
    const table = tableEntries.get(tableOid);
    if (table === undefined) throw new Error(`The contents of the archive have no table with the oid ${tableOid}`);
    const ids: number[] = [];
    for (const file of files) {
      const previous = order === 'chain' ? ids.at(-1) : undefined;
      const dumpId = ++lastId;
      ids.push(dumpId);
      segments.push(segmentEntry(table, { dumpId, copy, file, dependencies: [hole, previous ?? table.dumpId] }));
    }
    idsOfTable.set(table.dumpId, ids);
  }

  // Indexes, keys and triggers wait for every segment of their table, and those of a partitioned table for all rows of its partitions:
  // a trigger that came before them would fire.
  const rowsOf = rowsBelow(toc, idsOfTable);
  const entries = toc.entries.map((entry) => {
    if (entry.section !== SECTION.postData) return entry;
    const awaited = entry.dependencies.flatMap(rowsOf).filter((id) => !entry.dependencies.includes(id));
    return awaited.length === 0 ? entry : { ...entry, dependencies: [...entry.dependencies, ...awaited] };
  });
  const firstData = entries.findIndex(({ section }) => section === SECTION.data || section === SECTION.postData);
  const place = firstData === -1 ? entries.length : firstData;
  return { head: toc.head, entries: [...entries.slice(0, place), ...segments, ...entries.slice(place)] };
}

/** The dump ids of what brings rows into a table or its partitions, by the dump id of the table. */
function rowsBelow({ entries }: ArchiveToc, segmentsOf: ReadonlyMap<number, readonly number[]>): (tableId: number) => number[] {
  const own = new Map<number, number[]>();
  const partitions = new Map<number, number[]>();
  const add = (to: Map<number, number[]>, id: number | undefined, value: number) => {
    if (id !== undefined) to.set(id, [...(to.get(id) ?? []), value]);
  };
  for (const { kind, dumpId, dependencies } of entries) {
    if (kind === 'TABLE DATA') add(own, dependencies[0], dumpId);
    const [partition, parent] = dependencies;
    if (kind === 'TABLE ATTACH' && partition !== undefined) add(partitions, parent, partition);
  }
  const below = (tableId: number): number[] => [
    ...(segmentsOf.get(tableId) ?? []),
    ...(partitions.get(tableId) ?? []).flatMap((partition) => [...(own.get(partition) ?? []), ...below(partition)]),
  ];
  return below;
}

type SegmentParts = Pick<ArchiveEntry, 'dumpId' | 'copy' | 'file' | 'dependencies'>;

/** What has no text is null: an empty one is run as a statement. */
const segmentEntry = ({ oid, tag, schema, owner, relkind }: ArchiveEntry, parts: SegmentParts): ArchiveEntry => ({
  hasData: true,
  tableOid: '0',
  oid,
  tag,
  kind: 'TABLE DATA',
  section: SECTION.data,
  definition: null,
  drop: null,
  schema,
  tablespace: null,
  accessMethod: null,
  relkind,
  owner,
  withOids: 'false',
  ...parts,
});

/**
 * Everything but the rows and large objects that the archive itself holds. Grants and comments go with what they are of: pg_restore 17
 * and later looks for the large objects of theirs, and stops when they are not there.
 */
export function withoutOwnData({ head, entries }: ArchiveToc): ArchiveToc {
  const isOwn = ({ section, hasData, kind }: ArchiveEntry) => section === SECTION.data && (hasData || LARGE_OBJECT_KINDS.has(kind ?? ''));
  const own = new Set(entries.filter(isOwn).map(({ dumpId }) => dumpId));
  const isOfOwn = ({ section, dependencies }: ArchiveEntry) => section === SECTION.none && dependencies.some((id) => own.has(id));
  return { head, entries: entries.filter((entry) => !own.has(entry.dumpId) && !isOfOwn(entry)) };
}

/** What the `archive/toc.dat` of a segmented point holds, from the contents of its rest. */
export const archiveToc = (rest: ArchiveToc, tables: readonly SegmentedTable[]): ArchiveToc =>
  addSegments(withoutOwnData(rest), tables, 'parallel');
