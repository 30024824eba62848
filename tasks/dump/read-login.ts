/** The login to the source: its secret, and a token of RDS where the plan says so, fetched under the role of the task. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Signer } from '@aws-sdk/rds-signer';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { SecretUnavailable, SecretUnusable } from '../../adapters/postgres/errors.ts';
import { resolveLogin } from '../../adapters/postgres/source.ts';
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import type { PostgresSource } from '../../core/plan/schema.ts';

export async function readLogin(source: PostgresSource, rdsBundlePath: string | undefined): Promise<SourceLogin> {
  return resolveLogin({
    source,
    secretText: await readSecret(source.secret),
    rdsBundlePath,
    signRdsToken: ({ host, port, user }) => new Signer({ hostname: host, port, username: user }).getAuthToken(),
  });
}

/** Answers that another try would only repeat. */
const FINAL = new Set([
  'AccessDeniedException',
  'ResourceNotFoundException',
  'InvalidRequestException',
  'InvalidParameterException',
  'DecryptionFailure',
]);

async function readSecret(name: string): Promise<string> {
  const client = new SecretsManagerClient(clientConfig({}));
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
    if (SecretString === undefined) throw new SecretUnusable(name, 'it holds bytes, not text');
    return SecretString;
  } catch (error) {
    if (error instanceof SecretUnusable) throw error;
    const answer = error instanceof Error ? error.name : 'nothing';
    throw FINAL.has(answer) ? new SecretUnusable(name, `Secrets Manager answered ${answer}`) : new SecretUnavailable(name, answer);
  } finally {
    client.destroy();
  }
}
