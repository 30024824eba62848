import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { readRecord } from '../../adapters/vault/read-records.ts';
import { parseJson } from '../../core/parse-json.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { FindSafetyEnvironment, FindSafetyRequest, type FindSafetyAnswer } from '../../core/restore/contract.ts';
import { PreparedPaper } from '../../core/restore/result.ts';
import { restorePaperKey } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';

export type FindSafetyPorts = { system: string; reader: ObjectReader };

/** What the task that marks a database has found: one to be saved, or what a run left that had saved it before. */
export async function findSafety(
  { asset, run }: z.output<typeof FindSafetyRequest>,
  { system, reader }: FindSafetyPorts,
): Promise<z.infer<typeof FindSafetyAnswer>> {
  const record = await readRecord(reader, restorePaperKey(system, asset, run, 'prepared'));
  if (!record) throw new ObjectMissing(`What the restore ${run} noted of the database that it replaces in ${reader.bucket}`);
  const { saved } = PreparedPaper.parse(parseJson(record.body));
  return { isSaved: saved !== undefined, safety: saved ?? '' };
}

export const handler = handle({
  environment: FindSafetyEnvironment,
  request: FindSafetyRequest,
  connect: ({ SYSTEM: system, VAULT_BUCKET }): FindSafetyPorts => ({ system, reader: openBucket(VAULT_BUCKET, {}, process.env).reader }),
  run: findSafety,
});
