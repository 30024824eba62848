/** The drill task, container `runner`: environment in, what was measured out. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { openEscrowedKey } from '../../adapters/escrow/open-envelope.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { readSecret } from '../../adapters/secrets/read-secret.ts';
import { DrillEnvironment } from '../../core/drill/contract.ts';
import { durationSeconds } from '../../core/plan/durations.ts';
import { PostgresAsset } from '../../core/plan/schema.ts';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import { evidenceKey } from '../../core/vault/keys.ts';
import { watchProgress } from '../dump/watch-progress.ts';
import { deadlineSignal } from '../restore/deadline.ts';
import { jsonText, parseEnvironment } from '../environment.ts';
import { runTask } from '../run-task.ts';
import { ChecksFailed } from './errors.ts';
import { runDrill } from './run-drill.ts';
import { AddedChecks, withScenario } from './with-scenario.ts';
import { plural } from '../../core/quantities.ts';

const Environment = DrillEnvironment.extend({
  ASSET_PLAN: jsonText(PostgresAsset),
  SCENARIOS: jsonText(AddedChecks).default([]),
  PATH: z.string(),
  SCRATCH_DIR: z.string(),
  /** Set where the containers are processes of one machine; on Fargate each is a container of its own. */
  HOLDFAST_ISOLATION: z.enum(['own-uid', 'user-namespace', 'none']).default('own-uid'),
});

const REPORT_MILLISECONDS = 3_000;

await runTask('drill', process.env, async ({ signal, say }) => {
  const environment = parseEnvironment(Environment, process.env);
  const { SYSTEM: system, POINT: point, FROM: from, RUN: run, HOLDFAST_ISOLATION: isolation } = environment;
  const asset = withScenario(environment.ASSET_PLAN, environment.SCENARIO, environment.SCENARIOS);
  const vault = openBucket(environment.VAULT_BUCKET, {}, process.env);
  const escrow = openBucket(environment.ESCROW_BUCKET, {}, process.env).reader;
  const watch = watchProgress({
    what: `The drill of ${asset.id}`,
    stallMilliseconds: asset.dump.stallMinutes * 60_000,
    reportMilliseconds: REPORT_MILLISECONDS,
    monotonicMilliseconds: () => performance.now(),
    report: (progress) => say({ progress }),
  });
  const deadline = deadlineSignal(durationSeconds(asset.drill.schedule.longestRun));
  try {
    const { result, failure } = await runDrill(
      {
        system,
        asset,
        point,
        from,
        run,
        isolation: isolation === 'none' ? 'trusted-dump-only' : isolation,
        sharedDir: environment.DATABASE_SOCKET_DIR,
        scratchDir: environment.SCRATCH_DIR,
        applicationDir: environment.APPLICATION_DIR,
        path: environment.PATH,
      },
      {
        reader: vault.reader,
        openKey: (key, fingerprint) =>
          openEscrowedKey({ system, key, fingerprint, reader: escrow, escrowKeyArn: environment.ESCROW_KEY_ARN, now: new Date() }),
        application: { readSecret, newPassword: () => randomBytes(24).toString('hex') },
        now: () => new Date(),
        monotonicSeconds: () => performance.now() / 1000,
        report: (message, details) => say({ message, ...details }),
        moved: watch.add,
      },
      AbortSignal.any([signal, deadline.signal]),
    );
    await vault.writer.putOnce(evidenceKey(system, 'drill-result', run), JSON.stringify(result)).catch((error: unknown) => {
      // The same run, tried again after its answer was lost: what it measured first stands.
      if (!(error instanceof ObjectExists)) throw error;
    });
    const failed = result.checks.filter((check) => check.outcome === 'failed');
    for (const { name, expected, measured } of failed) say({ message: `Check failed: ${name}`, expected, measured });
    if (failure) throw failure;
    if (failed.length > 0) throw new ChecksFailed(failed.map((check) => check.name));
    say({ message: `The point ${point} was restored and passed ${plural(result.checks.length, 'check')}` });
  } finally {
    deadline.stop();
    watch.stop();
  }
});
