/** What every rule of `checkPlan` is, and how it names what it finds. */
import { describeValue } from '../describe-value.ts';
import type { Finding } from '../finding.ts';
import { formatPath } from '../path.ts';
import type { Asset, KeyAsset, PostgresAsset, ProtectionPlan, Schedule } from '../schema.ts';

/** Pure: the plan and the time of asking, nothing of the world. */
export type Rule = (plan: ProtectionPlan, now: Date) => Finding[];

export type Path = readonly (string | number)[];
export type Placed<T> = { asset: T; path: Path };

const placed = (plan: ProtectionPlan): Placed<Asset>[] => plan.assets.map((asset, i) => ({ asset, path: ['assets', i] }));

export const allAssets = placed;
export const postgresAssets = (plan: ProtectionPlan) =>
  placed(plan).filter((entry): entry is Placed<PostgresAsset> => entry.asset.kind === 'postgres');
export const keyAssets = (plan: ProtectionPlan) => placed(plan).filter((entry): entry is Placed<KeyAsset> => entry.asset.kind === 'key');

/** The schedule by which an asset is captured: a database's backup, a key's escrow. */
export const captureSchedule = ({ asset, path }: Placed<Asset>): { schedule: Schedule; path: Path } =>
  asset.kind === 'postgres'
    ? { schedule: asset.schedule, path: [...path, 'schedule'] }
    : { schedule: asset.escrow.schedule, path: [...path, 'escrow', 'schedule'] };

/** One finding; the value is that of the plan at the path unless another says more. */
export function finding(
  plan: ProtectionPlan,
  severity: Finding['severity'],
  path: Path,
  problem: string,
  fix: string,
  value: string = describeValue(at(plan, path), path),
): Finding {
  return { severity, path: formatPath(path, plan), value, problem, fix };
}

function at(plan: ProtectionPlan, path: Path): unknown {
  let value: unknown = plan;
  for (const part of path) value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined;
  return value;
}

/** Values that come up more than once, with the places of the later ones. */
export function repeated<T>(values: readonly T[]): { value: T; index: number }[] {
  return values.flatMap((value, index) => (values.indexOf(value) < index ? [{ value, index }] : []));
}
