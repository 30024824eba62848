/** Keys of tests, and ways to look at what escrow has of them. */
import { randomBytes } from 'node:crypto';
import { envelopeOpener } from '../../../adapters/escrow/envelope.ts';
import { openEscrowedKey } from '../../../adapters/escrow/open-envelope.ts';
import { fingerprintMessage } from '../../../core/escrow/fingerprint.ts';
import { valuePrefix } from '../../../core/vault/keys.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { AFTER_ALL_RUNS, type EscrowWorld } from './escrow-world.ts';

/** A run of each day. */
export const runOf = (day: number) => `202611${String(day).padStart(2, '0')}T020000Z-abc123`;

/** A key with a value, which is in its source and not in escrow yet. */
export async function keyInSource(at: EscrowWorld, key: string) {
  const value = randomBytes(32).toString('hex');
  at.keys[key] = { secret: `${at.system}/${key}` };
  const secretVersion = await at.putSecret(key, value);
  const escrow = (day: number, ports = at.escrowPorts()) => escrowVersion({ key, secretVersion, run: runOf(day) }, ports);
  const look = (place: 'vault' | 'replica', fingerprint: string, day: number) =>
    readBack({ key, fingerprint, run: runOf(day), place }, at.readBackPorts());
  const namesAt = async (region: string, fingerprint: string) =>
    (await Array.fromAsync(at.bucket(region).reader.list(valuePrefix(at.system, key, fingerprint)))).map((one) =>
      one.key.slice(valuePrefix(at.system, key, fingerprint).length),
    );
  const envelopesAt = async (region: string, fingerprint: string) =>
    (await namesAt(region, fingerprint)).filter((name) => name.startsWith('envelope'));
  const recover = async (region: string, fingerprint: string) => {
    const opener = envelopeOpener(at.kms(at.roles.readBack), at.escrowAliasArn(region));
    const { reader } = at.bucket(region, at.roles.readBack);
    return Buffer.from(
      await openEscrowedKey({
        now: AFTER_ALL_RUNS,
        system: at.system,
        key,
        fingerprint,
        reader,
        opener,
        escrowKeyArn: at.escrowAliasArn(region),
      }),
    ).toString();
  };
  return { key, value, escrow, look, namesAt, envelopesAt, recover };
}
/** The value's name in escrow, before anything of it is written. */
export async function nameOf(world: EscrowWorld, { key, value }: { key: string; value: string }): Promise<string> {
  const { fingerprinter } = world.escrowPorts();
  return (await fingerprinter.fingerprint(fingerprintMessage(world.system, key, Buffer.from(value)))).fingerprint;
}
