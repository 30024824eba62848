import { afterAll, beforeAll, expect, test } from 'vitest';
import { manifestKey } from '../../core/vault/keys.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { addFact, commitPoint, dumpSmallDatabase, makeWorld } from './world.ts';
import type { World } from './world.ts';

const VERIFIED = '20200101T020000Z';
const RUN = '20200101T020200Z-3fa9c1';
/** More points than a colour is judged by at least. */
const UNVERIFIED = Array.from({ length: 24 }, (_, index) => `202002${String(index + 1).padStart(2, '0')}T020000Z`);

type ListedAsset = { asset: string; colour: string; reasons: string[]; points: unknown[]; older: number };

let world: World;
const list = async (...words: string[]) => {
  const { code, stdout, stderr } = await holdfastHere(['list', ...words, '--plan', world.plan, '--output', 'json'], {
    environment: emulatorEnvironment(),
  });
  expect([code, stderr]).toEqual([0, '']);
  const { assets } = JSON.parse(stdout) as { assets: ListedAsset[] };
  const asset = (id: string) => assets.find((one) => one.asset === id) ?? expect.unreachable(`no ${id}`);
  return { postgres: asset('postgres'), key: asset('wallet-encryption-key') };
};

beforeAll(async () => {
  world = await makeWorld();
  // In this process the SDK reads the real environment.
  for (const [name, value] of Object.entries(emulatorEnvironment())) process.env[name] = value;
  const manifest = await commitPoint(world, '20190101T020000Z', await dumpSmallDatabase());
  for (const point of [VERIFIED, ...UNVERIFIED])
    await world.vault.writer.putOnce(
      manifestKey(world.system, 'postgres', point),
      JSON.stringify({ ...manifest, point, slot: point, consistentAt: '2020-01-01T02:00:05.000Z' }),
    );
  await addFact(world, VERIFIED, RUN, { kind: 'verified', at: '2020-01-01T02:02:30.000Z', bytesRead: 1, rows: [], largeObjects: 0 });
});
afterAll(() => world.remove());

test('the colour is the same however few points are shown, though the newest verified one is far down', async () => {
  const { postgres: whole } = await list('--limit', '1000');
  expect(whole).toMatchObject({ colour: 'red', older: 0 });
  expect(whole.points).toHaveLength(26);
  expect(whole.reasons[0]).toMatch(/^The newest verified point is /);
  for (const limit of [1, 20, 24]) {
    const { postgres } = await list('--limit', String(limit));
    expect(postgres).toMatchObject({ colour: whole.colour, reasons: whole.reasons, older: 26 - limit });
    expect(postgres.points).toHaveLength(limit);
  }
});
