import { decideRetention } from '../../core/retention/decide.ts';
import { explainReason } from '../../core/retention/explain.ts';
import { readPointStates } from '../../core/retention/inventory.ts';
import type { DecideRequest } from '../../core/retention/contract.ts';
import type { RetentionPorts } from './ports.ts';

/** A point and why it goes, or why it stays, in sentences. */
export type Decided = { point: string; reasons: string[] };

/** The decision over every point of an asset as its catalog stands now. Oldest first. */
export async function decideAsset(
  { asset, policy }: Pick<DecideRequest, 'asset' | 'policy'>,
  { system, vault, now }: Pick<RetentionPorts, 'system' | 'vault' | 'now'>,
): Promise<{ expire: Decided[]; keep: Map<string, Decided>; keeps: number }> {
  const at = now();
  const decisions = decideRetention(await readPointStates(vault, { system, asset }, policy, at), policy, at);
  const decided = decisions.map(({ point, action, reasons }) => ({ action, point, reasons: reasons.map(explainReason) }));
  const keep = new Map(decided.filter(({ action }) => action === 'keep').map((one) => [one.point, one]));
  const expire = decided.filter(({ action }) => action === 'expire').toSorted((a, b) => (a.point < b.point ? -1 : 1));
  return { expire, keep, keeps: keep.size };
}
