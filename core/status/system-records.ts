import type { ProtectionPlan } from '../plan/schema.ts';
import type { ReportRecords } from '../report/build-report.ts';
import type { SystemRecords } from './decide-colour.ts';
import { drillsOfPoints, summarizeDrill, summarizeKey } from './summary.ts';

/** What colours are decided from, out of the records as they were read. */
export function systemRecords(plan: Pick<ProtectionPlan, 'assets' | 'home'>, records: ReportRecords): SystemRecords {
  const drills: Record<string, ReturnType<typeof summarizeDrill>[]> = {};
  const keys: Record<string, ReturnType<typeof summarizeKey>> = {};
  const evidences = Object.values(records.evidences).flat();
  for (const { id, kind } of plan.assets) {
    if (kind === 'key') {
      const { current, readBacks } = records.escrow[id] ?? { current: undefined, readBacks: [] };
      keys[id] = summarizeKey(id, current, readBacks, evidences, plan.home.region);
    } else {
      // A drill whose evidence is beyond the limit of what was read is still told of by its point.
      drills[id] = [...(records.evidences[id] ?? []).map(summarizeDrill), ...drillsOfPoints(records.points[id] ?? [])];
    }
  }
  return { points: records.points, drills, keys };
}
