/** Memory of a restore does not grow with the database, and of its rows nothing is on the disk. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectToTestServer, freshBucket, freshDatabase, type FreshDatabase } from '../../../helpers/servers.ts';
import { peakMemoryMiB } from '../../../helpers/tree-memory.ts';
import { startTask, storeSecret } from '../../dump/run-dump-task.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const DATABASE_MIB = isSoak ? 2048 : 96;
const LIMIT_MIB = 256;
const DISK_LIMIT_BYTES = 1024 ** 2;
const RESTORED = 'restored_in_little_memory';

let source: FreshDatabase;
beforeAll(async () => {
  source = await freshDatabase('memory');
  const client = await source.connect();
  await client.query(`DROP DATABASE IF EXISTS ${RESTORED} WITH (FORCE)`);
  await client.query(`CREATE UNLOGGED TABLE pattern AS SELECT string_agg(md5((i * 100 + j)::text), '') AS text
      FROM generate_series(1, 2048) i, generate_series(1, 60) j GROUP BY i;
    CREATE TABLE big AS SELECT n, text FROM pattern, generate_series(1, ${DATABASE_MIB / 4}) n;
    SELECT lo_from_bytea(0, decode(repeat('ab', 20000000), 'hex'))`);
}, 600_000);
afterAll(async () => {
  await source.drop();
  const client = await connectToTestServer('postgres');
  await client.query(`DROP DATABASE IF EXISTS ${RESTORED} WITH (FORCE)`);
  await client.end();
});

it(
  `a restore of ${DATABASE_MIB} MiB stays under ${LIMIT_MIB} MiB of memory and leaves the disk alone`,
  async () => {
    const { host, port, database: dbname, user: username, password, ca } = source;
    const settings = { bucket: await freshBucket(), secret: await storeSecret({ host, port, dbname, username, password, ca }) };
    const plan = { format: 'segmented' } as const;
    expect((await startTask('dump', { ...settings, plan }).ended).exitCode).toBe(0);
    const task = startTask('restore', { ...settings, plan, environment: { DATABASE: RESTORED } });
    let mostOnDisk = 0;
    const looking = setInterval(() => (mostOnDisk = Math.max(mostOnDisk, diskBytes(task.scratchDir))), 50);
    const peakMiB = await peakMemoryMiB(task.pid, task.ended);
    clearInterval(looking);
    const { exitCode, output } = await task.ended;
    expect(exitCode, output).toBe(0);
    process.stdout.write(`restore: ${Math.round(peakMiB)} MiB of memory, ${mostOnDisk} bytes of disk at most\n`);
    expect(peakMiB).toBeGreaterThan(20);
    expect(peakMiB).toBeLessThan(LIMIT_MIB);
    expect(mostOnDisk).toBeGreaterThan(0);
    expect(mostOnDisk).toBeLessThan(DISK_LIMIT_BYTES);
  },
  isSoak ? 900_000 : 120_000,
);

const diskBytes = (directory: string): number =>
  readdirSync(directory, { recursive: true, withFileTypes: true }).reduce((sum, entry) => {
    const found = entry.isFile() ? statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false }) : undefined;
    return sum + (found?.size ?? 0);
  }, 0);
