import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { KeyNotRecoverable } from '../../core/escrow/errors.ts';
import { sealingId } from '../../core/escrow/sealing.ts';
import { HoldfastError } from '../../core/failure/error.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';
import { kmsError } from './kms-errors.ts';

/** A KMS client per region: the keys of an envelope stand in two. */
export type KmsOfRegion = (region: string) => KMSClient;

export function kmsClients(settings: Omit<AwsSettings, 'region'> = {}): KmsOfRegion {
  const clients = new Map<string, KMSClient>();
  return (region) => {
    const client = clients.get(region) ?? new KMSClient(clientConfig({ ...settings, region }));
    clients.set(region, client);
    return client;
  };
}

/** `arn:aws:kms:<region>:<account>:…` */
export function regionOfArn(arn: string): string {
  const region = arn.split(':')[3];
  if (!region) throw new RangeError(`'${arn}' is not an ARN with a region`);
  return region;
}

/**
 * The key that an alias names now. The Encryption SDK writes the key's own ARN into an envelope and, told an alias, opens nothing;
 * left to discover, it would ask any key that the envelope names. So the alias is resolved first, and that one key is used.
 * @throws KeyNotRecoverable when the key is gone, disabled or about to be deleted
 */
export async function resolveKey(kms: KmsOfRegion, aliasOrKeyArn: string): Promise<string> {
  const tried = `look up the KMS key ${aliasOrKeyArn}`;
  const described = await kms(regionOfArn(aliasOrKeyArn))
    .send(new DescribeKeyCommand({ KeyId: aliasOrKeyArn }))
    .catch((error: unknown) => {
      throw kmsError(error, tried);
    });
  const { Arn, KeyState } = described.KeyMetadata ?? {};
  if (KeyState === 'Disabled') throw new KeyNotRecoverable('key-disabled', `The KMS key ${aliasOrKeyArn} is disabled`);
  if (KeyState === 'PendingDeletion')
    throw new KeyNotRecoverable(
      'key-pending-deletion',
      `The KMS key ${aliasOrKeyArn} will be deleted on ${described.KeyMetadata?.DeletionDate?.toISOString() ?? 'an unknown date'}`,
    );
  if (!Arn) throw new KeyNotRecoverable('key-missing', `KMS did not say which key ${aliasOrKeyArn} names`);
  return Arn;
}

/** Names the pair of keys that seal now; undefined when one of them cannot be looked up, or is no good. Home's ARN first. */
export async function sealingNow(kms: KmsOfRegion, escrowKeyArns: readonly [string, string]): Promise<string | undefined> {
  try {
    const [home, second] = await Promise.all(escrowKeyArns.map((arn) => resolveKey(kms, arn)));
    return home === undefined || second === undefined ? undefined : sealingId(home, second);
  } catch (error) {
    if (error instanceof HoldfastError) return undefined;
    throw error;
  }
}
