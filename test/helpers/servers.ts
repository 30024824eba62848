/** What a suite takes for itself from the servers of this run: a database, a bucket, settings for clients. */
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client, type BucketLocationConstraint } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { inject } from 'vitest';
import { clientConfig, type AwsSettings } from '../../adapters/aws/settings.ts';

export const TEST_REGION = 'eu-central-1';

/** Six characters that no other suite of this run has. */
export const uniqueSuffix = () => randomBytes(3).toString('hex');

/** Settings of the emulator's root; for `clientConfig` or anything that takes `AwsSettings`. */
export function rootSettings(region: string = TEST_REGION): Required<Omit<AwsSettings, 'isBulk'>> {
  const { endpointUrl, accessKeyId, secretAccessKey } = inject('emulator');
  return { region, endpointUrl, credentials: { accessKeyId, secretAccessKey } };
}

export const rootS3 = (region: string = TEST_REGION) => new S3Client({ ...clientConfig(rootSettings(region)), forcePathStyle: true });

export type FreshBucketOptions = { objectLock?: boolean; region?: string; name?: string };

/** A versioned bucket with nothing in it. Nobody deletes it: the emulator forgets everything when the run ends. */
export async function freshBucket(options: FreshBucketOptions = {}): Promise<string> {
  const { region = TEST_REGION, objectLock = false } = options;
  const bucket = `${options.name ?? 'test'}-${uniqueSuffix()}`;
  const s3 = rootS3(region);
  const location = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } };
  await s3.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: objectLock, ...location }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  s3.destroy();
  return bucket;
}

export type FreshDatabase = {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** PEM of the authority that the server's certificate comes from. */
  ca: string;
  caPath: string;
  binDir: string;
  major: number;
  /** A connected client; closed by `drop`. */
  connect(as?: { user: string; password: string }): Promise<Client>;
  /** The environment that makes libpq programs connect as the superuser. */
  libpq: Record<string, string>;
  drop(): Promise<void>;
};

/** An empty database of the test server, owned by the superuser. @param encoding the server's own when there is none */
export async function freshDatabase(name = 'test', encoding?: string): Promise<FreshDatabase> {
  const { host, port, superuser, password, caPath, binDir, major } = inject('postgres');
  const ca = readFileSync(caPath, 'utf8');
  const database = `${name}_${uniqueSuffix()}`;
  const clients: Client[] = [];
  const open = async (to: string, as: { user: string; password: string }) => {
    const client = new Client({ host, port, ...as, database: to, ssl: { ca } });
    // A test that ends the server's side of a connection on purpose must not fail by an event that nobody listens to.
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const root = { user: superuser, password };
  const maintenance = await open('postgres', root);
  await maintenance.query(
    `CREATE DATABASE ${database}${encoding === undefined ? '' : ` TEMPLATE template0 LOCALE 'C' ENCODING '${encoding}'`}`,
  );
  return {
    host,
    port,
    user: superuser,
    password,
    database,
    ca,
    caPath,
    binDir,
    major,
    async connect(as = root) {
      const client = await open(database, as);
      clients.push(client);
      return client;
    },
    libpq: {
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: superuser,
      PGPASSWORD: password,
      PGDATABASE: database,
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: caPath,
    },
    async drop() {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      await maintenance.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
      await maintenance.end();
    },
  };
}

/** A superuser's client of any database of the test server; the caller ends it. */
export async function connectToTestServer(database: string): Promise<Client> {
  const { host, port, superuser, password, caPath } = inject('postgres');
  const client = new Client({ host, port, user: superuser, password, database, ssl: { ca: readFileSync(caPath, 'utf8') } });
  // A database that is dropped ends the sessions in it, also one that a failed test has not ended.
  client.on('error', () => {});
  await client.connect();
  return client;
}
