import { readRecord } from '../../adapters/vault/read-records.ts';
import { DrillResult } from '../../core/drill/contract.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { PointRecordDamaged } from '../../core/vault/record-errors.ts';
import { parseJson } from '../../core/parse-json.ts';

/** What the drill task measured; undefined when it left nothing. Throws PointRecordDamaged. */
export async function readResult(vault: ObjectReader, key: string): Promise<DrillResult | undefined> {
  const record = await readRecord(vault, key);
  if (!record) return undefined;
  const result = DrillResult.safeParse(parseJson(record.body));
  if (!result.success) throw new PointRecordDamaged(`s3://${vault.bucket}/${key}`, { cause: result.error });
  return result.data;
}
