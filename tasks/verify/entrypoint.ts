/** The verify task: reads a point under its own role, and writes down what it found. */
import { z } from 'zod';
import { findProgram } from '../../adapters/postgres/programs.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { chooseReaders } from '../../core/backup/choose-readers.ts';
import { VerifyEnvironment } from '../../core/backup/contract.ts';
import { PostgresAsset } from '../../core/plan/schema.ts';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import { factKey } from '../../core/vault/keys.ts';
import { watchProgress } from '../dump/watch-progress.ts';
import { jsonText, parseEnvironment } from '../environment.ts';
import { runTask } from '../run-task.ts';
import { verifiedFact, verifyPoint } from './verify-point.ts';

const Environment = VerifyEnvironment.extend({ ASSET_PLAN: jsonText(PostgresAsset), PATH: z.string() });
const REPORT_MILLISECONDS = 3_000;

await runTask('verify', process.env, async ({ signal, say }) => {
  const environment = parseEnvironment(Environment, process.env);
  const { SYSTEM: system, ASSET_PLAN: asset, POINT: point, RUN: run, PATH: searchPath } = environment;
  const { reader, writer } = openBucket(environment.VAULT_BUCKET, {}, process.env);
  const name = { system, asset: asset.id, point };
  const watch = watchProgress({
    what: `The verification of ${asset.id}`,
    stallMilliseconds: asset.dump.stallMinutes * 60_000,
    reportMilliseconds: REPORT_MILLISECONDS,
    monotonicMilliseconds: () => performance.now(),
    report: (progress) => say({ progress }),
  });
  const verified = await verifyPoint(name, {
    reader,
    pgRestore: await findProgram('pg_restore', searchPath),
    searchPath,
    signal: AbortSignal.any([signal, watch.signal]),
    onBytes: watch.add,
    objectsAtOnce: chooseReaders(asset),
  }).finally(() => watch.stop());
  for (const warning of verified.warnings) say({ warning });
  await writer
    .putOnce(factKey(system, asset.id, point, 'verified', run), JSON.stringify(verifiedFact(name, run, new Date(), verified)))
    .catch((error: unknown) => {
      // The same run, tried again after its answer was lost, found the same.
      if (!(error instanceof ObjectExists)) throw error;
    });
  say({ message: `The point ${point} is verified`, tables: verified.content.rows.length, bytes: verified.bytesRead });
});
