/** The comparison tells every kind of loss: one is made of each. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ownServer, type Server } from '../servers.ts';
import { makeSource } from '../source.ts';
import { columns } from '../sources/columns.ts';
import { largeObjects } from '../sources/large-objects.ts';
import { rights } from '../sources/rights.ts';
import { findDifferences, readImage, type Image } from './compare.ts';

let server: Server;
let name: string;
let before: Image;
beforeAll(async () => {
  server = await ownServer();
  name = await server.create('compare');
  const client = await server.connect(name);
  for (const source of [columns, rights, largeObjects]) await makeSource(client, source, server.making);
  await client.end();
  before = await readImage({ server, name });
});
afterAll(() => server.close());

it('finds nothing where nothing differs', async () => {
  expect(findDifferences(before, await readImage({ server, name }))).toEqual([]);
});

const OLDEST = `(SELECT min(oid) FROM pg_largeobject_metadata)`;
it.each([
  ['a row that is gone', `DELETE FROM columns.stored WHERE a = 77`],
  ['a row that is there twice', `INSERT INTO columns.dropped SELECT * FROM columns.dropped LIMIT 1`],
  ['a value', `UPDATE columns.stored SET b = b || ' ' WHERE a = 77`],
  ['NULL and nothing', `UPDATE columns.stored SET b = NULL WHERE a = 77`],
  ['a sequence', `SELECT nextval('columns.called_once')`],
  ['a sequence that was not called', `SELECT setval('columns.never_called', 17, true)`],
  ['a byte of a large object', `SELECT lo_put(${OLDEST}, 0, 'x')`],
  ['a large object', `SELECT lo_unlink(${OLDEST})`],
  ['the owner of a large object', `DO $$ BEGIN EXECUTE format('ALTER LARGE OBJECT %s OWNER TO CURRENT_USER', ${OLDEST}); END $$`],
  ['a grant on a large object', `DO $$ BEGIN EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO PUBLIC', ${OLDEST}); END $$`],
  ['a comment on a large object', `DO $$ BEGIN EXECUTE format('COMMENT ON LARGE OBJECT %s IS ''another''', ${OLDEST}); END $$`],
  ['a column', `ALTER TABLE columns.missing_values ADD COLUMN another int`],
  ['an owner', `ALTER TABLE public.owned OWNER TO CURRENT_USER`],
  ['a grant', `GRANT TRIGGER ON public.owned TO PUBLIC`],
  ['a comment', `COMMENT ON TABLE public.owned IS 'another'`],
])('finds a difference in %s', async (_, sql) => {
  const copy = await server.create('changed', `TEMPLATE ${name}`);
  const changed = await server.connect(copy);
  await changed.query(sql);
  await changed.end();
  expect(findDifferences(before, await readImage({ server, name: copy }))).not.toEqual([]);
  await server.drop(copy);
});
