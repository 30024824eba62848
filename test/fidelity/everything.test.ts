/** Every kind of thing that a database may hold, in one database: dumped, restored in every way, and compared with the source. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findDifferences, readImage, type Image } from './compare/compare.ts';
import { embeddedServer, ownServer, type Server } from './servers.ts';
import { makeSource } from './source.ts';
import { SOURCES } from './sources/all.ts';
import { dump, WAYS, type Format, type Point } from './ways.ts';
import { oneOf, sampleTests } from '../helpers/sample-tests.ts';

sampleTests('everything in one database', 0.2);

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const FORMATS: readonly Format[] = isSoak ? ['custom', 'segmented'] : ['segmented'];

async function makeEverything(server: Server): Promise<string> {
  const database = await server.create('everything');
  const client = await server.connect(database);
  for (const source of SOURCES) if (source.needs?.(server.making) ?? true) await makeSource(client, source, server.making);
  await client.end();
  return database;
}

const SERVERS = [
  ['the own server', ownServer],
  ['the embedded server', embeddedServer],
] as const;

describe.each(oneOf('where everything stands', SERVERS))('on %s', (_, open) => {
  let server: Server;
  let name: string;
  let source: Image;
  const points = new Map<Format, Point>();
  beforeAll(async () => {
    server = await open();
    name = await makeEverything(server);
    source = await readImage({ server, name });
    for (const format of FORMATS) points.set(format, await dump(format, { server, name }));
  });
  afterAll(() => server.close());

  describe.each(FORMATS)('a %s point', (format) => {
    it.each(Object.entries(WAYS[format]))('is the same after %s', async (_way, restore) => {
      const restored = await restore(points.get(format)!, server);
      expect(findDifferences(source, await readImage(restored))).toEqual([]);
      await server.drop(restored.name);
    });
  });
});
