import type { DrillEvidence } from '../drill/contract.ts';
import { measuredRpo } from '../drill/measured-rpo.ts';
import { checkedSeconds } from '../drill/recovery-times.ts';
import type { OfflineProofEvidence } from '../escrow/offline/proof.ts';
import { durationSeconds } from '../plan/durations.ts';
import { peopleSeconds } from '../plan/feasibility.ts';
import { gapFor } from '../plan/objectives.ts';
import type { DeclaredGap, PostgresAsset, ProtectionPlan } from '../plan/schema.ts';
import { boundText } from '../status/decide-database.ts';
import { offlineTerms } from '../restore/key-needs.ts';
import { findMissingKeys } from '../restore/missing-keys.ts';
import { knownKeys } from '../status/summary.ts';
import type { SystemStatus } from '../status/decide-colour.ts';
import type { PointSummary } from '../vault/summarize-point.ts';
import { keyDrillsOf, lastDrillsOf, offlineOf, readBacksOf, type KeyEscrow } from './build-keys.ts';
import type { WrongReport } from './wrongs.ts';
import { compareObjectives } from './compare-objectives.ts';
import type { AttemptReport, DrillReport, GapReport, NotShown, ObjectiveReport, ReportModel, RunReport } from './model.ts';

/** Records by asset id, in any order; an asset that is not named has none. */
export type ReportRecords = {
  points: Readonly<Record<string, readonly PointSummary[]>>;
  evidences: Readonly<Record<string, readonly DrillEvidence[]>>;
  /** Of both regions. `marks`: what somebody left beside the objects there, in words. */
  escrow: Readonly<Record<string, KeyEscrow & { isKnown?: boolean; marks?: readonly string[] }>>;
  /** Sentences of keys that left the plan. */
  leftKeys?: readonly string[];
  wrongs?: readonly WrongReport[];
  /** Of witnessed proofs. */
  offlineProofs?: readonly OfflineProofEvidence[];
};

export type ReportSurroundings = {
  generatedAt: string;
  version: string;
  platform: string;
  runs: readonly RunReport[];
  attempts: readonly AttemptReport[];
  notShown: readonly NotShown[];
  otherRegionUnread?: string | undefined;
  notes?: readonly string[];
};

/** The page's model from the plan, its colours, and the records that they were decided from. */
export function buildReport(plan: ProtectionPlan, status: SystemStatus, records: ReportRecords, around: ReportSurroundings): ReportModel {
  const statusOf = (id: string) => status.assets[id] ?? { colour: 'no data' as const, reasons: [] };
  const known = knownKeys(records.escrow);
  const offline = offlineTerms(plan.assets);
  const about = ({ id, description }: { id: string; description?: string | undefined }) => ({ id, description, status: statusOf(id) });
  return {
    system: plan.system,
    description: plan.description,
    owner: plan.owner,
    operator: plan.operator,
    classification: plan.classification,
    home: plan.home.region,
    replica: plan.replica.region,
    colour: status.colour,
    ...around,
    runs: [...around.runs],
    attempts: [...around.attempts],
    notShown: [...around.notShown],
    databases: plan.assets.flatMap((asset) => {
      if (asset.kind !== 'postgres') return [];
      const drills = newestFirst(records.evidences[asset.id] ?? [], (evidence) => evidence.judgedAt);
      const points = newestFirst(records.points[asset.id] ?? [], (point) => point.consistentAt).map((point) => ({
        ...point,
        notRestorable: findMissingKeys(point, { needsKeys: asset.needsKeys, offline }, known, new Date(around.generatedAt)),
      }));
      return [{ ...about(asset), objectives: objectivesOf(asset, drills), points, drills: drills.map(drillReport) }];
    }),
    keys: plan.assets.flatMap((asset) => {
      if (asset.kind !== 'key') return [];
      const escrow = records.escrow[asset.id];
      const drills = keyDrillsOf(asset.id, [records.evidences]);
      const offline = offlineOf(asset, escrow, records.offlineProofs ?? [], new Date(around.generatedAt));
      return [
        {
          ...about(asset),
          readBacks: readBacksOf(escrow, plan.home.region),
          marks: [...(escrow?.marks ?? [])],
          offline,
          lastDrills: lastDrillsOf(asset.id, drills, offline),
          drills,
        },
      ];
    }),
    leftKeys: records.leftKeys ?? [],
    wrongs: (records.wrongs ?? []).toSorted((a, b) => Number(b.colour === 'red') - Number(a.colour === 'red')),
    gaps: [
      ...plan.assets.flatMap((asset) => asset.gaps.map((gap) => gapReport(gap, asset.id))),
      ...plan.gaps.map((gap) => gapReport(gap, 'whole plan')),
    ],
  };
}

const newestFirst = <T>(items: readonly T[], at: (item: T) => string): T[] =>
  items.toSorted((a, b) => Date.parse(at(b)) - Date.parse(at(a)));

function objectivesOf(asset: PostgresAsset, drillsNewestFirst: readonly DrillEvidence[]): ObjectiveReport[] {
  const compared = compareObjectives(asset, drillsNewestFirst);
  return (['rpo', 'rto'] as const).map((objective) => {
    const gap = gapFor(asset, objective);
    const secondsOf = (drill: DrillEvidence) => (objective === 'rpo' ? measuredRpo(drill) : drill.measured.rtoSeconds);
    const passed = drillsNewestFirst.find((drill) => drill.outcome === 'passed' && secondsOf(drill) !== undefined);
    const seconds = passed && secondsOf(passed);
    const people = passed && objective === 'rto' ? peopleSeconds(asset, checkedSeconds(passed)) : 0;
    return {
      name: objective === 'rpo' ? 'RPO' : 'RTO',
      statedSeconds: durationSeconds(asset.objectives[objective]),
      accepted: gap?.bound ? { seconds: durationSeconds(gap.bound), by: gap.id ?? 'a declared gap' } : undefined,
      measured:
        passed && seconds !== undefined
          ? {
              seconds,
              on: `${passed.measured.target}${passed.from === 'replica' ? ', from the replica vault' : ''}`,
              ...(people > 0 ? { people } : {}),
            }
          : undefined,
      verdict: compared.find((one) => one.objective === objective)?.verdict ?? 'unknown',
    };
  });
}

const drillReport = (evidence: DrillEvidence): DrillReport => ({
  run: evidence.run,
  outcome: evidence.outcome,
  at: evidence.judgedAt,
  point: evidence.point,
  from: evidence.from,
  reasons: evidence.reasons,
  phases: evidence.result?.phases ?? [],
  checks: evidence.result?.checks ?? [],
  bytesRestored: evidence.result?.bytesRestored,
  isolation: evidence.result?.isolation,
  target: evidence.measured.target,
  notes: evidence.result?.notes ?? [],
  scenario: evidence.scenario,
  seconds: evidence.measured.rtoSeconds,
});

const gapReport = ({ id, what, reason, bound, objective }: DeclaredGap, scope: string): GapReport => ({
  id,
  scope,
  what,
  reason,
  bound: bound && objective ? boundText(objective, bound) : undefined,
});
