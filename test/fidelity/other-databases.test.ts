/** Databases that cannot be one with everything else: other encodings, thousands of tables, and servers of two majors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uniqueSuffix } from '../helpers/servers.ts';
import { findDifferences, readImage } from './compare/compare.ts';
import { embeddedServer, ownServer, type Server } from './servers.ts';
import { makeSource, type Source } from './source.ts';
import { SOURCES } from './sources/all.ts';
import { anyBytes, icu, latin1 } from './sources/encodings.ts';
import { manyTables } from './sources/many-tables.ts';
import { byTask, dump, WAYS } from './ways.ts';
import { sampleTests } from '../helpers/sample-tests.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const suffix = uniqueSuffix();
let own: Server;
let embedded: Server;
sampleTests('other databases', 0.12);

beforeAll(async () => {
  own = await ownServer(suffix);
  embedded = await embeddedServer(suffix);
});
afterAll(async () => {
  await own.close();
  await embedded.close();
});

async function makeDatabase(server: Server, sources: readonly Source[], options = ''): Promise<string> {
  const name = await server.create('source', options);
  const client = await server.connect(name);
  for (const source of sources) if (source.needs?.(server.making) ?? true) await makeSource(client, source, server.making);
  await client.end();
  return name;
}

const encoded = (encoding: string) => `TEMPLATE template0 ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C'`;

describe.each([
  ['LATIN1', latin1, encoded('LATIN1')],
  ['SQL_ASCII', anyBytes, encoded('SQL_ASCII')],
  ['many tables', manyTables, ''],
])('a database of %s', (_, source, options) => {
  it.each(Object.entries(isSoak ? WAYS.segmented : { 'the restore task': byTask }))('is the same after %s', async (_way, restore) => {
    const name = await makeDatabase(own, [source], options);
    const point = await dump('segmented', { server: own, name });
    expect(point.manifest.objects.some(({ role }) => role === 'segment')).toBe(true);
    const restored = await restore(point, own);
    expect(findDifferences(await readImage({ server: own, name }), await readImage(restored))).toEqual([]);
    await own.drop(restored.name);
    await own.drop(name);
  });
});

describe('a database that sorts by ICU', () => {
  it('is the same after the restore task, in its own order', async ({ skip }) => {
    if (own.major < 15) skip('the server has no databases of ICU');
    const name = await makeDatabase(
      own,
      [icu],
      `TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    const point = await dump('segmented', { server: own, name }, { dump: { compression: { method: 'zstd' } } });
    expect(point.manifest.dump.compression).toBe('zstd');
    for (const restore of [byTask, WAYS.segmented['the four commands by hand']!]) {
      const restored = await restore(point, own);
      expect(findDifferences(await readImage({ server: own, name }), await readImage(restored))).toEqual([]);
      await own.drop(restored.name);
    }
    await own.drop(name);
  });
});

describe('a database of an older server', () => {
  /** A newer server tells some definitions in other words: what stock programs make of the same database is the measure. */
  it('is on a newer one what pg_dump and pg_restore make of it', async ({ skip }) => {
    if (own.major >= embedded.major) skip('the tests’ own server is no older one');
    const movable = SOURCES.filter(({ name }) => !['extensions', 'foreign_'].includes(name));
    const name = await makeDatabase(own, movable);
    const reference = await WAYS.custom['pg_restore -j4']!(await dump('custom', { server: own, name }), embedded);
    const restored = await byTask(await dump('segmented', { server: own, name }), embedded);
    const [source, wanted, found] = [await readImage({ server: own, name }), await readImage(reference), await readImage(restored)];
    expect(findDifferences(wanted, found)).toEqual([]);
    expect(findDifferences({ ...source, schema: '' }, { ...found, schema: '' })).toEqual([]);
  });
});
