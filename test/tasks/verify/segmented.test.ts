/** Segmented points: what is in them is counted, and whatever is wrong with their parts or between them is found. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findProgram } from '../../../adapters/postgres/programs.ts';
import type { ArchiveEntry } from '../../../core/archive/toc.ts';
import type { HoldfastError } from '../../../core/failure/error.ts';
import type { ObjectReader } from '../../../core/ports/object-store.ts';
import { VerifiedFact } from '../../../core/vault/facts.ts';
import type { Manifest } from '../../../core/vault/manifest.ts';
import { checkPointBytes } from '../../../tasks/verify/read-archive.ts';
import { verifiedFact, verifyPoint } from '../../../tasks/verify/verify-point.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { freshDatabase, type FreshDatabase } from '../../helpers/servers.ts';
import { loginTo, testPorts, type TestPorts } from '../dump/ports.ts';
import { contentsOf, draftPoint, NAME, storeDraft, type Draft, type DraftSegment } from './segmented-fixture.ts';
import { sampleTests } from '../../helpers/sample-tests.ts';

const DAMAGES = process.env['HOLDFAST_SOAK'] === '1' ? 60 : 6;
const TABLES = { 'public.t': [20, 50], '"Odd "."na""me"': [], 'public.p1': [1] };

let source: FreshDatabase;
let drafts: Record<'zstd' | 'gzip', Draft>;
let wholeDump: Buffer;
let laterDump: Buffer;
sampleTests('verification of a segmented point', 0.12);

beforeAll(async () => {
  source = await freshDatabase('segmented');
  const client = await source.connect();
  await client.query(`CREATE TABLE t (id integer PRIMARY KEY, text text, gone integer, twice integer GENERATED ALWAYS AS (id * 2) STORED);
    ALTER TABLE t DROP COLUMN gone;
    INSERT INTO t SELECT i, md5(i::text) FROM generate_series(1, 8000) i;
    CREATE INDEX t_text ON t (text);
    CREATE SCHEMA "Odd "; CREATE TABLE "Odd "."na""me" (a text); INSERT INTO "Odd "."na""me" VALUES (E'a\\nb'), ('\\.'), (NULL), ('');
    CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); INSERT INTO p SELECT 1 FROM generate_series(1, 500);
    CREATE TABLE small (a int REFERENCES t (id)); INSERT INTO small VALUES (1), (2);
    SELECT lo_from_bytea(0, '\\x0102'), lo_from_bytea(0, '')`);
  drafts = { zstd: draftPoint(source, TABLES), gzip: draftPoint(source, TABLES, 'gzip') };
  wholeDump = draftPoint(source, {}).rest;
  await client.query('ALTER TABLE t ADD COLUMN later integer');
  laterDump = draftPoint(source, TABLES).rest;
});
afterAll(() => source.drop());

async function stored(draft: Draft, change?: (manifest: Manifest) => void): Promise<{ ports: TestPorts; manifest: Manifest }> {
  const ports = await testPorts(loginTo(source), inject('postgres').binDir);
  ports.cleanUp();
  return { ports, manifest: await storeDraft(ports.vault, draft, change) };
}
const verify = async (reader: ObjectReader) =>
  verifyPoint(NAME, {
    reader,
    pgRestore: await findProgram('pg_restore', inject('postgres').binDir),
    searchPath: inject('postgres').binDir,
    signal: new AbortController().signal,
  });
async function damageFound(work: Promise<unknown>): Promise<HoldfastError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown as HoldfastError,
  );
  expect(error?.failure, error?.stack).toBe('PointDamaged');
  return error as HoldfastError;
}

describe('a segmented point', () => {
  it.each(['zstd', 'gzip'] as const)('that is whole is verified, and all of its rows are counted (%s)', async (compression) => {
    const { ports, manifest } = await stored(drafts[compression]);
    const verified = await verify(ports.reader);
    expect(verified.content.rows).toEqual([
      { table: '"Odd "."na""me"', rows: 4 },
      { table: 'public.p1', rows: 500 },
      { table: 'public.small', rows: 2 },
      { table: 'public.t', rows: 8000 },
    ]);
    expect(verified.content.largeObjects).toBe(2);
    const bytes = manifest.objects.reduce((sum, object) => sum + object.sizeBytes, 0);
    expect(verified.bytesRead).toBe(bytes);
    expect(await checkPointBytes(ports.reader, manifest)).toEqual({ objects: manifest.objects.length, bytes });
    VerifiedFact.parse(verifiedFact(NAME, 'run', new Date(), verified));
  });
});

/** A copy whose parts can be changed one by one. */
const copyOf = (draft: Draft): Draft => ({
  ...draft,
  toc: structuredClone(draft.toc),
  segments: draft.segments.map((each) => ({ ...each, segment: { ...each.segment } })),
});
const segmentOf = (draft: Draft, table: string, number = 1): DraftSegment => {
  const found = draft.segments.find(({ segment }) => segment.table === table && segment.number === number);
  if (!found) throw new Error(`no segment ${number} of ${table}`);
  return found;
};
const entryOf = (draft: Draft, matches: (entry: ArchiveEntry) => boolean): ArchiveEntry => {
  const found = draft.toc.entries.find(matches);
  if (!found) throw new Error('no such entry');
  return found;
};
const oidOf = (draft: Draft, table: string) => segmentOf(draft, table).segment.tableOid;
const T = 'public.t';

