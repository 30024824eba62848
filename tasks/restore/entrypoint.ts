/** The restore task: environment in, a new database and the record of it out. */
import { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { readRecord } from '../../adapters/vault/read-records.ts';
import { parseJson } from '../../core/parse-json.ts';
import { durationSeconds } from '../../core/plan/durations.ts';
import { PostgresAsset } from '../../core/plan/schema.ts';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import { RestoreEnvironment, RestoreResult } from '../../core/restore/contract.ts';
import { restoreLoginOf } from '../../core/restore/restore-login.ts';
import { RestoreSelection } from '../../core/restore/selection.ts';
import { evidenceKey } from '../../core/vault/keys.ts';
import { readLogin } from '../dump/read-login.ts';
import { watchProgress } from '../dump/watch-progress.ts';
import { jsonText, parseEnvironment } from '../environment.ts';
import { runTask } from '../run-task.ts';
import { deadlineSignal } from './deadline.ts';
import { runRestore } from './run-restore.ts';

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
  const { SYSTEM: system, ASSET_PLAN: asset, POINT: point, FROM: from, DATABASE: database, SELECTION: selection, RUN: run } = environment;
  const { reader, writer } = openBucket(environment.VAULT_BUCKET, {}, process.env);
  const watch = watchProgress({
    what: `The restore of ${asset.id}`,
    stallMilliseconds: asset.dump.stallMinutes * 60_000,
    reportMilliseconds: REPORT_MILLISECONDS,
    monotonicMilliseconds: () => performance.now(),
    report: (progress) => say({ progress }),
  });
  const resultKey = evidenceKey(system, 'restore-result', run);
  const deadline = deadlineSignal(durationSeconds(asset.drill.schedule.longestRun));
  try {
    const result = await runRestore(
      { system, asset, point, from, run, database, selection, scratchDir: environment.SCRATCH_DIR, path: environment.PATH },
      {
        reader,
        login: await readLogin({ ...asset.source, secret: restoreLoginOf(asset).secret }, environment.RDS_CA_BUNDLE),
        now: () => new Date(),
        report: (message) => say({ message }),
        moved: watch.add,
        record: async (made) => {
          await writer.putOnce(resultKey, JSON.stringify(made)).catch((error: unknown) => {
            // A try of the same run was killed right after it had recorded this: what it recorded stands.
            if (!(error instanceof ObjectExists)) throw error;
          });
        },
        async recorded() {
          const record = await readRecord(reader, resultKey);
          return record && RestoreResult.safeParse(parseJson(record.body)).data;
        },
      },
      AbortSignal.any([signal, deadline.signal]),
    );
    for (const note of result.notes) say({ message: note });
    say({ message: `The point ${point} stands in the database ${JSON.stringify(database)}`, bytes: result.bytesRestored });
  } finally {
    deadline.stop();
    watch.stop();
  }
});
