/** An asset that names a published tier keeps to what the tier promises; its size is that of the tier. */
import { describeSeconds, durationSeconds, isAtLeast } from '../durations.ts';
import type { Finding } from '../finding.ts';
import { gapFor } from '../objectives.ts';
import type { PostgresAsset, ProtectionPlan } from '../schema.ts';
import { cadenceTier, rtoOf, sizeTier, tierForObjects } from '../tiers.ts';
import { finding, postgresAssets, repeated, type Path, type Rule } from './rule.ts';
import { intervalOf } from './schedules.ts';

export const checkTiers: Rule = (plan, now) => [
  ...(['cadence', 'size'] as const).flatMap((list) =>
    repeated((plan.tiers?.[list] ?? []).map(({ name }) => name)).map(({ index }) =>
      finding(plan, 'error', ['tiers', list, index, 'name'], 'Another tier has the same name', 'Give each tier a name of its own'),
    ),
  ),
  ...postgresAssets(plan).flatMap(({ asset, path }) => [
    ...ofCadence(plan, asset, path, now),
    ...ofSize(plan, asset, path),
    ...(asset.expected?.objects === undefined ? [] : judgeObjects(plan, asset, asset.expected.objects, 'stated')),
  ]),
];

function unknownTier(plan: ProtectionPlan, list: 'cadence' | 'size', path: Path): Finding {
  const known = (plan.tiers?.[list] ?? []).map(({ name }) => name);
  const fix = known.length === 0 ? `Describe it in \`tiers.${list}\`` : `Name one of ${known.join(', ')}`;
  return finding(plan, 'error', [...path, 'tier', list], 'This plan has no tier of this name', fix);
}

function ofCadence(plan: ProtectionPlan, asset: PostgresAsset, path: Path, now: Date): Finding[] {
  const name = asset.tier?.cadence;
  if (name === undefined) return [];
  const tier = cadenceTier(plan, asset);
  if (tier === undefined) return [unknownTier(plan, 'cadence', path)];
  const found: Finding[] = [];
  if (!tier.isProvided)
    found.push(
      finding(
        plan,
        'warning',
        [...path, 'tier', 'cadence'],
        `No backup reaches the tier ${name} (${tier.how}): it is observed, and what backups promise is the asset’s own RPO`,
        'Name the tier that backups reach, beside it in the description',
      ),
    );
  const gap = gapFor(asset, 'rpo');
  if (tier.isProvided && !isAtLeast(tier.rpo, asset.objectives.rpo))
    found.push(
      finding(
        plan,
        'error',
        [...path, 'objectives', 'rpo'],
        `The tier ${name} promises an RPO of ${tier.rpo}`,
        `Write ${tier.rpo} or less, or name a tier that promises no more`,
      ),
    );
  const interval = intervalOf(asset.schedule, now);
  if (interval === undefined || interval <= durationSeconds(tier.every) || gap !== undefined || !tier.isProvided) return found;
  const problem = `Up to ${describeSeconds(interval)} pass between two points, and the tier ${name} (${tier.how}) has one every ${tier.every}`;
  return [
    ...found,
    finding(plan, 'error', [...path, 'schedule', 'cron'], problem, 'Run as often as the tier says, or declare a gap with `objective: rpo`'),
  ];
}

function ofSize(plan: ProtectionPlan, asset: PostgresAsset, path: Path): Finding[] {
  const name = asset.tier?.size;
  if (name === undefined || asset.tier === undefined) return [];
  const tier = sizeTier(plan, asset);
  if (tier === undefined) return [unknownTier(plan, 'size', path)];
  const promised = rtoOf(tier, asset.tier.host);
  if (isAtLeast(promised, asset.objectives.rto)) return [];
  const host = asset.tier.host === 'new' ? 'on a new host' : 'on the same host';
  return [
    finding(
      plan,
      'error',
      [...path, 'objectives', 'rto'],
      `The tier ${name} promises an RTO of ${promised} ${host}`,
      `Write ${promised} or less, or name a tier that promises no more`,
    ),
  ];
}

/**
 * Whether an asset holds no more than its tier is for. Of what was measured `doctor` tells, of what is stated `plan check`.
 * @param source how the number is known
 */
export function judgeObjects(plan: ProtectionPlan, asset: PostgresAsset, objects: number, source: 'stated' | 'measured'): Finding[] {
  const tier = sizeTier(plan, asset);
  if (tier === undefined || objects <= tier.mostObjects) return [];
  const fitting = tierForObjects(plan, objects);
  const at = ['assets', plan.assets.findIndex(({ id }) => id === asset.id), 'tier', 'size'];
  return [
    finding(
      plan,
      source === 'stated' ? 'error' : 'warning',
      at,
      `The tier ${tier.name} is for ${tier.mostObjects} objects at most, and ${objects} are ${source}`,
      fitting
        ? `Take the tier ${fitting.name}, which promises ${rtoOf(fitting, asset.tier?.host ?? 'new')}`
        : 'No tier is for so many: describe one, with the RTO that drills measure',
    ),
  ];
}
