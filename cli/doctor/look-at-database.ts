import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Signer } from '@aws-sdk/rds-signer';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { connectToSource } from '../../adapters/postgres/connection.ts';
import { inspectDatabase } from '../../adapters/postgres/doctor.ts';
import { SecretUnusable } from '../../adapters/postgres/errors.ts';
import { resolveLogin } from '../../adapters/postgres/source.ts';
import type { DatabaseFacts } from '../../core/doctor/facts.ts';
import type { PostgresAsset } from '../../core/plan/schema.ts';
import type { Connection } from '../connection.ts';
import { translated } from '../machines/aws-errors.ts';

export type LookedAt = { facts: DatabaseFacts; /** `host:port/database` */ at: string };

export type LookParts = {
  asset: PostgresAsset;
  region: string;
  connection: Connection;
  environment: Record<string, string | undefined>;
  /** The role to judge, when it is not the one that logs in. */
  role: string | undefined;
};

/** Logs in as the dump task does, with the plan's secret, from this machine; reads catalogs in one read-only transaction. */
export async function lookAtDatabase({ asset, region, connection, environment, role }: LookParts): Promise<LookedAt> {
  const { source } = asset;
  const settings = connection.settings(region);
  const client = new SecretsManagerClient(clientConfig(settings));
  const answer = await translated(`Reading the secret ${source.secret}`, connection.where, () =>
    client.send(new GetSecretValueCommand({ SecretId: source.secret })),
  ).finally(() => client.destroy());
  if (answer.SecretString === undefined) throw new SecretUnusable(source.secret, 'it holds bytes, not text');
  const login = await resolveLogin({
    source,
    secretText: answer.SecretString,
    rdsBundlePath: environment['RDS_CA_BUNDLE'],
    signRdsToken: ({ host, port, user }) => new Signer({ hostname: host, port, username: user, region }).getAuthToken(),
  });
  const database = await connectToSource(login, 'holdfast doctor');
  try {
    return { facts: await inspectDatabase(database, { readerName: role }), at: `${login.host}:${login.port}/${login.database}` };
  } finally {
    await database.end();
  }
}
