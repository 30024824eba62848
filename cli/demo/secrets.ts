import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientConfig } from '../../adapters/aws/settings.ts';
import type { Asset, ProtectionPlan } from '../../core/plan/schema.ts';
import { restoreLoginOf } from '../../core/restore/restore-login.ts';
import { placeIn, rootSettings, type LocalPlace } from '../../local/run/place.ts';
import type { SourceSecret } from './own-source.ts';

/** `login` is that of dumps, `restoreLogin` that of restores. */
export type SecretValues = { login: SourceSecret; restoreLogin: SourceSecret; keyHex: string };

/**
 * The secrets that the plan names, as its users have them before Holdfast comes: the database's logins, and every key. In the second
 * region there are those that restores log in with, as where the plan's owner has them replicated.
 */
export async function createSecrets(plan: ProtectionPlan, place: LocalPlace, values: SecretValues): Promise<void> {
  const secrets = new Map(plan.assets.flatMap((asset) => secretsOf(asset, values)));
  const logins = new Set(plan.assets.flatMap((asset) => (asset.kind === 'postgres' ? [restoreLoginOf(asset).secret] : [])));
  for (const region of [plan.home.region, plan.replica.region]) {
    const client = new SecretsManagerClient(
      clientConfig(rootSettings(region === plan.home.region ? place : placeIn(place, plan.replica.account), region)),
    );
    for (const [Name, SecretString] of secrets)
      if (region === plan.home.region || logins.has(Name)) await client.send(new CreateSecretCommand({ Name, SecretString }));
    client.destroy();
  }
  await createParameters(plan, place, values);
}

async function createParameters(plan: ProtectionPlan, place: LocalPlace, { keyHex }: SecretValues): Promise<void> {
  const client = new SSMClient(clientConfig(rootSettings(place, plan.home.region)));
  for (const asset of plan.assets)
    if (asset.kind === 'key' && asset.source.parameter !== undefined) {
      const { parameter: Name, field } = asset.source;
      await client.send(new PutParameterCommand({ Name, Value: keyValue(field, keyHex), Type: 'SecureString' }));
    }
  client.destroy();
}

function secretsOf(asset: Asset, { login, restoreLogin, keyHex }: SecretValues): [name: string, text: string][] {
  if (asset.kind === 'key') return asset.source.secret === undefined ? [] : [[asset.source.secret, keyValue(asset.source.field, keyHex)]];
  return [
    ...(asset.restore ? [[asset.restore.secret, JSON.stringify(restoreLogin)] satisfies [string, string]] : []),
    [asset.source.secret, JSON.stringify(login)],
  ];
}

const keyValue = (field: string | undefined, keyHex: string) => (field === undefined ? keyHex : JSON.stringify({ [field]: keyHex }));
