/** The restore task: environment in, one phase of a restore and the paper of it out. */
import { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { durationSeconds } from '../../core/plan/durations.ts';
import { PostgresAsset } from '../../core/plan/schema.ts';
import { RestoreEnvironment } from '../../core/restore/contract.ts';
import { restoreLoginOf } from '../../core/restore/restore-login.ts';
import { RestoreSelection } from '../../core/restore/selection.ts';
import { readLogin } from '../dump/read-login.ts';
import { watchProgress } from '../dump/watch-progress.ts';
import { jsonText, parseEnvironment } from '../environment.ts';
import { runTask } from '../run-task.ts';
import { deadlineSignal } from './deadline.ts';
import { openPapers } from './phases/papers.ts';
import { runPhase } from './phases/run-phase.ts';

const Environment = RestoreEnvironment.extend({
  ASSET_PLAN: jsonText(PostgresAsset),
  SELECTION: z.string().default('{}').pipe(jsonText(RestoreSelection)),
  PATH: z.string(),
  SCRATCH_DIR: z.string(),
  RDS_CA_BUNDLE: z.string().optional(),
});

const REPORT_MILLISECONDS = 3_000;

await runTask('restore', process.env, async ({ signal, say }) => {
  const environment = parseEnvironment(Environment, process.env);
  const { SYSTEM: system, ASSET_PLAN: asset, RUN: run } = environment;
  const { reader, writer } = openBucket(environment.VAULT_BUCKET, {}, process.env);
  const watch = watchProgress({
    what: `The restore of ${asset.id}`,
    stallMilliseconds: asset.dump.stallMinutes * 60_000,
    reportMilliseconds: REPORT_MILLISECONDS,
    monotonicMilliseconds: () => performance.now(),
    report: (progress) => say({ progress }),
  });
  const deadline = deadlineSignal(durationSeconds(asset.drill.schedule.longestRun));
  try {
    await runPhase(
      {
        system,
        asset,
        point: environment.POINT,
        from: environment.FROM,
        run,
        database: environment.DATABASE,
        selection: environment.SELECTION,
        scratchDir: environment.SCRATCH_DIR,
        path: environment.PATH,
        phase: environment.PHASE,
        target: environment.TARGET,
        of: environment.OF,
        safety: environment.SAFETY,
      },
      {
        reader,
        login: await readLogin({ ...asset.source, secret: restoreLoginOf(asset).secret }, environment.RDS_CA_BUNDLE),
        now: () => new Date(),
        report: (message) => say({ message }),
        moved: watch.add,
        papers: openPapers({ system, asset: asset.id, run }, { reader, writer }, (message) => say({ message })),
      },
      AbortSignal.any([signal, deadline.signal]),
    );
  } finally {
    deadline.stop();
    watch.stop();
  }
});
