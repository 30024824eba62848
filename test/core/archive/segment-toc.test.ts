/** Contents with several files of rows for a table: what waits for what, so that no pg_restore takes them wrongly. */
import { describe, expect, it } from 'vitest';
import { addSegments, archiveToc, withoutOwnData, type SegmentedTable } from '../../../core/archive/segment-toc.ts';
import { parseToc, SECTION, serializeDirectoryToc, type ArchiveEntry, type ArchiveToc } from '../../../core/archive/toc.ts';

const entry = (dumpId: number, kind: string, over: Partial<ArchiveEntry> = {}): ArchiveEntry => ({
  dumpId,
  hasData: false,
  tableOid: '0',
  oid: String(dumpId * 10),
  tag: `tag ${dumpId}`,
  kind,
  section: SECTION.preData,
  definition: `definition of ${dumpId}`,
  drop: `drop of ${dumpId}`,
  copy: '',
  schema: 'public',
  tablespace: '',
  accessMethod: '',
  relkind: 0,
  owner: 'owner',
  withOids: 'false',
  dependencies: [],
  ...over,
});
const after = { section: SECTION.postData };
const rows = (dumpId: number, table: number) =>
  entry(dumpId, 'TABLE DATA', { section: SECTION.data, hasData: true, dependencies: [table], copy: 'COPY x FROM stdin;\n' });

/** A table, a table without segments, and partitions two levels deep: 20 holds 21 and 22, 22 holds 23 and 24. */
const ENTRIES = [
  entry(1, 'ENCODING', { section: SECTION.preData, oid: '0' }),
  entry(10, 'TABLE', { schema: 'S\u00c3\u00a9', tag: 'odd "name"', owner: 'somebody', relkind: 114 }),
  entry(11, 'TABLE'),
  entry(20, 'TABLE'),
  entry(21, 'TABLE'),
  entry(22, 'TABLE'),
  entry(23, 'TABLE'),
  entry(24, 'TABLE'),
  entry(31, 'TABLE ATTACH', { dependencies: [21, 20] }),
  entry(32, 'TABLE ATTACH', { dependencies: [22, 20] }),
  entry(33, 'TABLE ATTACH', { dependencies: [23, 22] }),
  entry(34, 'TABLE ATTACH', { dependencies: [24, 22] }),
  rows(41, 11),
  rows(44, 24),
  entry(45, 'BLOBS', { section: SECTION.data, hasData: true }),
  entry(46, 'SEQUENCE SET', { section: SECTION.data, dependencies: [10] }),
  entry(51, 'INDEX', { ...after, dependencies: [10] }),
  entry(52, 'CONSTRAINT', { ...after, dependencies: [11] }),
  entry(53, 'FK CONSTRAINT', { ...after, dependencies: [10, 51, 11, 21] }),
  entry(54, 'TRIGGER', { ...after, dependencies: [20, 999] }),
  entry(55, 'TRIGGER', { ...after, dependencies: [22] }),
  entry(56, 'MATERIALIZED VIEW DATA', { ...after, dependencies: [] }),
];
const HEAD = {
  minor: 16,
  revision: 0,
  compression: 0,
  createdAt: [1, 2, 3, 4, 5, 126, 0],
  database: 'd',
  serverVersion: '18',
  dumpVersion: '18',
};
const TOC: ArchiveToc = { head: HEAD, entries: ENTRIES };
const table = (dumpId: number, count: number): SegmentedTable => ({
  tableOid: String(dumpId * 10),
  copy: `COPY t${dumpId} (a) FROM stdin;\n`,
  files: Array.from({ length: count }, (_, index) => `${dumpId * 10}.${index + 1}.dat`),
});
const TABLES = [table(10, 3), table(21, 1), table(23, 2)];
const HOLE = 1000;
/** In their order, behind the hole: it comes behind the highest id that anything names. */
const IDS = { 10: [1001, 1002, 1003], 21: [1004], 23: [1005, 1006] };

const byId = ({ entries }: ArchiveToc) => new Map(entries.map((one) => [one.dumpId, one]));
const files = ({ entries }: ArchiveToc) => entries.filter(({ file }) => file);

