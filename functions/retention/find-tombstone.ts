import { readRecord, storedVersions } from '../../adapters/vault/read-records.ts';
import { sha256Hex } from '../../core/evidence/statement.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ExpiryLine } from '../../core/retention/contract.ts';
import { TombstoneFact } from '../../core/vault/facts.ts';
import { isSignatureKey, manifestKey, pointPrefix } from '../../core/vault/keys.ts';
import { PointRecordDamaged } from '../../core/vault/record-errors.ts';
import type { RetentionPorts } from './ports.ts';

/** Whether a point that was to expire is gone, and what its tombstone says. */
export async function findTombstone({ asset, point }: ExpiryLine, { system, vault }: Pick<RetentionPorts, 'system' | 'vault'>) {
  const versions = await storedVersions(vault, pointPrefix(system, asset, point));
  const isGone = !versions.some(({ key }) => key === manifestKey(system, asset, point));
  // Of several the first: it is the one that the point went by.
  const [key] = versions
    .map((version) => version.key)
    .filter((name) => name.startsWith(`${pointPrefix(system, asset, point)}tombstone-`) && !isSignatureKey(name))
    .sort();
  const record = key === undefined ? undefined : await readRecord(vault, key);
  if (key === undefined || !record) return { point, isGone };
  const fact = TombstoneFact.safeParse(parseJson(record.body));
  if (!fact.success) throw new PointRecordDamaged(`s3://${vault.bucket}/${key}`, { cause: fact.error });
  const { manifestSha256, at, objects, reasons } = fact.data;
  const tombstone = { point, manifestSha256, expiredAt: at, objects, reasons };
  return { point, isGone, tombstone, record: { key, sha256: sha256Hex(record.body) } };
}
