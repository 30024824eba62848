/** Which values of a key a point names, by what stands in a real escrow bucket and under the role of a dump. */
import { beforeAll, expect, inject, test } from 'vitest';
import { escrowFactKey } from '../../../core/vault/keys.ts';
import { findKeyFingerprints } from '../../../tasks/dump/find-keys.ts';
import { HOME, makeEscrowWorld, type EscrowWorld } from '../../functions/escrow/escrow-world.ts';

const KEY = 'wallet-key';
const [FIRST, SECOND, THIRD] = ['11', '22', '33'].map((pair) => pair.repeat(32)) as [string, string, string];
let world: EscrowWorld;

beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
  const { writer } = world.bucket(HOME);
  for (const [fingerprint, day] of [
    [FIRST, '20260801'],
    [SECOND, '20261101'],
    [THIRD, '20261119'],
  ] as const) {
    await writer.putOnce(escrowFactKey(world.system, KEY, fingerprint, 'version', `v-${day}`), '{}');
    await writer.putOnce(escrowFactKey(world.system, KEY, fingerprint, 'current', `${day}T010000Z-abcdef`), '{}');
  }
});

test.each([
  ['the one in use alone, two days after the last rotation', undefined, [THIRD]],
  ['those of the last month', 'P30D', [THIRD, SECOND, FIRST]],
  ['those of the last week', 'P7D', [THIRD, SECOND]],
  ['no more of a day', 'P1D', [THIRD]],
  ['all', 'all', [THIRD, SECOND, FIRST]],
])('a point names %s', async (_, inUse, expected) => {
  const found = await findKeyFingerprints(world.bucket(HOME, world.roles.dump).reader, {
    system: world.system,
    keys: [KEY],
    earlierValues: inUse === undefined ? undefined : [{ key: KEY, inUse }],
    now: new Date('2026-11-21T02:00:00Z'),
    lastPoint: '20261120T020000Z',
  });
  expect(found).toEqual(expected.map((fingerprint) => ({ key: KEY, fingerprint })));
});
