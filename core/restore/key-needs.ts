/** What the plan says of keys to those who judge points: which the content of each database needs, and who holds them offline. Pure. */
import * as z from 'zod';
import { BadConfiguration } from '../failure/input-errors.ts';
import { parseJson } from '../parse-json.ts';
import { recipientsId } from '../escrow/offline/recipients.ts';
import { durationSeconds } from '../plan/durations.ts';
import type { JudgedAsset } from '../status/judged.ts';

/** By key asset that the plan keeps offline: the id of its recipients, and how long a witnessed proof of their file counts. */
const OfflineTerms = z.record(z.string(), z.object({ recipients: z.string(), validSeconds: z.number() }));
export type OfflineTerms = z.infer<typeof OfflineTerms>;

/**
 * The variable `NEEDS` of those who judge points is its JSON. An environment holds little: most databases of a plan need the same
 * keys, which stand in `most`, and those of each that needs others in `others`.
 */
const KeyNeeds = z.object({ most: z.array(z.string()), others: z.record(z.string(), z.array(z.string())), offline: OfflineTerms });
export type KeyNeeds = z.infer<typeof KeyNeeds>;

export const NO_NEEDS: KeyNeeds = { most: [], others: {}, offline: {} };

export function packKeyNeeds(assets: readonly JudgedAsset[]): KeyNeeds {
  const needs = assets.flatMap((asset) => (asset.kind === 'postgres' ? [{ id: asset.id, keys: asset.needsKeys.toSorted() }] : []));
  const same = Map.groupBy(needs, ({ keys }) => keys.join(' '));
  const most = [...same.values()].toSorted((a, b) => b.length - a.length)[0] ?? [];
  const others = needs.filter((one) => !most.includes(one)).map(({ id, keys }) => [id, keys] as const);
  return { most: most[0]?.keys ?? [], others: Object.fromEntries(others), offline: offlineTerms(assets) };
}

export const offlineTerms = (assets: readonly JudgedAsset[]): OfflineTerms =>
  Object.fromEntries(
    assets.flatMap((asset) => {
      if (asset.kind !== 'key' || !asset.escrow.offline) return [];
      const { recipients, proofValid } = asset.escrow.offline;
      return [[asset.id, { recipients: recipientsId(recipients), validSeconds: durationSeconds(proofValid) }]];
    }),
  );

/** Throws BadConfiguration. */
export function readKeyNeeds(json: string): KeyNeeds {
  const parsed = KeyNeeds.safeParse(parseJson(json));
  if (parsed.success) return parsed.data;
  throw new BadConfiguration(parsed.error.issues.map((issue) => `${['NEEDS', ...issue.path].join('.')}: ${issue.message}`));
}

/** Of one database. */
export type NeededKeys = { needsKeys: readonly string[]; offline: OfflineTerms };

export const needsOf = ({ most, others, offline }: KeyNeeds, asset: string): NeededKeys => ({
  needsKeys: Object.hasOwn(others, asset) ? (others[asset] ?? []) : most,
  offline,
});
