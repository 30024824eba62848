/** The public halves of the keys that sign, asked of KMS in both regions: each signs what is written in its own. */
import { kmsSigner } from '../../adapters/kms/sign.ts';
import { readPublicKeys, type PublicKey } from '../../core/evidence/public-key.ts';
import { keyAlias } from '../../core/names.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import type { Connection } from '../connection.ts';
import { SystemNotDeployed } from '../errors.ts';
import { translated } from '../machines/aws-errors.ts';

export type SigningKey = { region: string; publicKey: PublicKey };
type MissingKey = { region: string; why: string };
export type SigningKeys = {
  keys: SigningKey[];
  /** Regions that gave none, and why: a region that is lost, or whose stack is older, must not keep the other's key from being read. */
  missing: MissingKey[];
};

/** Throws when no region gives a key. */
export async function signingKeys(connection: Connection, plan: ProtectionPlan): Promise<SigningKeys> {
  const alias = keyAlias(plan.system, 'evidence');
  const found: SigningKeys = { keys: [], missing: [] };
  let first: unknown;
  for (const { region } of [plan.home, plan.replica])
    try {
      found.keys.push({ region, publicKey: await signingKey(connection, alias, region) });
    } catch (error) {
      first ??= error;
      found.missing.push({ region, why: error instanceof Error ? error.message : String(error) });
    }
  if (found.keys.length === 0) throw first;
  return found;
}

/** What nobody can be told of a region that gave none: that its signatures do not hold. */
export const explainMissing = ({ region, why }: MissingKey): string =>
  `KMS gave no public key of ${region}: what was signed there is vouched for by nothing here. Give the key that you kept as well (--public-key). Why: ${why}`;

async function signingKey(connection: Connection, alias: string, region: string): Promise<PublicKey> {
  const what = `The key ${alias} in ${region}`;
  const pem = await translated(`Reading the public half of ${alias} in ${region}`, connection.where, () =>
    kmsSigner(alias, connection.settings(region)).publicKeyPem(),
  );
  const [publicKey] = readPublicKeys(pem) ?? [];
  if (!publicKey) throw new SystemNotDeployed(`${what}, for ECDSA over P-256,`, connection.where);
  return publicKey;
}
