/** What a dump needs, on the real servers of this run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../../adapters/postgres/programs.ts';
import type { SourceLogin } from '../../../adapters/postgres/source.ts';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { PostgresAsset } from '../../../core/plan/schema.ts';
import type { DumpPorts } from '../../../tasks/dump/dump-point.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshBucket, rootSettings } from '../../helpers/servers.ts';

export const POINT = '20260601T020000Z';

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
