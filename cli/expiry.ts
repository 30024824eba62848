import type { PostgresAsset, ProtectionPlan } from '../core/plan/schema.ts';
import { decideRetention } from '../core/retention/decide.ts';
import { explainReason } from '../core/retention/explain.ts';
import { readPointStates } from '../core/retention/inventory.ts';
import { retentionPolicy } from '../core/retention/policy.ts';
import type { Vault } from './points.ts';

export type AssetDecisions = { asset: string; points: { point: string; action: 'keep' | 'expire'; reasons: string[] }[] };

/** What the retention machine would decide of an asset now: the same functions over the same catalog. Newest first. */
export async function decideExpiry(vault: Vault, plan: ProtectionPlan, asset: PostgresAsset, now: Date): Promise<AssetDecisions> {
  const policy = retentionPolicy(asset);
  const states = await vault.reading(() => readPointStates(vault.reader, { system: plan.system, asset: asset.id }, policy, now));
  const decisions = decideRetention(states, policy, now);
  const points = decisions.map(({ point, action, reasons }) => ({ point, action, reasons: reasons.map(explainReason) }));
  return { asset: asset.id, points: points.toSorted((a, b) => (a.point < b.point ? 1 : -1)) };
}
