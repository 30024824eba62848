/** The dump task: environment in, one attempt at a recovery point, exit code out. */
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { findProgram } from '../../adapters/postgres/programs.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { DumpEnvironment } from '../../core/backup/contract.ts';
import { PostgresAsset } from '../../core/plan/schema.ts';
import { attemptId } from '../../core/vault/ids.ts';
import { jsonText, parseEnvironment } from '../environment.ts';
import { runTask } from '../run-task.ts';
import { dumpPoint } from './dump-point.ts';
import { readLogin } from './read-login.ts';

const Environment = DumpEnvironment.extend({
  ASSET_PLAN: jsonText(PostgresAsset),
  CLAIM: z.coerce.number().int().min(1),
  TRY: z.coerce.number().int().min(1),
  PATH: z.string(),
  SCRATCH_DIR: z.string(),
  RDS_CA_BUNDLE: z.string().optional(),
});

await runTask('dump', process.env, async ({ signal, say }) => {
  const environment = parseEnvironment(Environment, process.env);
  const { SYSTEM: system, ASSET_PLAN: asset, POINT: point } = environment;
  const lastPoint = environment.LAST_POINT === '' ? undefined : environment.LAST_POINT;
  const attempt = attemptId(environment.CLAIM, environment.TRY);
  const vault = openBucket(environment.VAULT_BUCKET, {}, process.env).writer;
  const renewLogin = () => readLogin(asset.source, environment.RDS_CA_BUNDLE);
  const { committed, manifest } = await dumpPoint(
    { system, asset, point, attempt, lastPoint },
    {
      vault,
      escrow: openBucket(environment.ESCROW_BUCKET, {}, process.env).reader,
      login: await renewLogin(),
      renewLogin,
      pgDump: await findProgram('pg_dump', environment.PATH),
      searchPath: environment.PATH,
      scratchDir: environment.SCRATCH_DIR,
      holdfastVersion: packageJson.version,
      now: () => new Date(),
      monotonicMilliseconds: () => performance.now(),
      report: (progress) => say({ progress }),
      note: (message) => say({ message }),
      signal,
    },
  );
  const sizeBytes = manifest.objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  const message = committed
    ? `The point ${point} is committed`
    : `The point ${point} has a manifest already; attempt ${attempt} is left for the sweep`;
  say({ message, objects: manifest.objects.length, sizeBytes });
});