describe.each(['parallel', 'chain'] as const)('segments that are restored in order "%s"', (order) => {
  const toc = addSegments(TOC, TABLES, order);

  it('are an entry for each file, described as its table is', () => {
    expect(files(toc).map(({ dumpId, file }) => [dumpId, file])).toEqual(
      TABLES.flatMap(({ files: names }) => names).map((file, index) => [HOLE + 1 + index, file]),
    );
    expect(byId(toc).get(1001)).toMatchObject({
      hasData: true,
      tableOid: '0',
      oid: '100',
      tag: 'odd "name"',
      schema: 'S\u00c3\u00a9',
      owner: 'somebody',
      relkind: 114,
      kind: 'TABLE DATA',
      section: SECTION.data,
      copy: 'COPY t10 (a) FROM stdin;\n',
    });
  });

  it('have no text that would be run as a statement', () => {
    for (const { definition, drop, tablespace, accessMethod } of files(toc))
      expect([definition, drop, tablespace, accessMethod]).toEqual([null, null, null, null]);
    const written = parseToc(serializeDirectoryToc(toc, 'zstd'))!.toc;
    expect(files(written)).toEqual(files(toc));
  });

  it('stand in front of all other data, and leave the rest of the contents in its order', () => {
    const ids = toc.entries.map(({ dumpId }) => dumpId);
    expect(ids.indexOf(41)).toBe(ids.indexOf(1006) + 1);
    expect(ids.indexOf(1001)).toBe(ids.indexOf(34) + 1);
    expect(ids.filter((id) => id < HOLE)).toEqual(ENTRIES.map(({ dumpId }) => dumpId));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('depend first on an id that no entry has', () => {
    expect(byId(toc).has(HOLE)).toBe(false);
    for (const { dependencies } of files(toc)) expect(dependencies[0]).toBe(HOLE);
  });

  it('are awaited by all that comes after the data of their table', () => {
    const found = byId(toc);
    expect(found.get(51)!.dependencies).toEqual([10, ...IDS[10]]);
    expect(found.get(53)!.dependencies).toEqual([10, 51, 11, 21, ...IDS[10], ...IDS[21]]);
    // Of the partitions, however deep, and of those whose rows are in one piece.
    expect(new Set(found.get(54)!.dependencies)).toEqual(new Set([20, 999, ...IDS[21], ...IDS[23], 44]));
    expect(new Set(found.get(55)!.dependencies)).toEqual(new Set([22, ...IDS[23], 44]));
  });

  it('change nothing else', () => {
    const found = byId(toc);
    const changed = ENTRIES.filter((one) => found.get(one.dumpId) !== one).map(({ dumpId }) => dumpId);
    expect(changed).toEqual([51, 53, 54, 55]);
    expect(toc.head).toBe(HEAD);
  });
});

it('side by side, segments depend on nothing but their table', () => {
  const toc = addSegments(TOC, TABLES, 'parallel');
  expect(files(toc).map(({ dependencies }) => dependencies)).toEqual([10, 10, 10, 21, 23, 23].map((id) => [HOLE, id]));
});

it('in a chain, each depends on the one before it, and the first on the table', () => {
  const toc = addSegments(TOC, TABLES, 'chain');
  expect(files(toc).map(({ dependencies }) => dependencies)).toEqual([10, 1001, 1002, 21, 23, 1005].map((id) => [HOLE, id]));
});

it('a table that the contents do not have is refused', () => {
  expect(() => addSegments(TOC, [table(12, 1)], 'parallel')).toThrow('no table with the oid 120');
});

it('contents without data or with data alone after the rows take segments at their end', () => {
  const only = (...ids: number[]) => ({ head: HEAD, entries: ENTRIES.filter(({ dumpId }) => ids.includes(dumpId)) });
  const order = (toc: ArchiveToc) => addSegments(toc, [table(10, 2)], 'parallel').entries.map(({ dumpId }) => dumpId);
  expect(order(only(1, 10))).toEqual([1, 10, 12, 13]);
  expect(order(only(10, 51))).toEqual([10, 53, 54, 51]);
});

describe('contents without the data of their own', () => {
  const described = [
    entry(60, 'BLOB', { section: SECTION.preData, hasData: false }),
    entry(61, 'BLOB METADATA', { section: SECTION.data }),
    entry(62, 'ACL', { section: SECTION.none, dependencies: [61] }),
    entry(63, 'COMMENT', { section: SECTION.none, dependencies: [45] }),
    entry(64, 'COMMENT', { section: SECTION.none, dependencies: [10] }),
    entry(65, 'ACL', { section: SECTION.none, dependencies: [] }),
  ];
  const toc = withoutOwnData({ head: HEAD, entries: [...ENTRIES, ...described] });

  it('name no rows and no large objects, nor what is said of these', () => {
    const left = new Set(toc.entries.map(({ dumpId }) => dumpId));
    expect([...ENTRIES, ...described].map(({ dumpId }) => dumpId).filter((id) => !left.has(id))).toEqual([41, 44, 45, 61, 62, 63]);
  });

  it('are what the contents beside the segments begin with', () => {
    const beside = archiveToc({ head: HEAD, entries: [...ENTRIES, ...described] }, TABLES);
    expect(beside.entries.filter(({ file }) => !file).map(({ dumpId }) => dumpId)).toEqual(toc.entries.map(({ dumpId }) => dumpId));
    expect(beside.entries.filter(({ hasData }) => hasData).map(({ file }) => file)).toEqual(TABLES.flatMap((one) => one.files));
    // Nothing waits for rows that are not there.
    const known = new Set(beside.entries.map(({ dumpId }) => dumpId));
    const added = beside.entries.flatMap((one) => one.dependencies.filter((id) => !known.has(id)));
    expect(new Set(added)).toEqual(new Set([HOLE, 999]));
  });
});
