/**
 * A restore in a process of its own that kills itself, with SIGKILL, at a chosen place. It is told everything in a file: the
 * password of the test server is no argument.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { openBucket } from '../../../../adapters/s3/bucket.ts';
import { PostgresAsset } from '../../../../core/plan/schema.ts';
import { runRestore } from '../../../../tasks/restore/run-restore.ts';

const KillPoint = z.discriminatedUnion('at', [
  /** So many milliseconds after a report that begins so. */
  z.object({ at: z.literal('report'), begins: z.string(), afterMilliseconds: z.number() }),
  /** After so many bytes of the point since rows began to be loaded. */
  z.object({ at: z.literal('bytes'), bytes: z.number() }),
]);
export type KillPoint = z.infer<typeof KillPoint>;

const Told = z.object({
  order: z.object({
    system: z.string(),
    asset: PostgresAsset,
    point: z.string(),
    run: z.string(),
    database: z.string(),
    scratchDir: z.string(),
    path: z.string(),
  }),
  login: z.custom<Parameters<typeof runRestore>[1]['login']>(),
  bucket: z.string(),
  region: z.string(),
  endpointUrl: z.string(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  kill: KillPoint,
});
export type Told = z.infer<typeof Told>;

const [file = ''] = process.argv.slice(2);
if (file !== '') {
  const { order, login, bucket, region, endpointUrl, credentials, kill } = Told.parse(JSON.parse(readFileSync(file, 'utf8')));
  const die = () => process.kill(process.pid, 'SIGKILL');
  let bytes = Number.NEGATIVE_INFINITY;
  await runRestore(
    order,
    {
      reader: openBucket(bucket, { region, endpointUrl, credentials }, { AWS_ENDPOINT_URL: endpointUrl }).reader,
      login,
      now: () => new Date(),
      report(event) {
        if (event.startsWith('Rows are being loaded')) bytes = 0;
        if (kill.at === 'report' && event.startsWith(kill.begins)) void sleep(kill.afterMilliseconds).then(die);
      },
      moved(count) {
        bytes += count;
        if (kill.at === 'bytes' && bytes >= kill.bytes) die();
      },
    },
    new AbortController().signal,
  );
}
