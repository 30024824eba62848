/** One phase of a restore in a process of its own, told everything on its standard input: a password is no argument. */
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { openBucket } from '../../../../adapters/s3/bucket.ts';
import { PostgresAsset } from '../../../../core/plan/schema.ts';
import { RestoreTarget, TaskPhase } from '../../../../core/restore/target.ts';
import { openPapers } from '../../../../tasks/restore/phases/papers.ts';
import { runPhase } from '../../../../tasks/restore/phases/run-phase.ts';

const Told = z.object({
  order: z.object({
    system: z.string(),
    asset: PostgresAsset,
    point: z.string(),
    run: z.string(),
    of: z.string(),
    safety: z.string(),
    database: z.string(),
    scratchDir: z.string(),
    path: z.string(),
    phase: TaskPhase,
    target: RestoreTarget,
  }),
  login: z.object({
    host: z.string(),
    port: z.number(),
    database: z.string(),
    user: z.string(),
    password: z.string(),
    tls: z.object({ mode: z.enum(['verify-full', 'verify-ca', 'require', 'disable']), ca: z.string().optional() }),
  }),
  bucket: z.string(),
  region: z.string(),
  endpointUrl: z.string(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
});

const { order, login, bucket, region, endpointUrl, credentials } = Told.parse(JSON.parse(await text(process.stdin)));
const store = openBucket(bucket, { region, endpointUrl, credentials }, { AWS_ENDPOINT_URL: endpointUrl });
process.stdout.write('begun\n');
await runPhase(
  order,
  {
    reader: store.reader,
    login: { ...login, tls: { mode: login.tls.mode, ca: login.tls.ca } },
    now: () => new Date(),
    report: (event) => void process.stdout.write(`${event}\n`),
    moved: () => undefined,
    papers: openPapers({ system: order.system, asset: order.asset.id, run: order.run }, store, () => undefined),
  },
  new AbortController().signal,
);
process.exit();
