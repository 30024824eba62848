import { putSameOnce } from '../../adapters/vault/put-records.ts';
import type { ExpiryLine } from '../../core/retention/contract.ts';
import { FACT_FORMAT, type PastHold, type TombstoneFact } from '../../core/vault/facts.ts';
import { factKey } from '../../core/vault/keys.ts';
import type { RetentionPorts } from './ports.ts';

/**
 * @param objects versions of data that are there
 * @param holds that stood on it: their own records go with it
 */
export async function writeTombstone(
  { asset, point, manifestSha256, reasons }: ExpiryLine,
  run: string,
  { objects, holds }: { objects: number; holds: readonly PastHold[] },
  ports: RetentionPorts,
) {
  const { system, vault, now } = ports;
  const tombstone: TombstoneFact = {
    format: FACT_FORMAT,
    kind: 'tombstone',
    system,
    asset,
    point,
    id: run,
    at: now().toISOString(),
    manifestSha256,
    reasons,
    objects,
    ...(holds.length > 0 ? { holds: [...holds] } : {}),
  };
  await putSameOnce(vault, factKey(system, asset, point, 'tombstone', run), JSON.stringify(tombstone));
}
