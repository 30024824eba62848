/** What a dump needs, on the real servers of this run. */
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresFailed } from '../../../adapters/postgres/errors.ts';
import { findProgram } from '../../../adapters/postgres/programs.ts';
import type { SourceLogin } from '../../../adapters/postgres/source.ts';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { PostgresAsset } from '../../../core/plan/schema.ts';
import type { DumpPorts } from '../../../tasks/dump/dump-point.ts';
import { describeEnd } from '../../../tasks/run-task.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshBucket, rootS3, rootSettings } from '../../helpers/servers.ts';

export const POINT = '20260601T020000Z';

/** So that the tables of a test have several segments each. */
export const SMALL_SEGMENTS = {
  tables: { tableBytes: 64 * 1024, leastTableBytes: 64 * 1024 },
  segments: { leastBytes: 256 * 1024, mostBytes: 256 * 1024 },
};

type DeepPartial<T> = { [K in keyof T]?: T[K] extends object ? DeepPartial<T[K]> : T[K] };

export const assetPlan = (dump: DeepPartial<PostgresAsset['dump']> = {}, over: object = {}): PostgresAsset =>
  PostgresAsset.parse({
    id: 'db',
    kind: 'postgres',
    objectives: { rpo: 'P1D', rto: 'PT1H' },
    source: { secret: 'test/db', ca: 'secret', postgresMajor: 15 },
    dump,
    schedule: { cron: '0 2 * * ? *' },
    retention: { hot: 'P30D' },
    lock: { length: 'P14D', longestDetection: 'P7D' },
    drill: { schedule: { cron: '0 4 1 * ? *' }, period: 'P1M', checks: [{ name: 'rows', sql: 'SELECT count(*) FROM t', expect: 1 }] },
    ...over,
  });

export const loginTo = (database: FreshDatabase, over: Partial<SourceLogin> = {}): SourceLogin => ({
  host: database.host,
  port: database.port,
  database: database.database,
  user: database.user,
  password: database.password,
  tls: { mode: 'verify-full', ca: database.ca },
  ...over,
});

export type TestPorts = DumpPorts & {
  bucket: string;
  scratchDir: string;
  reader: ReturnType<typeof openBucket>['reader'];
  cleanUp: () => void;
};

export async function testPorts(login: SourceLogin, binDir: string, over: Partial<DumpPorts> = {}): Promise<TestPorts> {
  const bucket = await freshBucket({ name: 'vault' });
  const scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-test-scratch-'));
  const { writer, reader } = openBucket(bucket, rootSettings(), { AWS_ENDPOINT_URL: rootSettings().endpointUrl });
  const path = `${binDir}:/usr/bin:/bin`;
  return {
    bucket,
    reader,
    vault: writer,
    escrow: reader,
    login,
    pgDump: await findProgram('pg_dump', path),
    searchPath: path,
    scratchDir,
    holdfastVersion: '0.0.0-test',
    now: () => new Date(),
    monotonicMilliseconds: () => performance.now(),
    report: () => undefined,
    signal: new AbortController().signal,
    cleanUp: () => rmSync(scratchDir, { recursive: true, force: true }),
    ...over,
  };
}

export const dumpRequest = (dump: Parameters<typeof assetPlan>[0] = {}, attempt = '0001-1') => ({
  system: 'sys',
  asset: assetPlan(dump),
  point: POINT,
  attempt,
});

/** No manifest, no file left in the scratch directory, no unfinished upload: what must hold after every failure. */
export async function leftovers(
  bucket: string,
  scratchDir: string,
): Promise<{ manifests: string[]; scratch: string[]; uploads: string[] }> {
  const { reader } = openBucket(bucket, rootSettings(), { AWS_ENDPOINT_URL: rootSettings().endpointUrl });
  const manifests: string[] = [];
  for await (const { key } of reader.listVersions('catalog/')) manifests.push(key);
  const s3 = rootS3();
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  s3.destroy();
  return { manifests, scratch: readdirSync(scratchDir), uploads: Uploads.map((upload) => upload.Key ?? '') };
}
export const NOTHING = { manifests: [], scratch: [], uploads: [] };

/** The failure of a dump that must fail, as a task would tell it. */
export async function failureOf(
  dump: Promise<unknown>,
): Promise<{ failure: string; message: string; advice: string; sqlstate?: string | undefined; object?: string | undefined }> {
  try {
    await dump;
  } catch (error) {
    const { sqlstate, object } = error instanceof PostgresFailed ? error : {};
    return { ...describeEnd(error), ...(sqlstate ? { sqlstate } : {}), ...(object ? { object } : {}) };
  }
  throw new Error('the dump succeeded, and should have failed');
}
