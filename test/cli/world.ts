/** A system in the emulator with buckets under their computed names, and points in them that were really dumped. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { addToCrc32, encodeCrc32 } from '../../adapters/s3/crc.ts';
import { escrowBucketName, replicaBucketName, vaultBucketName } from '../../core/names.ts';
import type { Fact } from '../../core/vault/facts.ts';
import { attemptPrefix, factKey, manifestKey } from '../../core/vault/keys.ts';
import type { Manifest, StoredObject } from '../../core/vault/manifest.ts';
import { freshDatabase, rootSettings, uniqueSuffix } from '../helpers/servers.ts';

export const HOME = 'eu-central-1';
export const REPLICA = 'eu-west-1';
const IDA = fileURLToPath(new URL('../../plans/ida.yaml', import.meta.url));
const run = promisify(execFile);

export type World = Awaited<ReturnType<typeof makeWorld>>;

export async function makeWorld() {
  const { accountId, endpointUrl } = inject('emulator');
  const system = `cli-${uniqueSuffix()}`;
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
  const plan = join(directory, 'plan.yaml');
  writeFileSync(
    plan,
    readFileSync(IDA, 'utf8')
      .replace(/^system: ida$/m, `system: ${system}`)
      .replaceAll('ida/', `${system}/`),
  );
  const home = { system, account: accountId, region: HOME };
  const second = { system, account: accountId, region: REPLICA };
  const open = async (bucket: string, region: string) => {
    const opened = openBucket(bucket, rootSettings(region), { AWS_ENDPOINT_URL: endpointUrl });
    const place = { CreateBucketConfiguration: { LocationConstraint: region as typeof HOME } };
    await opened.client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true, ...place }));
    await opened.client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const rule = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 2 } } } as const;
    await opened.client.send(new PutObjectLockConfigurationCommand({ Bucket: bucket, ObjectLockConfiguration: rule }));
    return { ...opened, bucket };
  };
  return {
    system,
    plan,
    vault: await open(vaultBucketName(home), HOME),
    replica: await open(replicaBucketName(second), REPLICA),
    escrow: await open(escrowBucketName(home), HOME),
    replicaEscrow: await open(escrowBucketName(second), REPLICA),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

/** An archive of a small database, by the programs of the test server. */
export async function dumpSmallDatabase(): Promise<{ archive: Uint8Array; version: string }> {
  const database = await freshDatabase('cli');
  try {
    const client = await database.connect();
    await client.query(`CREATE TABLE users AS SELECT n AS id, 'user ' || n AS name FROM generate_series(1, 500) n`);
    const env = { ...database.libpq, PATH: process.env['PATH'] };
    const program = join(database.binDir, 'pg_dump');
    const { stdout } = await run(program, ['--format=custom'], { env, encoding: 'buffer', maxBuffer: 2 ** 24 });
    const { stdout: version } = await run(program, ['--version']);
    return { archive: stdout, version: /(\d+(\.\d+)?)/.exec(version)?.[1] ?? '' };
  } finally {
    await database.drop();
  }
}

/** Commits a point as the dump task does: the bytes, then the manifest. */
export async function commitPoint(
  { vault, system }: World,
  point: string,
  { archive, version }: { archive: Uint8Array; version: string },
  keys = [{ key: 'wallet-encryption-key', fingerprint: 'ab'.repeat(32) }],
): Promise<Manifest> {
  const key = `${attemptPrefix(system, 'postgres', point, '0001-1')}dump-00001`;
  const { versionId } = await vault.writer.putOnce(key, archive);
  const object: StoredObject = {
    role: 'dump',
    key,
    versionId,
    sizeBytes: archive.length,
    sha256: createHash('sha256').update(archive).digest('hex'),
    crc: { algorithm: 'CRC32', value: encodeCrc32(addToCrc32(archive)) },
  };
  const manifest: Manifest = {
    format: 'holdfast/manifest/v1',
    system,
    asset: 'postgres',
    point,
    slot: point,
    attempt: '0001-1',
    startedAt: '2026-11-21T02:00:00.000Z',
    consistentAt: '2026-11-21T02:00:05.000Z',
    finishedAt: '2026-11-21T02:01:00.000Z',
    source: {
      engine: 'postgres',
      version,
      database: 'ida',
      encoding: 'UTF8',
      collate: 'C',
      ctype: 'C',
      localeProvider: 'c',
      sizeBytes: 9_000_000,
      extensions: [],
    },
    dump: { format: 'custom', compression: 'gzip', options: [] },
    tools: { holdfast: '0.1.0', pgDump: version, node: '24.0.0' },
    objects: [object],
    keys,
  };
  await vault.writer.putOnce(manifestKey(system, 'postgres', point), JSON.stringify(manifest));
  return manifest;
}

type OwnFields<F> = F extends Fact ? Omit<F, 'format' | 'system' | 'asset' | 'point' | 'id'> : never;

export async function addFact({ vault, system }: World, point: string, id: string, own: OwnFields<Fact>): Promise<void> {
  const fact = { format: 'holdfast/fact/v1', system, asset: 'postgres', point, id, ...own };
  await vault.writer.putOnce(factKey(system, 'postgres', point, own.kind, id), JSON.stringify(fact));
}
