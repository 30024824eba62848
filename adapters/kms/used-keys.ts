import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { UsedKey } from '../../core/watch/endangered.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

/**
 * The KMS keys of one region that the system uses, as they are now: its own, by their aliases, and those that its secrets are
 * encrypted with. What cannot be looked at is among them, with why.
 */
export async function readUsedKeys(
  names: { aliases: readonly string[]; secrets: readonly string[] },
  settings: AwsSettings,
): Promise<UsedKey[]> {
  const kms = new KMSClient(clientConfig(settings));
  const secretsManager = new SecretsManagerClient(clientConfig(settings));
  const describe = async (what: string, KeyId: string, alias?: string): Promise<UsedKey> => {
    try {
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
      return { what, alias, arn: KeyMetadata?.Arn, state: KeyMetadata?.KeyState };
    } catch (error) {
      // That a role may not look is no sign of a key in danger; that there is no such key is.
      return isNamed(error, 'NotFoundException') ? { what, alias, problem: 'there is no such key' } : { what, alias };
    }
  };
  const own = await Promise.all(names.aliases.map((alias) => describe(`the key ${alias}`, alias, alias)));
  const ofSecrets = await Promise.all(
    names.secrets.map(async (secret): Promise<UsedKey[]> => {
      try {
        const { KmsKeyId } = await secretsManager.send(new DescribeSecretCommand({ SecretId: secret }));
        // Without one it is the account's own key for secrets, which nobody can disable.
        return KmsKeyId === undefined ? [] : [await describe(`the key of the secret ${secret}`, KmsKeyId)];
      } catch {
        // Its own alarms are those of who reads it.
        return [];
      }
    }),
  );
  kms.destroy();
  secretsManager.destroy();
  return [...own, ...ofSecrets.flat()];
}

const isNamed = (error: unknown, name: string) => error instanceof Error && error.name === name;
