/** What is asked of a restored database before anybody uses it: the checks of the drills, and those that the plan has for restores. Pure. */
import type { CheckResult } from '../drill/contract.ts';
import type { RowCountCheck } from '../drill/evaluate-checks.ts';
import type { PostgresAsset } from '../plan/schema-assets.ts';
import type { DrillCheck } from '../plan/schema-drill.ts';
import { isEverything, type RestoreSelection } from '../restore/selection.ts';
import { tableKey } from '../restore/table-name.ts';

export type RestoreChecks = {
  checks: DrillCheck[];
  /** Against what verify counted of the point itself. */
  rowCounts: RowCountCheck[];
  /** By the id of an earlier point, against what verify counted of that. */
  earlier: Map<string, RowCountCheck[]>;
};

/** Where a drill and the restore say something of the same, the restore's word counts. */
export function selectRestoreChecks({ drill, restore }: Pick<PostgresAsset, 'drill' | 'restore'>): RestoreChecks {
  const { checks = [], rowCounts = [] } = restore?.validation ?? {};
  const names = new Set(checks.map(({ name }) => name));
  const own = rowCounts.filter(({ against }) => against === 'verified');
  const tables = new Set(own.map(({ table }) => tableKey(table)));
  return {
    checks: [...drill.checks.filter(({ name }) => !names.has(name)), ...checks],
    rowCounts: [...drill.rowCounts.filter(({ table }) => !tables.has(tableKey(table))), ...own],
    earlier: Map.groupBy(
      rowCounts.filter(({ against }) => against !== 'verified'),
      ({ against }) => against,
    ),
  };
}

/** What the plan promises is of the whole: undefined where the whole is restored. */
export const whyUnchecked = (selection: RestoreSelection): string | undefined =>
  isEverything(selection)
    ? undefined
    : 'Only a part of the point was restored: the plan’s checks and what verify counted are of all of it, so nothing was checked. Look at it yourself';

/** Two points may be compared with by the same table. */
export const ofEarlierPoint = (result: CheckResult, point: string): CheckResult => ({ ...result, name: `${result.name} as in ${point}` });

/** The plan compares with a point of which nothing is known any more: that is no proof of anything. */
export const withoutCount = ({ table }: RowCountCheck, point: string): CheckResult => ({
  name: `rows of ${table} as in ${point}`,
  kind: 'row-count',
  outcome: 'failed',
  expected: `what verify counted of ${point}`,
  measured: 'no such count: the point is gone, or was never verified',
});
