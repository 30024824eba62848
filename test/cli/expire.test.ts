import { afterAll, beforeAll, expect, test } from 'vitest';
import { manifestKey } from '../../core/vault/keys.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { addFact, commitPoint, dumpSmallDatabase, makeWorld } from './world.ts';
import type { World } from './world.ts';

/** The newest good point, the first of its month, one that no window keeps, and one that is held. */
const [NEWEST, FIRST, GOES, HELD] = ['20200601T020000Z', '20200302T020000Z', '20200303T020000Z', '20200304T020000Z'] as const;
const RUN = '20200601T020200Z-3fa9c1';

let world: World;
const expire = (...words: string[]) => holdfastHere(['expire', ...words, '--plan', world.plan], { environment: emulatorEnvironment() });

beforeAll(async () => {
  world = await makeWorld();
  // In this process the SDK reads the real environment.
  for (const [name, value] of Object.entries(emulatorEnvironment())) process.env[name] = value;
  const manifest = await commitPoint(world, NEWEST, await dumpSmallDatabase());
  const at = '2020-06-01T02:02:30.000Z';
  const objects = manifest.objects.map(({ key, versionId, sizeBytes, crc }) => ({ key, versionId, sizeBytes, crc }));
  const replicated = { kind: 'replicated', at, bucket: 'b', region: 'r', lockedUntil: at, objects } as const;
  for (const point of [NEWEST, FIRST, GOES, HELD]) {
    if (point !== NEWEST)
      await world.vault.writer.putOnce(manifestKey(world.system, 'postgres', point), JSON.stringify({ ...manifest, point, slot: point }));
    await addFact(world, point, RUN, { kind: 'verified', at, bytesRead: 1, rows: [], largeObjects: 0 });
    await addFact(world, point, RUN, replicated);
  }
  await addFact(world, HELD, RUN, { kind: 'held', at, hold: 'case-7', reason: 'litigation', by: 'legal' });
});
afterAll(() => world.remove());

test('every point is shown with what becomes of it and why, and nothing is done', async () => {
  const { code, stdout, stderr } = await expire('--output', 'json');
  expect([code, stderr]).toEqual([0, '']);
  const { assets } = JSON.parse(stdout) as { assets: { asset: string; points: { point: string; action: string; reasons: string[] }[] }[] };
  const points = assets[0]?.points ?? [];
  expect(points.map(({ point, action }) => [point, action])).toEqual([
    [NEWEST, 'keep'],
    [HELD, 'keep'],
    [GOES, 'expire'],
    [FIRST, 'keep'],
  ]);
  expect(points.find(({ point }) => point === HELD)?.reasons).toEqual([expect.stringContaining('case-7')]);
  expect(points.find(({ point }) => point === GOES)?.reasons).toEqual([expect.stringContaining('no window of the plan keeps it')]);
});

test('in words too, one asset at a time', async () => {
  const { code, stdout } = await expire('postgres');
  expect(code).toBe(0);
  expect(stdout).toMatch(/1 of 4 points expire/);
  expect(stdout).toMatch(new RegExp(`${GOES} +expires +no window`));
  const other = await expire('nothing');
  expect(other.code).not.toBe(0);
});
