import { describeHolds } from '../../core/lock/describe-holds.ts';
import { readHoldFacts } from '../../core/lock/read-holds.ts';
import type { HoldReport } from '../../core/report/overview/model.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import type { Catalog } from '../../core/vault/read-point.ts';
import { READS_AT_ONCE, type Vault } from '../points.ts';

/** More make no page that a person reads; `hold list` has all. */
const MOST_POINTS = 200;

/** Holds that stand: a release counts only when its signature holds. */
export async function readHolds(
  vault: Vault,
  { system, asset }: { system: string; asset: string },
  { points }: Catalog,
): Promise<HoldReport[]> {
  const held = points.filter(({ kinds }) => kinds.has('held')).slice(0, MOST_POINTS);
  const found = await mapSeveralAtOnce(held, READS_AT_ONCE, async ({ point }) => {
    const facts = await vault.reading(() => readHoldFacts(vault.reader, { system, asset, point }));
    return describeHolds(facts.filter(({ counts }) => counts).map(({ fact }) => fact))
      .filter(({ released }) => released === undefined)
      .map(({ hold, held: by }): HoldReport => ({ asset, point, hold, ...by }));
  });
  return found.flat();
}
