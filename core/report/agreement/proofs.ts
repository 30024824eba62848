/** Records that show that people do what they agreed on, of both regions. Newest first. */
import type { ApprovalDecision } from '../../approval/records.ts';
import type { ScenarioEvidence } from '../../drill/scenario.ts';
import type { Scenario } from '../../plan/schema-scenarios.ts';
import type { MeasuredRestore } from '../measured-restores.ts';
import type { DrillReport, ReportModel } from '../model.ts';

export type AgreementProofs = {
  restores: readonly MeasuredRestore[];
  approvals: readonly Pick<ApprovalDecision, 'asset' | 'at' | 'outcome' | 'run'>[];
  scenarios: readonly Pick<ScenarioEvidence, 'scenario' | 'judgedAt' | 'outcome' | 'run' | 'measured'>[];
};

export type Play = { at: string; outcome: DrillReport['outcome']; seconds: number | undefined };

/** When a scenario was last played and what came of it: one of several assets has a verdict of its own, one of a single asset is a drill. */
export function lastPlayOf({ name, assets }: Scenario, model: ReportModel, proofs: AgreementProofs | undefined): Play | undefined {
  const whole = (proofs?.scenarios ?? [])
    .filter(({ scenario }) => scenario === name)
    .map(({ judgedAt: at, outcome, measured }): Play => ({ at, outcome, seconds: measured.rtoSeconds }));
  const [only, ...others] = assets;
  const drills = others.length > 0 ? [] : (model.databases.find(({ id }) => id === only)?.drills ?? []);
  const played = drills.filter(({ scenario }) => scenario === name).map(({ at, outcome, seconds }): Play => ({ at, outcome, seconds }));
  return [...whole, ...played].toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))[0];
}
