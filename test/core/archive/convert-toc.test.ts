/** Archives of a new pg_dump, as a pg_restore of an older major takes them: that of the test server, which is stock PostgreSQL. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveMinorOf, convertToc, largeObjectList } from '../../../core/archive/convert-toc.ts';
import { readCustomArchive } from '../../../core/archive/custom-stream.ts';
import { serializeDirectoryToc, type ArchiveToc } from '../../../core/archive/toc.ts';
import { readContent } from '../../helpers/database-content.ts';
import { otherPrograms } from '../../helpers/other-postgres.ts';
import { openPlainDoor, type PlainDoor } from '../../helpers/plain-door.ts';
import { freshDatabase, uniqueSuffix, type FreshDatabase } from '../../helpers/servers.ts';

const run = promisify(execFile);
/** More than pg_dump puts into one group. */
const LARGE_OBJECTS = 1_200;
const suffix = uniqueSuffix();
const owner = `"owner ON LARGE OBJECT 7 ""of"" ${suffix}"`;
const reader = `reader_${suffix}`;

let source: FreshDatabase;
let target: FreshDatabase;
let door: PlainDoor;
let programs: Awaited<ReturnType<typeof otherPrograms>>;
let directory: string;
let archive: Buffer;
let archiveOfServer: Buffer;

const SOURCE = `
  CREATE ROLE ${owner}; CREATE ROLE ${reader};
  CREATE TABLE parts (id int PRIMARY KEY, name text NOT NULL) PARTITION BY RANGE (id);
  CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (500);
  CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (500) TO (1000);
  INSERT INTO parts SELECT i, 'name ' || i FROM generate_series(1, 999) i;
  CREATE TABLE "Other" (id serial PRIMARY KEY, part int REFERENCES parts);
  INSERT INTO "Other" (part) SELECT i FROM generate_series(1, 99) i;
  CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM parts;
  SELECT count(lo_from_bytea(100000 + i, convert_to(repeat('object ' || i, i % 50), 'UTF8'))) FROM generate_series(1, ${LARGE_OBJECTS}) i;
  ALTER LARGE OBJECT 100001 OWNER TO ${owner};
  ALTER LARGE OBJECT 100002 OWNER TO ${owner};
  ALTER LARGE OBJECT 100003 OWNER TO ${owner};
  GRANT SELECT ON LARGE OBJECT 100002 TO ${reader};
  GRANT SELECT ON LARGE OBJECT 100003 TO ${reader};
  GRANT UPDATE ON LARGE OBJECT 100004 TO ${reader};
  GRANT SELECT ON LARGE OBJECT 100005 TO ${owner};
  GRANT SELECT ON LARGE OBJECT 100006 TO ${owner};
  COMMENT ON LARGE OBJECT 100002 IS 'said of it: ON LARGE OBJECT 9';
  COMMENT ON LARGE OBJECT 100009 IS 'of one in a big group';`;

beforeAll(async () => {
  source = await freshDatabase('convert');
  target = await freshDatabase('converted');
  door = await openPlainDoor(source);
  programs = await otherPrograms(18);
  directory = mkdtempSync(join(tmpdir(), 'holdfast-convert-'));
  await (await source.connect()).query(SOURCE);
  const env = { ...source.libpq, PGPORT: String(door.port), PGSSLMODE: 'disable' };
  const args = ['-Fc', '-Z0', '--statistics'];
  archive = (await run(join(programs.binDir, 'pg_dump'), args, { env, encoding: 'buffer', maxBuffer: 2 ** 28 })).stdout;
  const own = join(source.binDir, 'pg_dump');
  archiveOfServer = (await run(own, ['-Fc', '-Z0'], { env: source.libpq, encoding: 'buffer', maxBuffer: 2 ** 28 })).stdout;
}, 60_000);
afterAll(async () => {
  await door.close();
  await target.drop();
  const client = await source.connect();
  await client.query(`DROP OWNED BY ${owner}, ${reader}; DROP ROLE ${owner}, ${reader}`).catch(() => undefined);
  await source.drop();
  rmSync(directory, { recursive: true, force: true });
});

