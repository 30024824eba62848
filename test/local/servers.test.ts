import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { freshBucket, freshDatabase, rootS3 } from '../helpers/servers.ts';

test('the emulator answers over TLS and knows its root', async () => {
  const { endpointUrl, accessKeyId, secretAccessKey, accountId } = inject('emulator');
  const sts = new STSClient({ region: 'eu-central-1', endpoint: endpointUrl, credentials: { accessKeyId, secretAccessKey } });
  expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:iam::${accountId}:root`);
});

test('PostgreSQL accepts verified TLS only', async () => {
  const { host, port, superuser, password, caPath, major } = inject('postgres');
  const client = new Client({ host, port, user: superuser, password, database: 'postgres', ssl: { ca: readFileSync(caPath, 'utf8') } });
  await client.connect();
  const { rows } = await client.query<{ ssl: boolean; version: string }>(
    `select ssl, current_setting('server_version') as version from pg_stat_ssl where pid = pg_backend_pid()`,
  );
  expect(rows[0]?.ssl).toBe(true);
  expect(Number.parseInt(rows[0]?.version ?? '', 10)).toBe(major);
  await client.end();
  const plain = new Client({ host, port, user: superuser, password, database: 'postgres', ssl: false });
  await expect(plain.connect()).rejects.toThrow(/no encryption/);
});

test('a fresh database is reachable by psql with a verified certificate', async () => {
  const database = await freshDatabase();
  const { stdout } = await promisify(execFile)(join(database.binDir, 'psql'), ['-Atc', 'select current_database()'], {
    env: database.libpq,
  });
  expect(stdout.trim()).toBe(database.database);
  await database.drop();
});

test('a fresh bucket keeps versions and can be locked', async () => {
  const bucket = await freshBucket({ objectLock: true });
  const s3 = rootS3();
  const put = await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: 'a',
      Body: 'b',
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: new Date(Date.now() + 86_400_000),
    }),
  );
  await expect(s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a', VersionId: put.VersionId }))).rejects.toThrow();
});
