/** A segmented point becomes what its source is, through COPY from the vault, with nothing of its rows on the disk. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectToTestServer } from '../../../helpers/servers.ts';
import { SMALL_SEGMENTS } from '../../dump/ports.ts';
import { drill, failedChecks, makePoint, type MadePoint } from '../../drill/fixture.ts';
import { EVENT_TRIGGER_SQL, openWorld, readWhole, type World } from './world.ts';

let world: World;
let point: MadePoint;
let drillable: MadePoint;
let whole: Awaited<ReturnType<typeof readWhole>>;
const RESTORES_ALL = { restore: { secret: 'restores', noOwner: false, noPrivileges: false } };

beforeAll(async () => {
  world = await openWorld(6_000);
  const options = { dump: { format: 'segmented' as const }, limits: SMALL_SEGMENTS, over: RESTORES_ALL };
  // The owner of an event trigger is a superuser, which no role of a drill is.
  const rowCounts = [{ table: 'public.narrow', against: 'verified' as const, tolerancePercent: 0 }];
  drillable = await makePoint(world.source, { ...options, drill: { rowCounts } });
  await world.client.query(EVENT_TRIGGER_SQL);
  point = await makePoint(world.source, options);
  whole = await readWhole(world.source, world.source.database);
}, 60_000);
afterAll(() => world.close());
beforeEach(() => () => expect(readdirSync(world.scratchDir)).toEqual([]));

describe('a restore of a segmented point', () => {
  it('makes what the source is, and leaves nothing of its own behind', async () => {
    expect(point.manifest.objects.filter(({ role }) => role === 'segment').length).toBeGreaterThan(10);
    const database = world.fresh();
    const result = await world.restore(point, database);
    expect(result.bytesRestored).toBeGreaterThan(100_000);
    expect(await readWhole(world.source, database)).toEqual(whole);
  });

  it('is not held up by an autovacuum of tables that are still growing, and lets it in again', async () => {
    const database = world.fresh();
    /** What autovacuum does: it passes by a table on which it does not get its lock at once. */
    const vacuum = async () => {
      const client = await connectToTestServer(database);
      const said: (string | undefined)[] = [];
      client.on('notice', ({ message }) => said.push(message));
      await client.query('VACUUM (SKIP_LOCKED) narrow');
      await client.query('VACUUM (SKIP_LOCKED) "Odd ""name"" 数"');
      await client.end();
      return said;
    };
    let meanwhile: (string | undefined)[] | undefined;
    const last = point.manifest.objects.findLast(({ role }) => role === 'segment')?.key;
    const reader: typeof point.reader = {
      ...point.reader,
      async *read(ref) {
        if (ref.key === last) meanwhile ??= await vacuum();
        yield* point.reader.read(ref);
      },
    };
    await world.restore(point, database, { ports: { reader } });
    expect(meanwhile).toEqual([
      'skipping vacuum of "narrow" --- lock not available',
      'skipping vacuum of "Odd "name" 数" --- lock not available',
    ]);
    expect(await vacuum()).toEqual([]);
  });

  it('is what a drill does too', async () => {
    const end = await drill(drillable);
    expect(failedChecks(end)).toEqual([]);
    expect(end.result.checks.map(({ name }) => name)).toContain('stored bytes');
    expect(end.leftovers).toEqual([]);
  });
});