describe('a segmented point whose bytes are those of the manifest and', () => {
  const wrong: [string, (draft: Draft) => void, RegExp][] = [
    [
      'a segment lost its last rows',
      (draft) => (segmentOf(draft, T).text = segmentOf(draft, T).text.subarray(0, -400)),
      /end marker is missing/,
    ],
    [
      'a segment lost one row',
      (draft) => {
        const { text } = segmentOf(draft, T, 2);
        segmentOf(draft, T, 2).text = text.subarray(text.indexOf('\n') + 1);
      },
      /bytes when decompressed/,
    ],
    [
      'a segment has the rows twice',
      (draft) => (segmentOf(draft, T).text = Buffer.concat([segmentOf(draft, T).text, segmentOf(draft, T).text])),
      /rows follow an end marker/,
    ],
    ['a segment is empty', (draft) => (segmentOf(draft, T).text = Buffer.alloc(0)), /zstd could not decode it/],
    ['a segment has only half of the end', (draft) => (segmentOf(draft, T).text = Buffer.from('\\.\n')), /end marker is missing/],
    ['the manifest counts a row more', (draft) => (segmentOf(draft, T, 3).segment.rows += 1), /rows, and the manifest says/],
    ['the manifest counts a byte less', (draft) => (segmentOf(draft, T, 3).segment.uncompressedBytes -= 1), /bytes when decompressed/],
    [
      'two segments are exchanged',
      (draft) => {
        const [a, b] = [segmentOf(draft, T, 1), segmentOf(draft, T, 2)];
        [a.text, b.text] = [b.text, a.text];
      },
      /when decompressed|rows, and/,
    ],
    ['a segment is of another table', (draft) => (segmentOf(draft, T).text = segmentOf(draft, 'public.p1').text), /when decompressed/],
    [
      'the last segment is missing',
      (draft) => draft.segments.splice(draft.segments.indexOf(segmentOf(draft, T, 3)), 1),
      /segment 3 of 3 of public.t is missing/,
    ],
    [
      'a segment in the middle is missing',
      (draft) => draft.segments.splice(draft.segments.indexOf(segmentOf(draft, T, 2)), 1),
      /segment 2 of 3/,
    ],
    [
      'a whole table is missing',
      (draft) => (draft.segments = draft.segments.filter(({ segment }) => segment.table !== 'public.p1')),
      /names no segment \d+\.0001\.dat/,
    ],
    [
      'a segment says it is of another table',
      (draft) => (segmentOf(draft, T).segment.tableOid = oidOf(draft, 'public.p1')),
      /not the key of segment/,
    ],
    ['a segment says it is another number', (draft) => (segmentOf(draft, T).segment.number = 2), /not the key of segment/],
    ['a segment says the table has more of them', (draft) => (segmentOf(draft, T).segment.of = 4), /its table, columns or number/],
    ['a segment names other columns', (draft) => (segmentOf(draft, T).segment.columns = 'text, id'), /its table, columns or number/],
    [
      'all segments of a table name other columns',
      (draft) => draft.segments.forEach(({ segment }) => (segment.columns = segment.columns.split(', ').toReversed().join(', '))),
      /loaded by another statement/,
    ],
    [
      'all segments of a table name another table',
      (draft) => draft.segments.forEach(({ segment }) => (segment.table = segment.table === T ? 'public.small' : segment.table)),
      /loaded by another statement/,
    ],
    [
      'the contents name another file',
      (draft) => (entryOf(draft, ({ file }) => file?.endsWith('.0002.dat') ?? false).file = '9.0001.dat'),
      /no entry names \d+\.0002\.dat/,
    ],
    [
      'the contents name a file twice',
      (draft) => (entryOf(draft, ({ file }) => file?.endsWith('.0002.dat') ?? false).file = `${oidOf(draft, T)}.0001.dat`),
      /two entries name the same file/,
    ],
    [
      'the contents load a segment into another table',
      (draft) => (entryOf(draft, ({ file }) => file?.endsWith('.0003.dat') ?? false).oid = oidOf(draft, 'public.p1')),
      /is loaded into table/,
    ],
    [
      'the contents lack a segment',
      (draft) => (draft.toc.entries = draft.toc.entries.filter(({ file }) => !file?.endsWith('.0003.dat'))),
      /no entry names/,
    ],
    [
      'the contents lack an index',
      (draft) => (draft.toc.entries = draft.toc.entries.filter(({ tag }) => tag !== 't_text')),
      /INDEX of entry \d+ is missing/,
    ],
    [
      'the contents have another function body',
      (draft) => (entryOf(draft, ({ tag }) => tag === 't_text').definition = 'DROP TABLE t;\n'),
      /the definition of INDEX/,
    ],
    [
      'the contents build an index before the last segment',
      (draft) => {
        const index = entryOf(draft, ({ tag }) => tag === 't_text');
        index.dependencies = index.dependencies.slice(0, -1);
      },
      /INDEX of entry \d+ does not wait/,
    ],
    [
      'the contents have the table truncated before a segment',
      (draft) => entryOf(draft, ({ file }) => file?.endsWith('.0002.dat') ?? false).dependencies.shift(),
      /truncated/,
    ],
    ['the rest ends too early', (draft) => (draft.rest = draft.rest.subarray(0, -30)), /pg_restore could not decode/],
    ['something follows the rest', (draft) => (draft.rest = Buffer.concat([draft.rest, draft.rest])), /bytes follow the/],
    [
      'the rest has the rows of a segmented table, too',
      (draft) => {
        draft.rest = wholeDump;
        draft.toc = contentsOf(wholeDump, draft.segments);
      },
      /the rest has rows of the segmented table/,
    ],
    [
      'the rest is of another moment',
      (draft) => (draft.rest = laterDump),
      /is not what the rest says|the rest has no|is missing|does not wait/,
    ],
  ];
  it.each(wrong)('%s', async (_, change, told) => {
    const draft = copyOf(drafts.zstd);
    change(draft);
    const { ports } = await stored(draft);
    expect((await damageFound(verify(ports.reader))).message).toMatch(told);
  });

  const inManifest: [string, (manifest: Manifest) => void, RegExp][] = [
    [
      'the manifest names no table of contents',
      (manifest) => (manifest.objects = manifest.objects.filter(({ role }) => role !== 'toc')),
      /toc\.dat: the manifest does not name it once/,
    ],
    [
      'the manifest names no rest',
      (manifest) => (manifest.objects = manifest.objects.filter(({ role }) => role !== 'rest')),
      /names no dump/,
    ],
    [
      'the manifest lost the second half of the rest',
      (manifest) =>
        manifest.objects.splice(
          manifest.objects.findLastIndex(({ role }) => role === 'rest'),
          1,
        ),
      /zstd could not decode it/,
    ],
    [
      'the manifest has the rest in another order',
      (manifest) => (manifest.objects = manifest.objects.toReversed()),
      /zstd could not decode it/,
    ],
    [
      'the manifest names a segment twice',
      (manifest) => manifest.objects.push(manifest.objects.find(({ role }) => role === 'segment')!),
      /named twice/,
    ],
  ];
  it.each(inManifest)('%s', async (_, change, told) => {
    const { ports } = await stored(drafts.zstd, change);
    expect((await damageFound(verify(ports.reader))).message).toMatch(told);
  });

  it('is found whatever the size of the chunks in which a segment arrives', async () => {
    const { ports } = await stored(drafts.gzip);
    for (const size of [1, 3, 4096]) {
      const cut: ObjectReader = {
        ...ports.reader,
        async *read(ref) {
          for await (const chunk of ports.reader.read(ref))
            for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
        },
      };
      expect((await verify(cut)).content.rows).toContainEqual({ table: T, rows: 8000 });
    }
  });
});

