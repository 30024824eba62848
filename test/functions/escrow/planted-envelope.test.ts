/** Envelopes that somebody put beside those of escrow: huge ones, and many. */
import { beforeAll, expect, inject, test } from 'vitest';
import { openEscrowedKey } from '../../../adapters/escrow/open-envelope.ts';
import { envelopeContext } from '../../../core/escrow/contract.ts';
import { MOST_ENVELOPE_BYTES } from '../../../core/escrow/envelope-versions.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';
import { keyInSource, nameOf, runOf } from './key-in-source.ts';

let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
});

const put = (key: string, body: string | Uint8Array, region = HOME) => world.bucket(region).writer.putOnce(key, body);
const seal = async (key: string, value: string) =>
  (await world.escrowPorts().sealer.seal(Buffer.from(value), envelopeContext(world.system, key))).envelope;

/** The ports of the read-back, and what it reads and opens in the vault. */
function watched() {
  const ports = world.readBackPorts();
  const { vault } = ports.places;
  const read: string[] = [];
  let opened = 0;
  const place = {
    ...vault,
    reader: {
      ...vault.reader,
      get: (...asked: Parameters<typeof vault.reader.get>) => {
        read.push(asked[0].key);
        return vault.reader.get(...asked);
      },
    },
    opener: {
      open: (...asked: Parameters<typeof vault.opener.open>) => {
        opened += 1;
        return vault.opener.open(...asked);
      },
    },
  };
  return { ports: { ...ports, places: { ...ports.places, vault: place } }, place, read, opened: () => opened };
}

test('one that is larger than any envelope is not read, and is told as a stray', async () => {
  const made = await keyInSource(world, 'huge');
  const { fingerprint } = await made.escrow(1);
  const envelope = world.envelopeKeyOf(made.key, fingerprint);
  const huge = `${envelope}-${runOf(9)}`;
  await put(huge, Buffer.alloc(MOST_ENVELOPE_BYTES + 1));
  const { ports, place, read } = watched();
  const fact = await readBack({ key: made.key, fingerprint, run: runOf(10), place: 'vault' }, ports);
  expect(fact).toMatchObject({ strays: 1 });
  const asked = {
    now: AFTER_ALL_RUNS,
    system: world.system,
    key: made.key,
    fingerprint,
    reader: place.reader,
    opener: place.opener,
    escrowKeyArn: '',
  };
  expect(Buffer.from(await openEscrowedKey(asked)).toString()).toBe(made.value);
  expect(read).toContain(envelope);
  expect(read).not.toContain(huge);
});

test('where it is all that there is, the envelope is altered, and the next run makes another', async () => {
  const made = await keyInSource(world, 'only-huge');
  const fingerprint = await nameOf(world, made);
  const huge = world.envelopeKeyOf(made.key, fingerprint);
  await put(huge, Buffer.alloc(MOST_ENVELOPE_BYTES + 1));
  await made.escrow(1);
  const { ports, read } = watched();
  const look = readBack({ key: made.key, fingerprint, run: runOf(1), place: 'vault' }, ports);
  await expect(look).rejects.toMatchObject({ reason: 'envelope-altered', message: expect.stringContaining('131073 bytes') as string });
  expect(read).not.toContain(huge);
  // What stands at home is what goes to the second region, and this does not.
  expect(await made.envelopesAt(REPLICA, fingerprint)).toEqual([]);
  await made.escrow(2);
  for (const place of ['vault', 'replica'] as const) await made.look(place, fingerprint, 2);
  expect(await made.recover(REPLICA, fingerprint)).toBe(made.value);
});

test('what the last read-back opened is tried before newer ones', async () => {
  const made = await keyInSource(world, 'many');
  const { fingerprint } = await made.escrow(1);
  await made.look('vault', fingerprint, 1);
  const another = await seal(made.key, 'another value');
  for (const day of [2, 3, 4]) await put(`${world.envelopeKeyOf(made.key, fingerprint)}-${runOf(day)}`, another);
  const { ports, opened } = watched();
  await readBack({ key: made.key, fingerprint, run: runOf(5), place: 'vault' }, ports);
  expect(opened()).toBe(1);
});

test('the largest value that a source can hold has an envelope of a size that is read', async () => {
  const { length } = await seal('wallet', 'x'.repeat(65_536));
  expect(length).toBeGreaterThan(65_536);
  expect(length).toBeLessThan(MOST_ENVELOPE_BYTES / 1.5);
});
