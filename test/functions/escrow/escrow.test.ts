import { beforeAll, describe, expect, inject, test } from 'vitest';
import { openEscrowedKey } from '../../../adapters/escrow/open-envelope.ts';
import { envelopeOpener } from '../../../adapters/escrow/envelope.ts';
import { envelopeKey } from '../../../core/vault/keys.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { listVersions } from '../../../functions/escrow/list-versions.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

const RUN = '20261121T020000Z-abc123';
const request = (input: unknown) => ({ input, execution: 'arn:aws:states:x:execution:1', startedAt: '2026-11-21T02:00:00Z' });

let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
});

describe('escrow of a key, whole', () => {
  test('two versions are listed, escrowed, and read back in both regions', async () => {
    const first = await world.putSecret('wallet', JSON.stringify({ WALLET_ENCRYPTION_KEY: 'a1'.repeat(32) }));
    const second = await world.putSecret('wallet', JSON.stringify({ WALLET_ENCRYPTION_KEY: 'b2'.repeat(32) }));
    world.keys['wallet-key'] = { secret: `${world.system}/wallet`, field: 'WALLET_ENCRYPTION_KEY' };
    const listed = await listVersions(request({}), world.listPorts());
    expect(listed.versions.map((v) => v.secretVersion).sort()).toEqual([first, second].sort());
    for (const version of listed.versions) {
      const escrowed = await escrowVersion(version, world.escrowPorts());
      expect(escrowed.created).toBe(true);
      for (const place of ['vault', 'replica'] as const) {
        const fact = await readBack({ ...escrowed, place }, world.readBackPorts());
        expect(fact.region).toBe(place === 'vault' ? HOME : REPLICA);
      }
      const again = await escrowVersion(version, world.escrowPorts());
      expect(again).toEqual({ ...escrowed, created: false });
    }
  });
});
