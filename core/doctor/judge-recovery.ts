/** What drills and points tell of a recovery: whether one can start, is whole, and fits the RTO for what there is to restore today. Pure. */
import type { DrillEvidence } from '../drill/contract.ts';
import { recoveryTimes } from '../drill/recovery-times.ts';
import { judgeObjects } from '../plan/checks/tiers.ts';
import { findInfeasible, recoveryParts } from '../plan/feasibility.ts';
import type { Finding } from '../plan/finding.ts';
import type { PostgresAsset, ProtectionPlan } from '../plan/schema.ts';
import type { VerifiedFact } from '../vault/facts.ts';

export type SeenRecovery = {
  /** Newest first. */
  drills: readonly DrillEvidence[];
  /** The newest verified point. */
  newest: { sizeBytes: number; rows: VerifiedFact['rows'] } | undefined;
};

export function judgeRecovery(plan: ProtectionPlan, asset: PostgresAsset, { drills, newest }: SeenRecovery): Finding[] {
  const [last] = drills;
  const warning = (field: string, value: string, problem: string, fix: string): Finding => ({
    severity: 'warning',
    path: `assets[${asset.id}].${field}`,
    value,
    problem,
    fix,
  });
  const why = last?.reasons.join('; ') ?? '';
  return [
    ...(last?.outcome === 'could-not-run'
      ? [
          warning(
            'drill',
            last.run,
            `A restore test cannot start: ${why}`,
            'Mend that, then `npx holdfast drill`; docs/runbook.md says more by its heading',
          ),
        ]
      : []),
    ...(last?.outcome === 'failed'
      ? [
          warning(
            'drill',
            last.run,
            `Restored data may be incomplete: ${why}`,
            'Find out which points are whole: `npx holdfast drill --point`, older ones first',
          ),
        ]
      : []),
    ...slowRecovery(asset, drills, newest?.sizeBytes).map(({ problem, fix }) =>
      warning('objectives.rto', asset.objectives.rto, problem, fix),
    ),
    ...(newest ? judgeObjects(plan, asset, objectsOf(asset, newest.rows), 'measured') : []),
  ];
}

function slowRecovery(asset: PostgresAsset, drills: readonly DrillEvidence[], newestBytes: number | undefined) {
  const passed = drills.find(({ outcome }) => outcome === 'passed');
  if (!passed?.result) return [];
  const { bytesRestored } = passed.result;
  const times = recoveryTimes(passed.result, passed.measured.retrievalSeconds);
  const parts = recoveryParts(asset, {
    drill: passed.run,
    retrievalSeconds: times.retrievalSeconds ?? 0,
    restoreSeconds: times.restoreSeconds ?? 0,
    validationSeconds: times.validationSeconds ?? 0,
    drilledBytes: bytesRestored,
    newestBytes: newestBytes ?? bytesRestored,
  });
  const infeasible = findInfeasible(asset, parts);
  return infeasible ? [infeasible] : [];
}

const objectsOf = ({ tier }: PostgresAsset, rows: VerifiedFact['rows']): number =>
  rows
    .filter(({ table }) => (tier?.countedTables.length ?? 0) === 0 || tier?.countedTables.includes(table))
    .reduce((sum, { rows: count }) => sum + count, 0);
