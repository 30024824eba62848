/** What a measured number means for a check. Only numbers, SQLSTATEs and names come in and go out: never a row. */
import { describeSeconds, durationSeconds } from '../plan/durations.ts';
import type { Drill, DrillCheck, PostgresAsset } from '../plan/schema.ts';
import type { VerifiedFact } from '../vault/facts.ts';
import type { CheckResult } from './contract.ts';
import { plural } from '../quantities.ts';

/** A number as the server wrote it, or why there is none: `SQLSTATE 42P01`, `3 rows`. */
export type Measured = { number: string } | { problem: string };

const COMPARISONS: Record<DrillCheck['compare'], (measured: number, expected: number) => boolean> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

export function evaluateSqlCheck(check: DrillCheck, measured: Measured): CheckResult {
  const result = { name: check.name, kind: 'sql' as const, expected: `${check.compare} ${check.expect}` };
  if ('problem' in measured) return { ...result, outcome: 'failed', measured: measured.problem };
  if (!NUMBER.test(measured.number)) return { ...result, outcome: 'failed', measured: 'not a number' };
  const isMet = COMPARISONS[check.compare](Number(measured.number), check.expect);
  return { ...result, outcome: isMet ? 'passed' : 'failed', measured: measured.number };
}

/** Of a drill or of a restore. */
export type RowCountCheck = Pick<Drill['rowCounts'][number], 'table' | 'tolerancePercent'>;

/**
 * @param countedRows what verify counted; undefined when it counted no such table
 * @param measured what the restored table has
 */
export function evaluateRowCount(check: RowCountCheck, countedRows: number | undefined, measured: Measured): CheckResult {
  const tolerance = check.tolerancePercent > 0 ? ` ± ${check.tolerancePercent} %` : '';
  const result = { name: `rows of ${check.table}`, kind: 'row-count' as const };
  if (countedRows === undefined)
    return {
      ...result,
      outcome: 'failed',
      expected: 'a table that verify counted',
      measured: 'problem' in measured ? measured.problem : measured.number,
    };
  const expected = `${countedRows}${tolerance}`;
  if ('problem' in measured) return { ...result, outcome: 'failed', expected, measured: measured.problem };
  const isMet = Math.abs(Number(measured.number) - countedRows) <= (countedRows * check.tolerancePercent) / 100;
  return { ...result, outcome: isMet ? 'passed' : 'failed', expected, measured: measured.number };
}

export type TableCount = { table: string; countedRows: number; measured: Measured };

/** Every table that the plan does not name, in one check: the archive's own counts are exact. Names the first that differ. */
export function evaluateOtherTables(counts: readonly TableCount[]): CheckResult {
  const different = counts.filter(({ countedRows, measured }) => !('number' in measured) || Number(measured.number) !== countedRows);
  const shown = different
    .slice(0, 5)
    .map(
      ({ table, countedRows, measured }) =>
        `${table}: ${'number' in measured ? measured.number : measured.problem} instead of ${countedRows}`,
    );
  const more = different.length > shown.length ? ` and ${different.length - shown.length} more` : '';
  return {
    name: 'rows of every other table',
    kind: 'row-count',
    outcome: different.length === 0 ? 'passed' : 'failed',
    expected: `${plural(counts.length, 'table')} as verified`,
    measured: different.length === 0 ? `${plural(counts.length, 'table')} as verified` : `${shown.join('; ')}${more}`,
  };
}

export function evaluateLargeObjects(fact: Pick<VerifiedFact, 'largeObjects'>, measured: Measured): CheckResult {
  const result = { name: 'large objects', kind: 'large-objects' as const, expected: String(fact.largeObjects) };
  if ('problem' in measured) return { ...result, outcome: 'failed', measured: measured.problem };
  return { ...result, outcome: Number(measured.number) === fact.largeObjects ? 'passed' : 'failed', measured: measured.number };
}

/** The oldest that the newest point may be: the RPO, or what a declared gap holds instead, and the time of one run. */
export function oldestFreshSeconds(asset: Pick<PostgresAsset, 'objectives' | 'gaps' | 'schedule'>): number {
  const bounds = asset.gaps.flatMap((gap) => (gap.objective === 'rpo' && gap.bound ? [durationSeconds(gap.bound)] : []));
  return Math.max(durationSeconds(asset.objectives.rpo), ...bounds) + durationSeconds(asset.schedule.longestRun);
}

/** Only for the newest point: an older one is drilled because it is old. */
export function evaluateFreshness(ageSeconds: number, oldestSeconds: number): CheckResult {
  return {
    name: 'age of the newest point',
    kind: 'freshness',
    outcome: ageSeconds <= oldestSeconds ? 'passed' : 'failed',
    expected: `<= ${describeSeconds(oldestSeconds)}`,
    measured: describeSeconds(Math.max(0, ageSeconds)),
  };
}
