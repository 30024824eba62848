import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientConfig } from '../../adapters/aws/settings.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { rootSettings, type LocalPlace } from '../../local/run/place.ts';
import type { SourceSecret } from './own-source.ts';

/** The secrets that the plan names, as its users have them before Holdfast comes: the database's login, and every key. */
export async function createSecrets(plan: ProtectionPlan, place: LocalPlace, login: SourceSecret, keyHex: string): Promise<void> {
  const client = new SecretsManagerClient(clientConfig(rootSettings(place)));
  const values = new Map(
    plan.assets.map((asset) => [asset.source.secret, asset.kind === 'key' ? keyValue(asset.source.field, keyHex) : JSON.stringify(login)]),
  );
  for (const [Name, SecretString] of values) await client.send(new CreateSecretCommand({ Name, SecretString }));
  client.destroy();
}

const keyValue = (field: string | undefined, keyHex: string) => (field === undefined ? keyHex : JSON.stringify({ [field]: keyHex }));
