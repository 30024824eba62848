import { putSameOnce, type WrittenRecord } from '../../adapters/vault/put-records.ts';
import type { Lock } from '../../core/lock/longest-lock.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { FACT_FORMAT, type LockedFact } from '../../core/vault/facts.ts';
import { factKey } from '../../core/vault/keys.ts';
import type { VaultSide } from '../../core/vault/side.ts';

type OfRun = { system: string; asset: string; point: string; run: string };

/** Says how long a point is locked. Of one run the first word stands. */
export function writeLockedFact(
  { system, asset, point, run }: OfRun,
  { lock, objects }: { lock: Lock; objects: number },
  { vault, side, now }: { vault: ObjectReader & ObjectWriter; side: VaultSide; now: () => Date },
): Promise<WrittenRecord> {
  const fact: LockedFact = {
    format: FACT_FORMAT,
    kind: 'locked',
    system,
    asset,
    point,
    id: run,
    at: now().toISOString(),
    mode: lock.mode,
    until: lock.until.toISOString(),
    objects,
    ...(side === 'replica' ? { from: side } : {}),
  };
  return putSameOnce(vault, factKey(system, asset, point, 'locked', run), JSON.stringify(fact));
}
