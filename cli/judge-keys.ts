/** Whether somebody could get back the keys that a point needs, as escrow says in the places that can be read. */
import type { KeyVersionState } from '../core/escrow/key-state.ts';
import type { PostgresAsset } from '../core/plan/schema.ts';
import { offlineTerms } from '../core/restore/key-needs.ts';
import { findKeyProblems, type KeyProblem } from '../core/restore/missing-keys.ts';
import type { Manifest } from '../core/vault/manifest.ts';
import { readEscrow } from './escrow-records.ts';
import type { Context } from './verb.ts';

/** `notes`: what could not be read. */
export type JudgedKeys = { problems: KeyProblem[]; notes: string[] };

export async function judgeKeys(
  context: Context,
  asset: Pick<PostgresAsset, 'needsKeys'>,
  manifest: Pick<Manifest, 'keys'>,
): Promise<JudgedKeys> {
  const plan = context.plan();
  const now = context.frame.now();
  const notes: string[] = [];
  const known: Record<string, KeyVersionState[]> = {};
  const parts = { plan, connection: await context.connect(), environment: context.frame.environment };
  for (const key of new Set([...asset.needsKeys, ...manifest.keys.map((one) => one.key)])) {
    const { versions, isKnown } = await readEscrow(parts, key, now, (text) => void notes.push(text));
    if (isKnown) known[key] = versions.map(({ state }) => state);
  }
  const needed = { needsKeys: asset.needsKeys, offline: offlineTerms(plan.assets) };
  return { problems: findKeyProblems(manifest, needed, known, now), notes: [...new Set(notes)] };
}