async function tocOf(bytes: Buffer): Promise<ArchiveToc> {
  for await (const event of readCustomArchive(chunksOf(bytes))) if (event.kind === 'toc') return event.toc;
  throw new Error('no contents');
}
async function* chunksOf(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
function converted(toc: ArchiveToc, major: number) {
  const found = convertToc(toc, major);
  if ('refusal' in found) throw new Error(found.refusal);
  return found;
}

/** A directory of an archive's own data, without compression. */
async function unpack(bytes: Buffer, into: string, major: number): Promise<string[]> {
  await mkdir(into);
  let notes: string[] = [];
  let minor = 0;
  for await (const event of readCustomArchive(chunksOf(bytes))) {
    if (event.kind === 'toc') {
      const { toc, notes: said } = converted(event.toc, major);
      ({ minor } = toc.head);
      notes = said;
      const entries = toc.entries.map((entry) => {
        const file = entry.kind === 'BLOBS' ? largeObjectList(minor, entry.dumpId) : `${entry.dumpId}.dat`;
        return entry.hasData ? { ...entry, file } : entry;
      });
      await writeFile(join(into, 'toc.dat'), serializeDirectoryToc({ head: toc.head, entries }, 'none'));
    } else if (event.kind === 'largeObject') {
      await writeFile(join(into, `blob_${event.oid}.dat`), event.chunks);
      await appendFile(join(into, largeObjectList(minor, event.dumpId)), `${event.oid} blob_${event.oid}.dat\n`);
    } else if (event.kind === 'table') await writeFile(join(into, `${event.dumpId}.dat`), event.chunks);
  }
  return notes;
}

const OBJECTS = `SELECT oid::text, lomowner::regrole::text AS owner, lomacl::text AS rights, obj_description(oid, 'pg_largeobject') AS comment
  FROM pg_largeobject_metadata ORDER BY oid`;
const restore = (args: string[]) => run(join(target.binDir, 'pg_restore'), ['--exit-on-error', ...args], { env: target.libpq });

describe('an archive of pg_dump 18', () => {
  it('is what the older pg_restore refuses', async () => {
    expect((await tocOf(archive)).head.minor).toBe(16);
    const file = join(directory, 'as-it-was');
    await writeFile(file, archive);
    await expect(restore(['--list', file])).rejects.toThrow(/unsupported version \(1\.16\)/);
  });

  it.each(['at once', 'by sections'])('is restored by the pg_restore of PostgreSQL 15, with several jobs, %s', async (way) => {
    const into = join(directory, way);
    const notes = await unpack(archive, into, 15);
    expect(notes).toEqual([expect.stringContaining("planner's statistics were left out")]);
    const client = await target.connect();
    await client.query('SELECT lo_unlink(oid) FROM pg_largeobject_metadata; DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    const to = ['--jobs=3', `--dbname=${target.database}`, into];
    if (way === 'at once') await restore(to);
    else for (const section of ['pre-data', 'data', 'post-data']) await restore([`--section=${section}`, ...to]);
    const from = await source.connect();
    expect(await readContent(client)).toEqual(await readContent(from));
    const [found, expected] = [(await client.query(OBJECTS)).rows, (await from.query(OBJECTS)).rows];
    expect(expected).toHaveLength(LARGE_OBJECTS);
    expect(found).toEqual(expected);
  });

  it('is listed and written as a script by the pg_restore of PostgreSQL 16', async () => {
    const [into, sixteen] = [join(directory, 'for 16'), await otherPrograms(16)];
    await unpack(archive, into, 16);
    const file = join(into, 'toc.dat');
    expect((await readFile(file)).readUInt8(6)).toBe(15);
    const script = (await run(join(sixteen.binDir, 'pg_restore'), ['--file=-', into], { maxBuffer: 2 ** 28 })).stdout;
    expect(script.match(/pg_catalog\.lo_create/g)).toHaveLength(LARGE_OBJECTS);
    expect(script.match(/pg_catalog\.lo_open/g)).toHaveLength(LARGE_OBJECTS);
  });

  it('has the large objects of the pg_dump of PostgreSQL 15, entry by entry', async () => {
    const { entries } = converted(await tocOf(archive), 15).toc;
    const expected = (await tocOf(archiveOfServer)).entries;
    const isOfLargeObject = ({ kind, tag }: { kind: string | null; tag: string | null }) =>
      kind === 'BLOB' || kind === 'BLOBS' || (tag ?? '').startsWith('LARGE OBJECT');
    const plain = (all: typeof entries) =>
      all
        .filter(isOfLargeObject)
        .map(({ kind, tag, section, definition, drop, owner: of, copy }) => ({ kind, tag, section, definition, drop, of, copy }))
        .toSorted((a, b) => `${a.kind} ${a.tag}`.localeCompare(`${b.kind} ${b.tag}`));
    expect(plain(entries)).toEqual(plain(expected));
    const ids = entries.map(({ dumpId }) => dumpId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('convertToc', () => {
  it('changes nothing that the major reads as it is', async () => {
    const toc = await tocOf(archiveOfServer);
    for (const major of [15, 16, 17, 18]) expect(convertToc(toc, major)).toEqual({ toc, notes: [] });
    const newer = await tocOf(archive);
    expect(convertToc(newer, 18)).toEqual({ toc: newer, notes: [] });
    expect(converted(newer, 17).toc.entries.filter(({ kind }) => kind === 'BLOB METADATA')).not.toEqual([]);
    expect([12, 15, 16, 17, 18].map(archiveMinorOf)).toEqual([14, 14, 15, 16, 16]);
  });

  it('refuses the definitions of a newer server, and what the older format cannot say', async () => {
    const toc = await tocOf(archive);
    const ofNewer = { ...toc, head: { ...toc.head, serverVersion: '17.2' } };
    expect(convertToc(ofNewer, 16)).toEqual({ refusal: expect.stringContaining('a server of PostgreSQL 17') as string });
    expect(convertToc(ofNewer, 17)).toHaveProperty('toc');
    const entries = toc.entries.map((entry) => (entry.tag === 'parts' ? { ...entry, accessMethod: 'heap' } : entry));
    expect(convertToc({ ...toc, entries }, 15)).toEqual({ refusal: expect.stringContaining('partitioned table') as string });
  });
});
