import { readRecord, storedVersions } from '../../adapters/vault/read-records.ts';
import { sha256Hex } from '../../core/evidence/statement.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ExpiryLine } from '../../core/retention/contract.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import { TombstoneFact } from '../../core/vault/facts.ts';
import { isSignatureKey, manifestKey, pointPrefix } from '../../core/vault/keys.ts';
import { PointRecordDamaged } from '../../core/vault/record-errors.ts';
import type { RetentionPorts } from './ports.ts';

const READS_AT_ONCE = 4;

/** Whether a point that was to expire is gone, what its tombstone says, and which others there are: two runs at once have one each. */
export async function findTombstone({ asset, point }: ExpiryLine, { system, vault }: Pick<RetentionPorts, 'system' | 'vault'>) {
  const versions = await storedVersions(vault, pointPrefix(system, asset, point));
  const isGone = !versions.some(({ key }) => key === manifestKey(system, asset, point));
  const keys = versions
    .map((version) => version.key)
    .filter((name) => name.startsWith(`${pointPrefix(system, asset, point)}tombstone-`) && !isSignatureKey(name))
    .sort();
  const bodies = await mapSeveralAtOnce([...new Set(keys)], READS_AT_ONCE, async (key) => ({ key, record: await readRecord(vault, key) }));
  const records = bodies.flatMap(({ key, record }) => (record ? [{ key, sha256: sha256Hex(record.body) }] : []));
  // Of several the first: it is the one that the point went by.
  const [first] = bodies;
  if (!first?.record) return { point, isGone, records };
  const fact = TombstoneFact.safeParse(parseJson(first.record.body));
  if (!fact.success) throw new PointRecordDamaged(`s3://${vault.bucket}/${first.key}`, { cause: fact.error });
  const { manifestSha256, at, objects, reasons, holds } = fact.data;
  const tombstone = { point, manifestSha256, expiredAt: at, objects, reasons, ...(holds === undefined ? {} : { holds }) };
  return { point, isGone, tombstone, records };
}