describe('a damaged object of a segmented point', () => {
  const random = seededRandom('damaged segments');
  const cases = Array.from({ length: DAMAGES }, (_, index) => ({
    compression: random.below(2) === 0 ? ('zstd' as const) : ('gzip' as const),
    object: random.below(100),
    kind: index % 2 === 0 ? ('bit flipped' as const) : ('truncated' as const),
    place: random.below(1_000_000) / 1_000_000,
    bit: random.below(8),
  }));
  const whole: Partial<Record<'zstd' | 'gzip', ReturnType<typeof stored>>> = {};

  it.each(cases)('$kind in object $object at $place ($compression)', async ({ compression, object, kind, place, bit }) => {
    const { ports, manifest } = await (whole[compression] ??= stored(drafts[compression]));
    const { key } = manifest.objects[object % manifest.objects.length]!;
    const reader: ObjectReader = {
      ...ports.reader,
      async *read(ref) {
        if (ref.key !== key) {
          yield* ports.reader.read(ref);
          return;
        }
        const chunks: Uint8Array[] = [];
        for await (const chunk of ports.reader.read(ref)) chunks.push(chunk);
        const bytes = Buffer.concat(chunks);
        const at = Math.floor(place * bytes.length);
        if (kind === 'bit flipped') bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        yield kind === 'truncated' ? bytes.subarray(0, at) : bytes;
      },
    };
    const { message } = await damageFound(verify(reader));
    // The object, and that it is not what was written: not what a decoder made of it.
    expect(message).toContain(key);
    expect(message).toMatch(/size in bytes|SHA-256|CRC32/);
    expect((await damageFound(checkPointBytes(reader, manifest))).message).toContain(key);
  });
});
