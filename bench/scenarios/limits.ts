/** How fast the parts are alone: what no tool on this machine can beat. */
import { createHash, randomBytes } from 'node:crypto';
import { to } from 'pg-copy-streams';
import { connectClient } from '../../adapters/postgres/connection.ts';
import { copyOut, copySocket } from '../../adapters/postgres/copy-out.ts';
import { uploadObject } from '../../adapters/s3/upload-object.ts';
import type { Command } from '../measure/measure.ts';
import { cpuSeconds, loadAverage } from '../measure/processes.ts';
import { LOOPBACK } from '../../local/servers/port.ts';
import { SUPERUSER } from '../servers/postgres.ts';
import { shell } from '../peers/shell.ts';
import type { Bench } from '../peers/peer.ts';
import { PEER_BUCKET } from '../servers/store.ts';
import type { Result } from '../results.ts';
import { measured, type Measuring } from './run-tool.ts';

const SAMPLE_BYTES = 400_000_000;
const MIB = 2 ** 20;
const STREAMS = 4;

export const LIMIT_TITLES: Record<string, string> = {
  'copy-1': '`COPY` of the big table as text, one session',
  'copy-2': 'the same in two sessions over halves of its pages',
  reader: 'our reader of `COPY`, rows thrown away',
  'reader-streams': '`pg-copy-streams`, rows thrown away',
  'pg-dump': '`pg_dump -Fp` to nowhere',
  zstd: '`zstd -1`, one core',
  sha256: 'SHA-256 in Node, one core',
  upload: 'our upload to the S3 server, four streams',
  'upload-1': 'our upload to the S3 server, one stream',
};

export async function measureLimits(bench: Bench, rounds: number, measuring: Measuring): Promise<void> {
  const client = await bench.postgres.connect(bench.database);
  const [size] = (await client.query<{ pages: number }>(`SELECT pg_relation_size('audit_log') / 8192 AS pages`)).rows;
  const [dumped] = (await client.query<{ bytes: string }>('SELECT sum(length(t::text) + 1) AS bytes FROM audit_log t')).rows;
  await client.end();
  const middle = Math.floor(Number(size?.pages) / 2);
  const textBytes = Number(dumped?.bytes);
  const copy = (where: string) => `psql -X -q "$SOURCE" -c "COPY (SELECT * FROM audit_log ${where}) TO STDOUT" > /dev/null`;
  const halves = `${copy(`WHERE ctid < '(${middle},0)'`)} & ${copy(`WHERE ctid >= '(${middle},0)'`)} & wait`;
  const command = (name: string, script: string): Command => shell(bench, name, script);
  const sample = `psql -X -q "$SOURCE" -c "COPY audit_log TO STDOUT" | head -c ${SAMPLE_BYTES} > "$SCRATCH/sample" || true`;
  const sampleBytes = Math.min(SAMPLE_BYTES, textBytes);
  const silent = { ...measuring, say: () => undefined };
  await measured(bench, 'sample', 'limit', command('sample', sample), silent);
  for (let round = 1; round <= rounds; round++) {
    const save = async (name: string, bytes: number, script: string) =>
      measuring.save({ ...(await measured(bench, name, 'limit', command(name, script), measuring)), bytes });
    await save('copy-1', textBytes, copy(''));
    await save('copy-2', textBytes, halves);
    measuring.save(await inThisProcess('reader', textBytes, measuring, () => readOurselves(bench)));
    measuring.save(await inThisProcess('reader-streams', textBytes, measuring, () => readByStreams(bench)));
    await save('pg-dump', textBytes, 'pg_dump -Fp "$SOURCE" > /dev/null');
    await save('zstd', sampleBytes, 'zstd -q -1 -T1 -c "$SCRATCH/sample" > /dev/null');
    measuring.save(await inThisProcess('sha256', SAMPLE_BYTES, measuring, () => hashSample()));
    for (const [name, streams] of [
      ['upload-1', 1],
      ['upload', STREAMS],
    ] as const)
      measuring.save(await inThisProcess(name, SAMPLE_BYTES, measuring, () => uploadSample(bench, streams)));
  }
}

async function inThisProcess(
  of: string,
  bytes: number,
  { scale, say }: Measuring,
  work: () => Promise<void>,
): Promise<Omit<Result, 'run'>> {
  const [loadBefore, cpuBefore, startedAt] = [loadAverage(), cpuSeconds('self').own, performance.now()];
  await work();
  const wallSeconds = (performance.now() - startedAt) / 1000;
  say(`  limit ${of}: ${wallSeconds.toFixed(1)} s`);
  return { work: 'limit', of, scale, wallSeconds, toolCpuSeconds: cpuSeconds('self').own - cpuBefore, loadBefore, bytes };
}

const COPY_BIG_TABLE = 'COPY (SELECT * FROM audit_log) TO STDOUT';

async function readOurselves({ postgres, database }: Bench): Promise<void> {
  const login = {
    host: LOOPBACK,
    port: postgres.port,
    database,
    user: SUPERUSER,
    password: '',
    tls: { mode: 'disable' as const, ca: undefined },
  };
  const { client, endedBy } = await connectClient(login, 'bench', copySocket);
  await copyOut(client, { tried: 'read the big table', sql: COPY_BIG_TABLE, take: () => undefined, endedBy });
  await client.end();
}

async function readByStreams({ postgres, database }: Bench): Promise<void> {
  const client = await postgres.connect(database);
  for await (const _ of client.query(to(COPY_BIG_TABLE)));
  await client.end();
}

function hashSample(): Promise<void> {
  const chunk = randomBytes(MIB);
  const hash = createHash('sha256');
  for (let done = 0; done < SAMPLE_BYTES; done += MIB) hash.update(chunk);
  hash.digest();
  return Promise.resolve();
}

async function uploadSample({ store }: Bench, streams: number): Promise<void> {
  const chunk = randomBytes(MIB);
  async function* chunks() {
    for (let done = 0; done < SAMPLE_BYTES / streams; done += MIB) yield chunk;
  }
  const names = Array.from({ length: streams }, (_, index) => `limit/${index}`);
  await Promise.all(names.map((key) => uploadObject(store.client, PEER_BUCKET, key, chunks(), { partBytes: 16 * MIB })));
  await store.wipe(PEER_BUCKET, 'limit/');
}
