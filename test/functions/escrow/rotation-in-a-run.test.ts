/** A secret that is rotated while a run looks at its versions: what the run leaves as current is what was so at its end. */
import { randomBytes } from 'node:crypto';
import { UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { listEscrow } from '../../../adapters/escrow/list-escrow.ts';
import { selectCurrentFingerprint } from '../../../core/escrow/current-key.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
});
const statesAt = (region: string, key: string) => listEscrow(world.bucket(region).reader, world.system, key, AFTER_ALL_RUNS);
const hex = () => randomBytes(32).toString('hex');

describe('a rotation inside a run', () => {
  const makeCurrent = async (name: string, to: string, from: string) => {
    const stage = { SecretId: `${world.system}/${name}`, VersionStage: 'AWSCURRENT' };
    await world.secrets.send(new UpdateSecretVersionStageCommand({ ...stage, MoveToVersionId: to, RemoveFromVersionId: from }));
  };
  /** Two versions, the first of which is current; each has a label of its own, without which the emulator would drop it. */
  const putTwo = async (name: string) => {
    world.keys[name] = { secret: `${world.system}/${name}` };
    const first = await world.putSecret(name, hex());
    const kept = { SecretId: `${world.system}/${name}`, VersionStage: 'kept', MoveToVersionId: first };
    await world.secrets.send(new UpdateSecretVersionStageCommand(kept));
    return [first, await world.putSecret(name, hex(), ['prepared'])] as const;
  };
  const currentAt = async (region: string, key: string) => {
    const listed = await Array.fromAsync(world.bucket(region).reader.list(`${world.system}/${key}/`));
    return selectCurrentFingerprint(
      listed.map((one) => one.key),
      world.system,
      key,
      AFTER_ALL_RUNS,
    );
  };
  const run = (at: string) => `20261121T${at}Z-abcdef`;

  // Which of two random fingerprints is the greater is chance: in one of two directions it is the wrong one.
  test.each(['turned', 'turned-too'])('leaves as current what was so at the end, and so does one that takes it back (%s)', async (name) => {
    const [first, second] = await putTwo(name);
    const escrow = async (secretVersion: string, id: string) =>
      (await escrowVersion({ key: name, secretVersion, run: id }, world.escrowPorts())).fingerprint;
    await escrow(first, run('030000'));
    await makeCurrent(name, second, first);
    const fingerprint = await escrow(second, run('030000'));
    for (const region of [HOME, REPLICA]) expect(await currentAt(region, name)).toBe(fingerprint);

    await escrow(second, run('040000'));
    await makeCurrent(name, first, second);
    const back = await escrow(first, run('040000'));
    for (const region of [HOME, REPLICA]) expect(await currentAt(region, name)).toBe(back);
    const before = await statesAt(HOME, name);
    await escrow(first, run('040000'));
    expect(await statesAt(HOME, name)).toEqual(before);
  });

  test('that is taken back before the second version is written down leaves the first as current', async () => {
    const [first, second] = await putTwo('turned-back');
    const ports = world.escrowPorts();
    const version = { key: 'turned-back', run: run('030000') };
    const { fingerprint } = await escrowVersion({ ...version, secretVersion: first }, ports);
    await makeCurrent('turned-back', second, first);
    let isTurned = false;
    const source = {
      ...ports.source,
      read: async (...asked: Parameters<typeof ports.source.read>) => {
        const answer = await ports.source.read(...asked);
        if (!isTurned) await makeCurrent('turned-back', first, second);
        isTurned = true;
        return answer;
      },
    };
    await escrowVersion({ ...version, secretVersion: second }, { ...ports, source });
    for (const region of [HOME, REPLICA]) expect(await currentAt(region, 'turned-back')).toBe(fingerprint);
  });
});
