/** Tasks that are killed at random places of every phase: what is left is named or as it was, and the next run ends it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stagedDatabaseName } from '../../../../core/restore/target-names.ts';
import type { RestoreTarget, TaskPhase } from '../../../../core/restore/target.ts';
import { sampleTests } from '../../../helpers/sample-tests.ts';
import { seededRandom } from '../../../helpers/seeded-random.ts';
import { connectToTestServer } from '../../../helpers/servers.ts';
import type { MadePoint } from '../../drill/fixture.ts';
import { killPhase } from './kill-phase.ts';
import { newRun, openSwapWorld, type SwapWorld } from './world.ts';

const random = seededRandom('when phases of restores are killed');
const KILLS = process.env['HOLDFAST_SOAK'] === '1' ? 20 : 2;
sampleTests('phases that are killed', 0.12);

let world: SwapWorld;
const points = {} as Record<RestoreTarget, MadePoint>;
let before: Awaited<ReturnType<SwapWorld['whole']>>;
let properties: Awaited<ReturnType<SwapWorld['properties']>>;

beforeAll(async () => {
  world = await openSwapWorld();
  const over = { restore: { secret: 'restores', noOwner: false, noPrivileges: false } };
  points['in-place'] = await world.point({ dump: { format: 'custom' }, over });
  points['drop-and-create'] = points['in-place'];
  points['clean-replay'] = await world.point({ dump: { format: 'plain', cleanIfExists: true }, over });
  before = await world.whole();
  properties = await world.properties();
}, 60_000);
afterAll(() => world.close());

const kills = Array.from({ length: KILLS }, (_, number) => number);
const changed = `UPDATE users SET name = 'changed ' || id`;
/** Users whose names are those of the point, or of what was there before; undefined when nobody can look. */
async function whose(): Promise<'point' | 'before' | undefined> {
  const client = await connectToTestServer(world.database).catch(() => undefined);
  if (!client) return undefined;
  try {
    const { rows } = await client.query<{ old: string }>(`SELECT count(*) FILTER (WHERE name LIKE 'changed%') AS old FROM users`);
    return rows[0]?.old === '0' ? 'point' : 'before';
  } catch {
    return undefined;
  } finally {
    await client.end();
  }
}

async function begin(target: RestoreTarget, phases: readonly TaskPhase[], run: string): Promise<void> {
  const client = await connectToTestServer(world.database);
  await client.query(changed);
  await client.end();
  for (const phase of phases) await world.phase(points[target], phase, { run, target });
}

/** As a person starts it again: another run of the same restore. */
async function again(target: RestoreTarget): Promise<void> {
  const run = newRun();
  const order = { run, target };
  await world.phase(points[target], 'preflight', order);
  if (target === 'in-place') await world.phase(points[target], 'restore', order);
  else await world.replace(points[target], order);
  await world.phase(points[target], 'validate', order);
  if (target === 'in-place') await world.phase(points[target], 'swap', order);
  expect(await world.whole()).toEqual(before);
  expect(await world.properties()).toEqual(properties);
}

async function dropOthers(): Promise<void> {
  for (const name of await world.names()) if (name !== world.database) await world.admin.query(`DROP DATABASE "${name}" WITH (FORCE)`);
}

describe.each(['restore', 'swap'] as const)('in place, killed in %s', (phase) => {
  it.each(kills)('(%i)', async () => {
    const run = newRun();
    await begin('in-place', phase === 'restore' ? ['preflight'] : ['preflight', 'restore', 'validate'], run);
    const killed = await killPhase(world, points['in-place'], {
      phase,
      run,
      target: 'in-place',
      afterMilliseconds: random.below(phase === 'swap' ? 900 : 2500),
    });
    // The machine asks for this after a swap that failed for good.
    if (phase === 'swap') await world.phase(points['in-place'], 'settle', { run });
    if (killed && phase === 'restore') expect(await whose()).toBe('before');
    expect(await whose()).toBeDefined();
    expect(await world.properties()).toEqual(properties);
    await again('in-place');
    expect(await world.names()).not.toContain(stagedDatabaseName(world.database, points['in-place'].point));
    await dropOthers();
  });
});

describe.each(['undo', 'finish'] as const)('a %s that is killed', (phase) => {
  it.each(kills)('(%i)', async () => {
    const [first, run] = [newRun(), newRun()];
    await begin('in-place', ['preflight', 'restore', 'swap'], first);
    await killPhase(world, points['in-place'], { phase, run, of: first, target: 'in-place', afterMilliseconds: random.below(700) });
    await world.phase(points['in-place'], phase, { run, of: first });
    expect(await whose()).toBe(phase === 'undo' ? 'before' : 'point');
    expect(await world.properties()).toEqual(properties);
    await dropOthers();
  });
});

describe.each(['drop-and-create', 'clean-replay'] as const)('%s, killed', (target) => {
  it.each(kills)('(%i)', async () => {
    const run = newRun();
    await begin(target, [], run);
    const { safety } = await world.prepare(points[target], { run, target });
    await killPhase(world, points[target], { phase: 'replace', run, target, safety, afterMilliseconds: random.below(3500) });
    // One transaction: it is either. What was dropped is made anew by whoever comes next.
    if (target === 'clean-replay') expect(await whose()).toBeDefined();
    await again(target);
    expect(await world.names()).toEqual([world.database]);
  });
});
