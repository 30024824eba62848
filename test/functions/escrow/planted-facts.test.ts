/** Facts that somebody who may write them dates ahead, or names by no run: escrow goes on as if they were not there. */
import { randomBytes } from 'node:crypto';
import { beforeAll, expect, inject, test } from 'vitest';
import { findMissing } from '../../../adapters/escrow/find-missing.ts';
import { envelopeContext } from '../../../core/escrow/contract.ts';
import { NO_NEEDS } from '../../../core/restore/key-needs.ts';
import { slotInstant } from '../../../core/vault/ids.ts';
import { escrowFactKey } from '../../../core/vault/keys.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { listOlder } from '../../../functions/escrow/list-older.ts';
import { listVersions } from '../../../functions/escrow/list-versions.ts';
import { findKeyFingerprints } from '../../../tasks/dump/find-keys.ts';
import { HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';
import { keyInSource, nameOf, runOf } from './key-in-source.ts';

let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
});

const PLANTED = ['99999999T999999Z-aaaaaa', '20991231T000000Z-aaaaaa', 'zzzz'];
async function plant(key: string, fingerprint: string, kinds: readonly string[], body: object = {}): Promise<void> {
  for (const region of [HOME, REPLICA])
    for (const kind of kinds)
      for (const run of PLANTED)
        await world.bucket(region).writer.putOnce(escrowFactKey(world.system, key, fingerprint, kind, run), JSON.stringify(body));
}
const placesOf = () => [HOME, REPLICA].map((region) => world.bucket(region).reader);
const noonOf = (day: number) => slotInstant(`${runOf(day).slice(0, 8)}T120000Z`);

test('the value in use, whether a point can be restored, and what is due are as the true facts say', async () => {
  const made = await keyInSource(world, 'planted');
  const { fingerprint } = await made.escrow(1);
  for (const place of ['vault', 'replica'] as const) await made.look(place, fingerprint, 1);
  const other = 'ee'.repeat(32);
  await plant(made.key, other, ['current', 'readback']);
  await plant(made.key, fingerprint, ['lost', 'readback', 'unguarded']);

  // A run of escrow goes on, and settles nothing that no run said.
  const asked = { input: { key: made.key }, execution: 'arn:e', startedAt: noonOf(1).toISOString() };
  expect((await listVersions(asked, world.listPorts())).versions).toMatchObject([{ key: made.key, label: 'current' }]);
  await made.escrow(2);
  const keys = await findKeyFingerprints(world.bucket(HOME).reader, {
    system: world.system,
    keys: [made.key],
    now: noonOf(2),
    lastPoint: '20261101T000000Z',
  });
  expect(keys).toEqual([{ key: made.key, fingerprint }]);

  // Restores and drills.
  for (const place of placesOf())
    expect(await findMissing(place, { system: world.system, asset: 'db', keys }, NO_NEEDS, noonOf(2))).toEqual([]);

  // Opened a day ago, here and there: it is not due again, and would not be if it were no longer in use.
  const ports = { ...world.olderPorts(), keys: {} };
  const older = await listOlder({ run: runOf(2), keys: [made.key], opened: [other] }, ports);
  expect(older).toMatchObject({ envelopes: [], recent: 1 });
});

test('an envelope that could not be opened is made again, though a later run is said to have opened it', async () => {
  const made = await keyInSource(world, 'damaged');
  const fingerprint = await nameOf(world, made);
  for (const region of [HOME, REPLICA])
    await world.bucket(region).writer.putOnce(world.envelopeKeyOf(made.key, fingerprint), randomBytes(100));
  await made.escrow(1);
  for (const place of ['vault', 'replica'] as const) await expect(made.look(place, fingerprint, 1)).rejects.toThrow();
  await plant(made.key, fingerprint, ['readback']);
  await made.escrow(2);
  expect(await made.envelopesAt(REPLICA, fingerprint)).toHaveLength(2);
  await made.look('replica', fingerprint, 2);
  expect(await made.recover(REPLICA, fingerprint)).toBe(made.value);
});

test('what is opened for a restore is what a run compared, whatever one that never ran says', async () => {
  const made = await keyInSource(world, 'compared');
  const { fingerprint } = await made.escrow(1);
  await made.look('vault', fingerprint, 1);
  const { reader, writer } = world.bucket(HOME);
  const another = await keyInSource(world, 'another');
  const sealed = await world.escrowPorts().sealer.seal(Buffer.from(another.value), envelopeContext(world.system, made.key));
  const key = `${world.envelopeKeyOf(made.key, fingerprint)}-${runOf(9)}`;
  await writer.putOnce(key, sealed.envelope);
  const [planted] = await Array.fromAsync(reader.listVersions(key));
  const record = await reader.get({ key: escrowFactKey(world.system, made.key, fingerprint, 'readback', runOf(1)) });
  await plant(made.key, fingerprint, ['readback'], {
    ...(JSON.parse(Buffer.from(record!.body).toString()) as object),
    envelopeVersionId: planted?.versionId,
  });
  expect(await made.recover(HOME, fingerprint)).toBe(made.value);
});

test('a value that no run named as current is not settled against the one that was', async () => {
  const made = await keyInSource(world, 'settled');
  const { fingerprint } = await made.escrow(1);
  await plant(made.key, 'ff'.repeat(32), ['current']);
  const ports = world.escrowPorts();
  const asked: string[] = [];
  const read = (...of: Parameters<typeof ports.source.read>) => {
    asked.push(of[1]);
    return ports.source.read(...of);
  };
  const [version] = (
    await listVersions({ input: { key: made.key }, execution: 'arn:e', startedAt: noonOf(1).toISOString() }, world.listPorts())
  ).versions;
  const before = await made.namesAt(HOME, fingerprint);
  const found = await escrowVersion({ ...version!, run: runOf(1) }, { ...ports, source: { ...ports.source, read } });
  expect(found.fingerprint).toBe(fingerprint);
  // Once for the value, and not again to settle anything.
  expect(asked).toHaveLength(1);
  expect(await made.namesAt(HOME, fingerprint)).toEqual(before);
});
