/** Parts of a point, other servers and names that are taken: what is restored, and what is refused before anything is written. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RestoreSelection } from '../../../../core/restore/selection.ts';
import { describeEnd } from '../../../../tasks/run-task.ts';
import { connectToTestServer } from '../../../helpers/servers.ts';
import { SMALL_SEGMENTS } from '../../dump/ports.ts';
import { makePoint, type MadePoint } from '../../drill/fixture.ts';
import { openWorld, type World } from './world.ts';
import { sampleTests } from '../../../helpers/sample-tests.ts';

sampleTests('parts of a point', 0.5);

let world: World;
const points = {} as Record<'segmented' | 'custom' | 'plain', MadePoint>;

beforeAll(async () => {
  world = await openWorld(4_000);
  const over = { restore: { secret: 'restores', noOwner: false, noPrivileges: false } };
  for (const format of ['segmented', 'custom', 'plain'] as const)
    points[format] = await makePoint(world.source, { dump: { format }, limits: SMALL_SEGMENTS, over });
}, 60_000);
afterAll(() => world.close());
beforeEach(() => () => expect(readdirSync(world.scratchDir)).toEqual([]));

const restored = async (point: MadePoint, selection: RestoreSelection) => {
  const database = world.fresh('part');
  const { notes } = await world.restore(point, database, { order: { selection } });
  const client = await connectToTestServer(database);
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') ORDER BY relname COLLATE "C"`,
  );
  const count = async (table: string) => Number((await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.n);
  const counts: Record<string, number> = {};
  for (const { name } of rows) counts[name] = await count(`"${name.replaceAll('"', '""')}"`);
  const { rows: schemas } = await client.query(`SELECT FROM pg_namespace WHERE nspname LIKE 'holdfast%'`);
  await client.end();
  expect(schemas).toEqual([]);
  return { counts, notes: notes.join('\n') };
};
const refused = async (point: MadePoint, selection: RestoreSelection) => {
  const database = world.fresh('refused');
  const end = await world.restore(point, database, { order: { selection } }).then(() => ({ failure: 'none', message: '' }), describeEnd);
  expect(await world.exists(database)).toBe(false);
  return end;
};

describe.each(['segmented', 'custom'] as const)('parts of a %s point', (format) => {
  it('are the tables that are named, with what they need', async () => {
    const { counts, notes } = await restored(points[format], { tables: ['public.narrow', 'public.tall'] });
    expect(counts).toMatchObject({ narrow: 4000, tall: 8000, tall_1: 8000, tall_2: 0 });
    expect(counts).not.toHaveProperty('wide');
    expect(notes).toContain('Large objects were left out');
  });

  it('are everything but what is excluded', async () => {
    const { counts, notes } = await restored(points[format], { exclude: ['public.tall'] });
    expect(counts).toMatchObject({ narrow: 4000, wide: 400, refers: 100, none: 1 });
    expect(counts).not.toHaveProperty('tall_1');
    expect(counts).not.toHaveProperty('counted');
    expect(notes).toContain('counted');
  });

  it('are the schema alone', async () => {
    const { counts, notes } = await restored(points[format], { schemaOnly: true });
    expect(Object.keys(counts)).toEqual(expect.arrayContaining(['narrow', 'wide', 'tall_1', 'counted', 'grouped']));
    expect(new Set(Object.values(counts))).toEqual(new Set([0]));
    expect(notes).toContain('Rows, large objects');
  });

  it('are refused, with every table that is not there, before anything is written', async () => {
    const end = await refused(points[format], { tables: ['public.nowhere', 'public.narrow'], exclude: ['public.never'] });
    expect(end).toMatchObject({ failure: 'BadInput' });
    expect(end.message).toContain('nowhere');
    expect(end.message).toContain('never');
  });
});

it.each([{ tables: ['public.narrow'] }, { exclude: ['public.narrow'] }, { schemaOnly: true }])(
  'no part of a plain point is restored: %j',
  async (selection) => {
    const end = await refused(points.plain, selection);
    expect(end).toMatchObject({ failure: 'BadInput' });
    expect(end.message).toContain('plain dump');
  },
);

describe('a database of that name', () => {
  it('is not touched when it is somebody else’s', async () => {
    for (const name of [world.source.database, 'template1', 'postgres'])
      expect(await world.restore(points.segmented, name).catch(describeEnd)).toMatchObject({ failure: 'TargetNotEmpty' });
    expect(await world.exists(world.source.database)).toBe(true);
  });
});
