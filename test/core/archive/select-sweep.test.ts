/** Some tables alone, and all but some tables, is a restore that stock pg_restore carries out without an error. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeNames, quoteName } from '../../../core/archive/names.ts';
import { selectEntries, type Selected, type Selection } from '../../../core/archive/select.ts';
import { parseToc, type ArchiveToc } from '../../../core/archive/toc.ts';
import { splitPhases, useList } from '../../../core/restore/archive-phases.ts';
import { embeddedServer, ownServer, type Server } from '../../fidelity/servers.ts';
import { makeSource } from '../../fidelity/source.ts';
import { SOURCES } from '../../fidelity/sources/all.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const run = promisify(execFile);
const random = seededRandom('select');
const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const SAMPLE = 8;
/** A restore puts columns that are inherited first: only the rows are counted. */
const ORDERED_ANEW = /^inheritance\./;
/** Rows that name other tables, and rows that go back into whichever partition there is: no contents tell of that. */
const ENTANGLED = /^values_\.|^partitions\.(by_hash_of_enum|h\d)$/;

type Content = Record<string, { rows: number; md5: string }>;

/** Of every table its own rows alone: one that inherits may be foreign. */
async function readRows(client: Client): Promise<Content> {
  const { rows: names } = await client.query<{ quoted: string; schema: string; table: string }>(
    `SELECT format('%I.%I', nspname, relname) AS quoted, nspname AS schema, relname AS table FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
     WHERE relkind = 'r' AND c.oid >= 16384 AND nspname !~ '^pg_'`,
  );
  // The server quotes reserved words too.
  const parts = names
    .map(({ quoted, schema, table }) => ({ quoted, name: `${quoteName(schema)}.${quoteName(table)}` }))
    .map(
      ({ quoted, name }) => `SELECT ${client.escapeLiteral(name)} AS name, count(*)::int AS rows,
      ${ORDERED_ANEW.test(name) ? "''" : `md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C"), ''))`} AS md5 FROM ONLY ${quoted} t`,
    );
  if (parts.length === 0) return {};
  const { rows } = await client.query<{ name: string; rows: number; md5: string }>(parts.join(' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, rows: count, md5 }) => [name, { rows: count, md5 }]));
}

describe.each([
  ['the own server', ownServer],
  ['the embedded server', embeddedServer],
])('of everything on %s', (_, open) => {
  let server: Server;
  let directory: string;
  let archive: string;
  let toc: ArchiveToc;
  let content: Content;
  let tables: string[];

  beforeAll(async () => {
    server = await open();
    directory = mkdtempSync(join(tmpdir(), 'holdfast-select-'));
    archive = join(directory, 'archive');
    const source = await server.create('select_from');
    const client = await server.connect(source);
    for (const each of SOURCES) if (each.needs?.(server.making) ?? true) await makeSource(client, each, server.making);
    content = await readRows(client);
    await client.end();
    const options = { env: server.libpq(source), encoding: 'buffer' as const, maxBuffer: 2 ** 28 };
    const { stdout } = await run(join(server.binDir, 'pg_dump'), ['-Fc', '-Z0'], options);
    await writeFile(archive, stdout);
    ({ toc } = parseToc(stdout)!);
    const nameOf = decodeNames(toc);
    tables = toc.entries
      .filter(({ kind }) => kind === 'TABLE')
      .map(nameOf)
      .filter((table) => !ENTANGLED.test(table));
  }, 180_000);
  afterAll(async () => {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** @returns what the new database holds. */
  async function restore(selection: Selection): Promise<Selected & { content: Content }> {
    const selected = selectEntries(toc, selection);
    expect(selected.problems).toEqual([]);
    const { before, rows, after } = splitPhases(toc.entries, selected.isSelected);
    const list = join(directory, 'list');
    await writeFile(list, useList([...before, ...rows.map(({ dumpId }) => dumpId), ...after.flatMap((step) => step.dumpIds)]));
    const database = await server.create('select_to', 'TEMPLATE template0');
    try {
      await run(join(server.binDir, 'pg_restore'), ['--exit-on-error', '-L', list, '-d', database, archive], {
        env: server.libpq(database),
      });
      const client = await server.connect(database);
      const restored = await readRows(client);
      await client.end();
      return { ...selected, content: restored };
    } finally {
      await server.drop(database);
    }
  }

  // A restore of nearly everything takes its time, and in the soak others may have the machine too.
  /** Rows of it come with the extension, which a constraint of another table may need. */
  const OF_AN_EXTENSION = /^fidelity_settings\./;
  const TIMES = isSoak ? { some: 40, allBut: 20 } : { some: 1, allBut: 1 };
  const sample = () => new Set(Array.from({ length: SAMPLE }, () => tables[random.below(tables.length)]!));

  it('some tables alone', { timeout: 240_000 * TIMES.some }, async () => {
    for (let time = 0; time < TIMES.some; time++) {
      const chosen = sample();
      const { content: restored, notes } = await restore({ tables: [...chosen] });
      for (const table of chosen) if (table in content) expect([table, restored[table]]).toEqual([table, content[table]]);
      for (const [other, { rows, md5 }] of Object.entries(restored))
        if (md5 !== content[other]?.md5 && !OF_AN_EXTENSION.test(other)) {
          expect([other, rows]).toEqual([other, 0]);
          expect(notes.join('\n')).toContain(other);
        }
    }
  });

  it('all but some tables', { timeout: 240_000 * TIMES.allBut }, async () => {
    for (let time = 0; time < TIMES.allBut; time++) {
      const chosen = sample();
      const { content: restored, notes } = await restore({ exclude: [...chosen] });
      const missing = Object.keys(content).filter((table) => !(table in restored));
      for (const table of chosen) expect(restored).not.toHaveProperty([table]);
      for (const [table, found] of Object.entries(restored))
        if (!ENTANGLED.test(table)) expect([table, found]).toEqual([table, content[table]]);
      // What is missing beside them needs one of them, or is a partition of one, and the notes say so.
      if (missing.some((table) => !chosen.has(table))) expect(notes.join('\n')).not.toBe('');
    }
  });

  // What failed once.
  it('a table that refers to one of an extension comes without its foreign key', async () => {
    const table = 'configured_extension.refers';
    if (!(table in content)) return;
    const { content: restored, notes } = await restore({ tables: [table] });
    expect(restored[table]).toEqual(content[table]);
    expect(notes.join('\n')).toMatch(/what was not asked for: .*fk constraint .*refers_name_fkey/);
  });

  it('an exclusion constraint comes with the extension that has its operator class', async () => {
    const table = 'extensions.t';
    if (!(table in content)) return;
    const { content: restored, notes } = await restore({ tables: [table] });
    expect(restored[table]).toEqual(content[table]);
    expect(notes.join('\n')).not.toContain('t_room_during_excl');
  });

  it('partitions whose rows go back through their table are taken together, or not at all', async () => {
    const [whole, part] = ['partitions.by_hash_of_enum', 'partitions.h0'];
    for (const selection of [{ tables: [part] }, { exclude: [part] }, { tables: [whole], exclude: [part] }])
      expect(selectEntries(toc, selection).problems).toEqual([expect.stringContaining(`take all of ${whole}, or nothing of it`)]);
    expect(selectEntries(toc, { tables: [part], schemaOnly: true }).problems).toEqual([]);
    const rows = ({ content: of }: { content: Content }) => (of[part]?.rows ?? 0) + (of['partitions.h1']?.rows ?? 0);
    expect(rows(await restore({ tables: [whole] }))).toBe(4000);
    expect(selectEntries(toc, { exclude: [whole] }).problems).toEqual([]);
  });
});
