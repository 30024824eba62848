/** A version that a rotation has begun, seen without a value by one run: whatever becomes of it then, the value that it is given is not lost. */
import { randomBytes } from 'node:crypto';
import { PutSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { beforeAll, expect, inject, test } from 'vitest';
import { envelopeOpener } from '../../../adapters/escrow/envelope.ts';
import { listEscrow } from '../../../adapters/escrow/list-escrow.ts';
import { openEscrowedKey } from '../../../adapters/escrow/open-envelope.ts';
import { escrowWhatIsThere } from '../../../functions/escrow/escrow-version.ts';
import { listVersions } from '../../../functions/escrow/list-versions.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { askGuardOf } from './ask-guard.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
});
const fresh = () => randomBytes(32).toString('hex');

/** A secret in the midst of a rotation, of which a run has seen that it has no value yet. */
async function rotationBegun(key: string) {
  const SecretId = `${world.system}/${key}`;
  world.keys[key] = { secret: SecretId };
  const before = await world.putSecret(key, fresh());
  const begun = await world.secrets.send(new PutSecretValueCommand({ SecretId, VersionStages: ['AWSPENDING'] }));
  const pending = begun.VersionId ?? '';

  /** As the machine does it, on a day of November. */
  const run = async (day: number) => {
    const startedAt = `2026-11-${day}T02:00:00Z`;
    const listed = await listVersions({ input: { key }, execution: `arn:run-${day}`, startedAt }, world.listPorts());
    for (const version of listed.versions) {
      const made = await escrowWhatIsThere(version, world.escrowPorts());
      if (!('fingerprint' in made)) continue;
      for (const place of ['vault', 'replica'] as const) await readBack({ ...made, place }, world.readBackPorts());
    }
    return listed.versions;
  };
  /** The function of the rotation, under the id that Secrets Manager gave it. */
  const give = (value: string) =>
    world.secrets.send(
      new PutSecretValueCommand({ SecretId, ClientRequestToken: pending, SecretString: value, VersionStages: ['AWSPENDING'] }),
    );
  const move = (VersionStage: string, from: string | undefined, to: string | undefined) =>
    world.secrets.send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage, RemoveFromVersionId: from, MoveToVersionId: to }));
  const ask = (day: number) => askGuardOf(world, key, new Date(`2026-11-${day}T12:00:00Z`));
  /** The value of a version as each region gives it back, by its own key alone. */
  const recovered = (version: string) =>
    Promise.all(
      [HOME, REPLICA].map(async (region) => {
        const { reader } = world.bucket(region, world.roles.readBack);
        const states = [...(await listEscrow(reader, world.system, key, AFTER_ALL_RUNS)).values()];
        const fingerprint = states.find(({ secretVersions }) => secretVersions.includes(version))?.fingerprint;
        if (fingerprint === undefined) return undefined;
        const opener = envelopeOpener(world.kms(world.roles.readBack), world.escrowAliasArn(region));
        const asked = {
          now: AFTER_ALL_RUNS,
          system: world.system,
          key,
          fingerprint,
          reader,
          opener,
          escrowKeyArn: world.escrowAliasArn(region),
        };
        return Buffer.from(await openEscrowedKey(asked)).toString();
      }),
    );

  const seen = await run(10);
  expect(seen.find(({ secretVersion }) => secretVersion === pending)).toMatchObject({ label: 'pending' });
  expect(await recovered(pending)).toEqual([undefined, undefined]);
  return { before, pending, run, give, move, ask, recovered, byHand: (value: string) => world.putSecret(key, value) };
}

test('and then rotated, as it should be: the next run has it', async () => {
  const { before, pending, run, give, move, ask, recovered } = await rotationBegun('rotated');
  const value = fresh();
  await give(value);
  await move('AWSCURRENT', before, pending);
  await move('AWSPENDING', pending, undefined);
  await expect(ask(10)).rejects.toMatchObject({ failure: 'RotationRefused' });
  await run(11);
  expect(await recovered(pending)).toEqual([value, value]);
  expect(await ask(11)).toMatchObject({ allowed: true });
});

test('and then rotated, and replaced by hand before any run: nobody replaces it once more until it is in escrow', async () => {
  const { before, pending, run, give, move, ask, recovered, byHand } = await rotationBegun('replaced');
  const [value, another] = [fresh(), fresh()];
  await give(value);
  await move('AWSCURRENT', before, pending);
  await move('AWSPENDING', pending, undefined);
  const byHandId = await byHand(another);
  await expect(ask(10)).rejects.toThrow(`An earlier version of replaced (${pending}) is not in escrow in ${HOME}`);
  const versions = await run(11);
  // It went around the guard, which is told.
  expect(versions.find(({ secretVersion }) => secretVersion === pending)).toMatchObject({ label: 'old', isUnguarded: true });
  expect(await recovered(pending)).toEqual([value, value]);
  expect(await recovered(byHandId)).toEqual([another, another]);
  expect(await ask(11)).toMatchObject({ allowed: true });
});

test('and then given a value whose rotation is cancelled: that value is in escrow all the same', async () => {
  const { pending, run, give, move, ask, recovered } = await rotationBegun('cancelled');
  const value = fresh();
  await give(value);
  await move('AWSPENDING', pending, undefined);
  await expect(ask(10)).rejects.toThrow(`(${pending}) is not in escrow`);
  await run(11);
  expect(await recovered(pending)).toEqual([value, value]);
  expect(await ask(11)).toMatchObject({ allowed: true });
});

test('while another value is put there by hand: that is in escrow, and the one of the rotation as soon as it has one', async () => {
  const { pending, run, give, recovered, byHand } = await rotationBegun('by-hand');
  const [another, value] = [fresh(), fresh()];
  const byHandId = await byHand(another);
  await run(11);
  expect(await recovered(byHandId)).toEqual([another, another]);
  expect(await recovered(pending)).toEqual([undefined, undefined]);
  await give(value);
  await run(12);
  expect(await recovered(pending)).toEqual([value, value]);
});
