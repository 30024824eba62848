/** Which keys the content of each database needs, as the plan says. Pure. */
import * as z from 'zod';
import { BadConfiguration } from '../failure/input-errors.ts';
import { parseJson } from '../parse-json.ts';
import type { ProtectionPlan } from '../plan/schema.ts';

/**
 * The variable `NEEDS` of those who judge points is its JSON. An environment holds little: most databases of a plan need the same
 * keys, which stand in `most`, and those of each that needs others in `others`.
 */
const KeyNeeds = z.object({ most: z.array(z.string()), others: z.record(z.string(), z.array(z.string())) });
export type KeyNeeds = z.infer<typeof KeyNeeds>;

export const NO_NEEDS: KeyNeeds = { most: [], others: {} };

export function packKeyNeeds(assets: ProtectionPlan['assets']): KeyNeeds {
  const needs = assets.flatMap((asset) => (asset.kind === 'postgres' ? [{ id: asset.id, keys: asset.needsKeys.toSorted() }] : []));
  const same = Map.groupBy(needs, ({ keys }) => keys.join(' '));
  const most = [...same.values()].toSorted((a, b) => b.length - a.length)[0] ?? [];
  const others = needs.filter((one) => !most.includes(one)).map(({ id, keys }) => [id, keys] as const);
  return { most: most[0]?.keys ?? [], others: Object.fromEntries(others) };
}

/** Throws BadConfiguration. */
export function readKeyNeeds(json: string): KeyNeeds {
  const parsed = KeyNeeds.safeParse(parseJson(json));
  if (parsed.success) return parsed.data;
  throw new BadConfiguration(parsed.error.issues.map((issue) => `${['NEEDS', ...issue.path].join('.')}: ${issue.message}`));
}

export const keysNeededBy = ({ most, others }: KeyNeeds, asset: string): readonly string[] =>
  Object.hasOwn(others, asset) ? (others[asset] ?? []) : most;
