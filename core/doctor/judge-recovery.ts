/** What drills and points tell of a recovery: whether one can start, is whole, and fits the RTO for what there is to restore today. Pure. */
import { judgeObjects } from '../plan/checks/tiers.ts';
import type { Finding } from '../plan/finding.ts';
import type { PostgresAsset, ProtectionPlan } from '../plan/schema.ts';
import type { VerifiedFact } from '../vault/facts.ts';
import { judgeFeasibility, type NewestPoint, type SeenFeasibility } from './judge-feasibility.ts';

export type SeenRecovery = SeenFeasibility & {
  newest: (NewestPoint & { rows: VerifiedFact['rows'] }) | undefined;
};

export function judgeRecovery(plan: ProtectionPlan, asset: PostgresAsset, seen: SeenRecovery): Finding[] {
  const { drills, newest } = seen;
  const [last] = drills;
  // One that could not run says nothing of the data: what was found out before it still stands.
  const decided = drills.find(({ outcome }) => outcome !== 'could-not-run');
  const finding =
    (severity: 'error' | 'warning') =>
    (field: string, value: string, problem: string, fix: string): Finding => ({
      severity,
      path: `assets[${asset.id}].${field}`,
      value,
      problem,
      fix,
    });
  const [error, warning] = [finding('error'), finding('warning')];
  return [
    ...(last?.outcome === 'could-not-run'
      ? [
          warning(
            'drill',
            last.run,
            `A restore test cannot start: ${last.reasons.join('; ')}`,
            'Mend that, then `npx holdfast drill`; docs/runbook.md says more by its heading',
          ),
        ]
      : []),
    ...(decided?.outcome === 'failed'
      ? [
          error(
            'drill',
            decided.run,
            `Restored data may be incomplete: ${decided.reasons.join('; ')}`,
            'Find out which points are whole: `npx holdfast drill --point`, older ones first',
          ),
        ]
      : []),
    ...judgeFeasibility(asset, seen).map(({ problem, fix }) => warning('objectives.rto', asset.objectives.rto, problem, fix)),
    ...(newest ? judgeObjects(plan, asset, objectsOf(asset, newest.rows), 'measured') : []),
  ];
}

const objectsOf = ({ tier }: PostgresAsset, rows: VerifiedFact['rows']): number =>
  rows
    .filter(({ table }) => (tier?.countedTables.length ?? 0) === 0 || tier?.countedTables.includes(table))
    .reduce((sum, { rows: count }) => sum + count, 0);
