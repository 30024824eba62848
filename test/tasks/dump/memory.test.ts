/** Memory of the tasks does not grow with the database: measured on the whole process tree, as the limit of a Fargate task would be. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshBucket, freshDatabase } from '../../helpers/servers.ts';
import { peakMemoryMiB } from '../../helpers/tree-memory.ts';
import type { DumpTask } from './run-dump-task.ts';
import { startTask, storeSecret } from './run-dump-task.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const DATABASE_MIB = isSoak ? 2048 : 48;
const LIMIT_MIB = isSoak ? 512 : 320;
/** Promised, at two workers, whatever the size of the database. */
const SEGMENTED_LIMIT_MIB = 256;

async function peakOf(task: DumpTask): Promise<number> {
  const peak = await peakMemoryMiB(task.pid, task.ended);
  const { exitCode, output } = await task.ended;
  expect(exitCode, output).toBe(0);
  return peak;
}

let source: FreshDatabase;
beforeAll(async () => {
  source = await freshDatabase('memory');
  // Rows that stay in the table and compress badly: as many bytes as can be on their way to the vault at once.
  await (
    await source.connect()
  ).query(`CREATE UNLOGGED TABLE pattern AS SELECT string_agg(md5((i * 100 + j)::text), '') AS text
      FROM generate_series(1, 2048) i, generate_series(1, 60) j GROUP BY i;
    CREATE TABLE big AS SELECT n, text FROM pattern, generate_series(1, ${DATABASE_MIB / 4}) n`);
}, 600_000);
afterAll(() => source.drop());

describe(`memory of the tasks on a database of ${DATABASE_MIB} MiB`, () => {
  it.each(isSoak ? (['custom', 'plain', 'segmented'] as const) : (['custom', 'segmented'] as const))(
    '%s stays under the limit',
    async (format) => {
      const { host, port, database: dbname, user: username, password, ca } = source;
      const settings = { bucket: await freshBucket(), secret: await storeSecret({ host, port, dbname, username, password, ca }) };
      const plan = { format, workers: 2, compression: { method: 'gzip', level: 1 } } as const;
      const dumpMiB = await peakOf(startTask('dump', { ...settings, plan }));
      const verifyMiB = await peakOf(startTask('verify', { ...settings, plan }));
      process.stdout.write(`${format}: dump ${Math.round(dumpMiB)} MiB, verify ${Math.round(verifyMiB)} MiB of memory at most\n`);
      expect(dumpMiB).toBeGreaterThan(20);
      expect(dumpMiB).toBeLessThan(format === 'segmented' ? SEGMENTED_LIMIT_MIB : LIMIT_MIB);
      expect(verifyMiB).toBeLessThan(LIMIT_MIB);
    },
  );
});
