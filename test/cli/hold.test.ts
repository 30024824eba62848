import { afterAll, beforeAll, expect, test } from 'vitest';
import { factKey, manifestKey } from '../../core/vault/keys.ts';
import { signObjects } from '../../functions/evidence/sign-objects.ts';
import { signingKey } from '../helpers/signed-vault.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { addFact, makeWorld } from './world.ts';
import type { World } from './world.ts';

const [ONE, OTHER, FREE] = ['20200601T020000Z', '20200602T020000Z', '20200603T020000Z'] as const;
const RELEASED = '20200611T000000Z-bbbbbb';
let world: World;
const hold = (...words: string[]) => holdfastHere(['hold', ...words, '--plan', world.plan], { environment: emulatorEnvironment() });

beforeAll(async () => {
  world = await makeWorld();
  // In this process the SDK reads the real environment.
  for (const [name, value] of Object.entries(emulatorEnvironment())) process.env[name] = value;
  for (const point of [ONE, OTHER, FREE])
    await world.vault.writer.putOnce(manifestKey(world.system, 'postgres', point), 'a damaged manifest');
  const word = { hold: 'case-17', reason: 'litigation', by: 'legal' };
  await addFact(world, ONE, '20200610T000000Z-aaaaaa', { kind: 'held', at: '2020-06-10T00:00:00.000Z', ...word });
  await addFact(world, OTHER, '20200610T000000Z-aaaaaa', { kind: 'held', at: '2020-06-10T00:00:00.000Z', ...word });
  const released = { kind: 'released', at: '2020-06-11T00:00:00.000Z', ...word, reason: 'closed' } as const;
  await addFact(world, OTHER, RELEASED, released);
  const { signPorts } = await signingKey(world.system, { ...world.vault.reader, ...world.vault.writer });
  await signObjects({ keys: [factKey(world.system, 'postgres', OTHER, 'released', RELEASED)] }, signPorts);
  // Nobody signed this one, and the hold stands.
  await addFact(world, ONE, RELEASED, released);
});
afterAll(() => world.remove());

test('the holds that stand are listed, with who, when and why; those that were released when they are asked for', async () => {
  const { code, stdout, stderr } = await hold('list', '--output', 'json');
  expect([code, stderr]).toEqual([0, '']);
  const standing = { asset: 'postgres', point: ONE, hold: 'case-17', held: { by: 'legal', reason: 'litigation' } };
  expect(JSON.parse(stdout)).toMatchObject({ from: 'vault', holds: [standing] });
  const all = await hold('list', 'postgres', '--all', '--output', 'json');
  expect((JSON.parse(all.stdout) as { holds: unknown[] }).holds).toMatchObject([
    { point: OTHER, released: { reason: 'closed' } },
    standing,
  ]);
  expect((await hold('list')).stdout).toMatch(new RegExp(`${ONE} +case-17 +2020-06-10 00:00Z +legal +litigation`));
  expect((await hold('list', '--from', 'replica')).stdout).toContain('No hold stands on any point in the replica');
});

test('what cannot be met is refused before anything is started', async () => {
  for (const words of [
    ['add', ONE, '--reason', 'no'],
    ['add', ONE],
    ['add', 'yesterday', '--reason', 'litigation'],
    ['add', ONE, '--reason', 'litigation', '--name', '-'],
    ['release', ONE, '--reason', 'closed', '--only', 'both'],
  ]) {
    const { code, stdout } = await hold(...words);
    expect([code, stdout], words.join(' ')).toEqual([64, '']);
  }
});
