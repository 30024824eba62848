import { KMSClient } from '@aws-sdk/client-kms';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { readManifest } from '../../adapters/vault/read-records.ts';
import { envelopeContext } from '../../core/escrow/contract.ts';
import { escrowBucketName, functionName, taskRoleName, vaultBucketName } from '../../core/names.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { escrowPrefix } from '../../core/vault/keys.ts';
import { rootSettings, type LocalPlace } from '../../local/run/place.ts';
import { roleAssumer } from '../../local/run/roles.ts';
import { attack, type AttackOutcome, type Spoils } from './attack.ts';

/** The two roles that an attacker would like best: the one that reads the database, and the one that may change locks. */
export async function playAttacker(
  plan: ProtectionPlan,
  place: LocalPlace,
  target: { asset: string; point: string; key: string },
  now: Date,
): Promise<AttackOutcome[]> {
  const { system } = plan;
  const spoils = await findSpoils(plan, place, target);
  const roles = [
    { role: 'dump', name: taskRoleName(system, target.asset, 'dump') },
    { role: 'lock', name: functionName(system, 'lock/lock-objects') },
  ];
  const outcomes: AttackOutcome[] = [];
  for (const { role, name } of roles) {
    const credentials = await roleAssumer(place)(`arn:aws:iam::${place.accountId}:role/${name}`, 'attacker');
    const settings = { region: place.region, endpointUrl: place.endpointUrl, credentials };
    const kms = new KMSClient(clientConfig(settings));
    const { client: s3 } = openBucket(spoils.vault, settings, {});
    outcomes.push(...(await attack({ role, s3, kms }, spoils, now)));
  }
  return outcomes;
}

/** What is worth attacking, found with the account's root: the attacker is given every name. */
async function findSpoils(
  { system, home }: ProtectionPlan,
  place: LocalPlace,
  target: { asset: string; point: string; key: string },
): Promise<Spoils> {
  const at = { system, account: place.accountId, region: home.region };
  const vault = openBucket(vaultBucketName(at), rootSettings(place), {}).reader;
  const escrow = openBucket(escrowBucketName(at), rootSettings(place), {}).reader;
  const { manifest, key, versionId } = await readManifest(vault, { system, ...target });
  const dump = manifest.objects.find(({ role }) => role === 'dump' || role === 'rest');
  let envelopeKey = '';
  for await (const object of escrow.list(escrowPrefix(system, target.key))) if (object.key.includes('/envelope')) envelopeKey = object.key;
  const envelope = await escrow.get({ key: envelopeKey });
  if (!dump || !envelope) throw new TypeError('The demo attacks a committed point and an escrowed key');
  return {
    vault: vault.bucket,
    escrowBucket: escrow.bucket,
    dump,
    manifest: { key, versionId },
    envelopeKey,
    envelope: envelope.body,
    envelopeContext: envelopeContext(system, target.key),
  };
}
