import { expect, it } from 'vitest';
import { compareToc } from '../../../core/archive/compare-toc.ts';
import { archiveToc } from '../../../core/archive/segment-toc.ts';
import { SECTION, type ArchiveEntry, type ArchiveToc } from '../../../core/archive/toc.ts';
import { segmentFile } from '../../../core/vault/keys.ts';

const entry = (dumpId: number, kind: string, over: Partial<ArchiveEntry> = {}): ArchiveEntry => ({
  dumpId,
  hasData: false,
  tableOid: '0',
  oid: String(dumpId * 10),
  tag: `t${dumpId}`,
  kind,
  section: SECTION.preData,
  definition: '',
  drop: '',
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
const post = (dumpId: number, kind: string, dependencies: number[]) => entry(dumpId, kind, { section: SECTION.postData, dependencies });

/** 20 holds 21 and 22, 22 holds 23; 10 stands alone. */
const REST: ArchiveToc = {
  head: {
    minor: 15,
    revision: 0,
    compression: 0,
    createdAt: [0, 0, 0, 1, 0, 126, 0],
    database: 'd',
    serverVersion: '16',
    dumpVersion: '16',
  },
  entries: [
    ...[10, 20, 21, 22, 23].map((id) => entry(id, 'TABLE')),
    entry(31, 'TABLE ATTACH', { dependencies: [21, 20] }),
    entry(32, 'TABLE ATTACH', { dependencies: [22, 20] }),
    entry(33, 'TABLE ATTACH', { dependencies: [23, 22] }),
    post(50, 'INDEX', [10]),
    post(51, 'TRIGGER', [20]),
  ],
};
const TABLES = [10, 21, 23].map((id) => ({
  tableOid: String(id * 10),
  table: `public.t${id}`,
  columns: 'a',
  number: 1,
}));
const contents = () =>
  archiveToc(
    REST,
    TABLES.map(({ tableOid, table }) => ({ tableOid, copy: `COPY ${table} (a) FROM stdin;\n`, files: [segmentFile(tableOid, 1)] })),
  );
const without = (toc: ArchiveToc, dumpId: number, isLeft: (dependency: number) => boolean): ArchiveToc => ({
  ...toc,
  entries: toc.entries.map((one) => (one.dumpId === dumpId ? { ...one, dependencies: one.dependencies.filter(isLeft) } : one)),
});

it('finds nothing in contents as they are written', () => {
  expect(compareToc(contents(), REST, TABLES)).toBeUndefined();
});

it('finds an index, or a trigger of a partitioned table, that does not wait for one segment', () => {
  const loads = contents().entries.filter(({ hasData }) => hasData);
  for (const [dumpId, tables] of [
    [50, [100]],
    [51, [210, 230]],
  ] as const)
    for (const oid of tables) {
      const segment = loads.find((load) => load.oid === String(oid))?.dumpId;
      expect(segment).toBeDefined();
      const early = without(contents(), dumpId, (id) => id !== segment);
      expect(compareToc(early, REST, TABLES)).toMatch(new RegExp(`of entry ${dumpId} does not wait for entry ${segment}$`));
    }
});

it('finds a segment that would have its table truncated first', () => {
  const toc = contents();
  const load = toc.entries.find(({ hasData }) => hasData)!;
  const [, table] = load.dependencies;
  expect(
    compareToc(
      without(toc, load.dumpId, (id) => id === table),
      REST,
      TABLES,
    ),
  ).toContain('would have its table truncated first');
});
