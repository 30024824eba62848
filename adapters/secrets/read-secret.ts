import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientConfig } from '../aws/settings.ts';

/** The text of a secret; undefined when it cannot be read, or is not text. */
export async function readSecret(name: string): Promise<string | undefined> {
  const client = new SecretsManagerClient(clientConfig({}));
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId: name })).catch(() => undefined))?.SecretString;
  } finally {
    client.destroy();
  }
}
