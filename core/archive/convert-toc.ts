/**
 * The contents of an archive as an older pg_restore reads them: it refuses a version of the format that is newer than its own, though
 * little is different. What cannot be said in the older version is refused, never left out in silence.
 */
import { SECTION, type ArchiveEntry, type ArchiveToc } from './toc.ts';

export type ConvertedToc = {
  toc: ArchiveToc;
  /** What a person has to know of what was left out. */
  notes: string[];
};

/** The version of the format that each major writes, and the newest that it reads. */
export const archiveMinorOf = (postgresMajor: number): number => (postgresMajor >= 17 ? 16 : postgresMajor === 16 ? 15 : 14);

const RELKIND_SINCE = 16;
const PARTITIONED_TABLE = 'p'.charCodeAt(0);
const ONE_LIST = 'blobs.toc';

/**
 * Of large objects that are data of one entry, the file in a directory that lists them. Before version 1.16 there is one for all:
 * pg_restore opens it by this name, once for every such entry.
 */
export const largeObjectList = (minor: number, dumpId: number): string => (minor >= RELKIND_SINCE ? `blobs_${dumpId}.toc` : ONE_LIST);

/** Which major wrote the definitions: `15.14 (Debian 15.14-0+deb12u1)`. Undefined where the archive does not say. */
const majorOf = (version: string | null): number | undefined => {
  const major = Number.parseInt(version ?? '', 10);
  return Number.isNaN(major) ? undefined : major;
};

/**
 * @param postgresMajor of the pg_restore that is to read it, and of the server that it fills
 * @returns `refusal` is a reason, to be put behind "because"
 */
export function convertToc(toc: ArchiveToc, postgresMajor: number): ConvertedToc | { refusal: string } {
  const source = majorOf(toc.head.serverVersion);
  if (source !== undefined && source > postgresMajor)
    return { refusal: `its definitions are those of a server of PostgreSQL ${source}, of which an older server does not understand all` };
  const notes: string[] = [];
  const minor = Math.min(toc.head.minor, archiveMinorOf(postgresMajor));
  let { entries } = toc;
  const isStatistics = ({ kind }: ArchiveEntry) => kind === 'STATISTICS DATA';
  if (postgresMajor < 18 && entries.some(isStatistics)) {
    entries = entries.filter((entry) => !isStatistics(entry));
    notes.push(`The planner's statistics were left out: PostgreSQL ${postgresMajor} cannot take them. Run ANALYZE after the restore`);
  }
  if (minor < RELKIND_SINCE && toc.head.minor >= RELKIND_SINCE) {
    const unsaid = entries.find(({ relkind, accessMethod }) => relkind === PARTITIONED_TABLE && accessMethod);
    if (unsaid) return { refusal: 'a partitioned table in it names an access method, which only PostgreSQL 17 and newer can do' };
    entries = withSingleLargeObjects(entries).map((entry) => ({ ...entry, relkind: undefined }));
  }
  return { toc: { head: { ...toc.head, minor }, entries }, notes };
}

/**
 * From version 1.16 one entry defines many large objects of one owner and the same rights, and one lists their data. Before, each is
 * defined by an entry of its own before all data, and one lists the data of all.
 */
function withSingleLargeObjects(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  const groups = entries.filter(({ kind }) => kind === 'BLOB METADATA');
  const lists = entries.filter(({ kind }) => kind === 'BLOBS');
  if (groups.length === 0 && lists.length === 0) return [...entries];
  const moved = new Set([...groups, ...lists]);
  let lastId = entries.reduce((last, { dumpId, dependencies }) => dependencies.reduce((a, b) => Math.max(a, b), Math.max(last, dumpId)), 0);
  const nextId = () => ++lastId;

  const objects: ArchiveEntry[] = [];
  for (const group of groups) {
    const idOf = new Map(oidsOf(group).map((oid) => [oid, nextId()]));
    for (const [oid, dumpId] of idOf) objects.push(largeObject(group, oid, dumpId));
    // Comments, labels and rights of what the group defines.
    for (const entry of entries) {
      if (moved.has(entry) || !entry.dependencies.includes(group.dumpId)) continue;
      moved.add(entry);
      objects.push(...perObject(entry, group.dumpId, idOf, nextId));
    }
  }

  const [first] = lists;
  const list = first && { ...first, tableOid: '0', oid: '0', tag: 'BLOBS', owner: null, dependencies: [], file: ONE_LIST };
  const others = entries.flatMap((entry) => (entry === first && list ? [list] : moved.has(entry) ? [] : [entry]));
  const data = others.findIndex(({ section }) => section === SECTION.data || section === SECTION.postData);
  const place = data === -1 ? others.length : data;
  return [...others.slice(0, place), ...objects, ...others.slice(place)];
}

/** A line for each. */
const oidsOf = ({ definition }: ArchiveEntry): string[] => (definition ?? '').split('\n').filter((oid) => oid !== '');

const largeObject = (group: ArchiveEntry, oid: string, dumpId: number): ArchiveEntry => ({
  ...group,
  dumpId,
  oid,
  tag: oid,
  kind: 'BLOB',
  section: SECTION.preData,
  definition: `SELECT pg_catalog.lo_create('${oid}');\n`,
  drop: `SELECT pg_catalog.lo_unlink('${oid}');\n`,
  dependencies: [],
});

const ONE_OBJECT = /^LARGE OBJECT (\d+)$/;
const MANY_OBJECTS = /^LARGE OBJECTS /;
/** Names in quotes are passed over: one may hold any words. */
const QUOTED_OR_OBJECT = /"(?:[^"]|"")*"|\bON LARGE OBJECT \d+/g;

/** What is said of one object, or the rights of all, of which pg_dump writes down those of the first. */
function perObject(entry: ArchiveEntry, groupId: number, idOf: ReadonlyMap<string, number>, nextId: () => number): ArchiveEntry[] {
  const on = (dumpId: number | undefined) => entry.dependencies.map((id) => (id === groupId ? (dumpId ?? id) : id));
  if (!MANY_OBJECTS.test(entry.tag ?? '')) {
    const oid = ONE_OBJECT.exec(entry.tag ?? '')?.[1] ?? '';
    return [{ ...entry, dependencies: on(idOf.get(oid)) }];
  }
  return [...idOf].map(([oid, dumpId], index) => ({
    ...entry,
    dumpId: index === 0 ? entry.dumpId : nextId(),
    tag: `LARGE OBJECT ${oid}`,
    definition: (entry.definition ?? '').replaceAll(QUOTED_OR_OBJECT, (found) =>
      found.startsWith('"') ? found : `ON LARGE OBJECT ${oid}`,
    ),
    dependencies: on(dumpId),
  }));
}
