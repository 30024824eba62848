/** Which asset and which point a person means. */
import type { Asset, KeyAsset, PostgresAsset } from '../core/plan/schema.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import { readPointWish } from '../core/restore/choose-point.ts';
import { UsageWrong } from './errors.ts';

type Kind = Asset['kind'];
type OfKind<K extends Kind> = K extends 'postgres' ? PostgresAsset : KeyAsset;

const KINDS: Record<Kind, string> = { postgres: 'database', key: 'key' };

const assetsOf = <K extends Kind>(plan: ProtectionPlan, kind: K) =>
  plan.assets.filter((asset): asset is Asset & OfKind<K> => asset.kind === kind);

/** The asset of that id, or the only one of its kind. Throws UsageWrong, naming what there is. */
export function chooseAsset<K extends Kind>(plan: ProtectionPlan, kind: K, id: string | undefined, verb: string): OfKind<K> {
  const assets = assetsOf(plan, kind);
  const chosen = id === undefined ? (assets.length === 1 ? assets[0] : undefined) : assets.find((asset) => asset.id === id);
  if (chosen) return chosen;
  const what = KINDS[kind];
  const known =
    assets.length === 0
      ? `the plan of ${plan.system} has no ${what}`
      : `${plan.system} has the ${what}s ${assets.map((asset) => asset.id).join(', ')}`;
  throw new UsageWrong(verb, [id === undefined ? `<asset> is missing: ${known}` : `<asset> '${id}' is no ${what} of this plan: ${known}`]);
}

export const postgresAssets = (plan: ProtectionPlan) => assetsOf(plan, 'postgres');

export const LATEST = 'latest';
export const POINT_HELP =
  'a point as `holdfast list` shows it, `<asset>/<point>`, an instant (the newest point whose data is not newer than that), latest, or latest-proven';

/** What follows the words that were typed. */
export const NO_POINT = 'is not a point such as 20261121T020000Z, an instant such as 2026-11-21T02:00:00Z, latest or latest-proven';

export type PointWish = { asset: PostgresAsset; point: string };

/** `20261121T020000Z`, `postgres/20261121T020000Z`, or what a restore takes besides. Throws UsageWrong. */
export function choosePoint(plan: ProtectionPlan, text: string, assetOption: string | undefined, verb: string): PointWish {
  const [first = '', second] = text.split('/');
  const point = second ?? first;
  const problems: string[] = [];
  if (readPointWish(point) === undefined) problems.push(`<point> '${text}' ${NO_POINT}`);
  if (second !== undefined && assetOption !== undefined && assetOption !== first)
    problems.push(`--asset ${assetOption} and <point> ${text} name two assets`);
  if (problems.length > 0) throw new UsageWrong(verb, problems);
  return { asset: chooseAsset(plan, 'postgres', assetOption ?? (second === undefined ? undefined : first), verb), point };
}
