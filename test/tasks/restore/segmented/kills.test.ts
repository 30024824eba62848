/** A restore that is killed anywhere is ended by the next one, which loads nothing again that was finished. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ObjectReader } from '../../../../core/ports/object-store.ts';
import { PROGRESS_SCHEMA } from '../../../../core/restore/half-made.ts';
import { seededRandom } from '../../../helpers/seeded-random.ts';
import { connectToTestServer } from '../../../helpers/servers.ts';
import { SMALL_SEGMENTS } from '../../dump/ports.ts';
import { makePoint, type MadePoint } from '../../drill/fixture.ts';
import { runKilled } from './run-killed.ts';
import type { KillPoint } from './killed-restore.ts';
import { EVENT_TRIGGER_SQL, openWorld, readWhole, type World } from './world.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const random = seededRandom('where restores are killed');

let world: World;
let point: MadePoint;
let whole: Awaited<ReturnType<typeof readWhole>>;
beforeAll(async () => {
  world = await openWorld(6_000);
  await world.client.query(EVENT_TRIGGER_SQL);
  const over = { restore: { secret: 'restores', noOwner: false, noPrivileges: false } };
  point = await makePoint(world.source, { dump: { format: 'segmented' }, limits: SMALL_SEGMENTS, over });
  whole = await readWhole(world.source, world.source.database);
}, 60_000);
afterAll(() => world.close());

/** Undefined when the restore has ended and removed its traces. */
async function readFinished(database: string): Promise<string[] | undefined> {
  if (!(await world.exists(database))) return [];
  const client = await connectToTestServer(database);
  try {
    const found = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [PROGRESS_SCHEMA]);
    if (found.rowCount === 0) return undefined;
    const { rows } = await client.query<{ item: string }>(`SELECT item FROM ${PROGRESS_SCHEMA}.finished`);
    return rows.map(({ item }) => item);
  } finally {
    await client.end();
  }
}

function countingReads(reader: ObjectReader): { reader: ObjectReader; keys: string[] } {
  const keys: string[] = [];
  return {
    keys,
    reader: {
      ...reader,
      read(ref) {
        keys.push(ref.key);
        return reader.read(ref);
      },
    },
  };
}

const bytesOf = (roles: string[]) =>
  point.manifest.objects.filter(({ role }) => roles.includes(role)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
const within = (limit: number) => random.below(limit);

/** Where, by its share of what is killed there. */
const PLACES: Record<string, () => KillPoint> = {
  'before anything is written': () => ({ at: 'report', begins: 'The bytes of the point', afterMilliseconds: within(150) }),
  'while what comes before the rows is made': () => ({ at: 'report', begins: 'The database', afterMilliseconds: within(200) }),
  'while rows are loaded': () => ({ at: 'bytes', bytes: 1 + within(bytesOf(['rest', 'segment'])) }),
  'while indexes are made': () => ({ at: 'report', begins: 'The rows are loaded', afterMilliseconds: within(600) }),
};
const COUNTS: Record<string, number> = {
  'before anything is written': 2,
  'while what comes before the rows is made': 4,
  'while rows are loaded': 9,
  'while indexes are made': 5,
};
const all = Object.keys(PLACES).flatMap((place) => Array.from({ length: COUNTS[place] ?? 0 }, (_, number) => ({ place, number })));
const sample = isSoak
  ? all
  : ['while what comes before the rows is made', 'while rows are loaded', 'while indexes are made'].map((place) => ({ place, number: 0 }));

it.each(sample)(
  'is ended by the next one when it is killed $place ($number)',
  async ({ place }) => {
    const database = world.fresh('killed');
    const kill = PLACES[place]!();
    const isKilled = await runKilled(world, point, database, kill);
    if (!isKilled) return expect(kill.at, 'an end before the chosen place').toBe('report');

    const finished = await readFinished(database);
    if (finished === undefined) return expect(await readWhole(world.source, database)).toEqual(whole);
    const said: string[] = [];
    const { reader, keys } = countingReads(point.reader);
    await world.restore(point, database, { ports: { reader, report: (event) => said.push(event) } });

    const segments = point.manifest.objects.filter(({ role }) => role === 'segment');
    const itemOf = ({ segment }: (typeof segments)[number]) => `segment ${segment?.tableOid}.${segment?.number}`;
    const readAgain = segments.filter((object) => finished.includes(itemOf(object)) && keys.includes(object.key));
    const notRead = segments.filter((object) => !finished.includes(itemOf(object)) && !keys.includes(object.key));
    process.stdout.write(`${JSON.stringify(kill)}: ${finished.length} parts were finished\n`);
    expect({ readAgain, notRead }).toEqual({ readAgain: [], notRead: [] });
    expect(await readWhole(world.source, database)).toEqual(whole);
    expect(readdirSync(world.scratchDir)).toEqual([]);
  },
  60_000,
);
