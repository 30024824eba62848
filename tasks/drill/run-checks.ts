/** Whether the restored database is what the plan and the point promise. Every check runs, whatever the others found. */
import type { ThrowawayConnection } from '../../adapters/postgres/throwaway.ts';
import type { CheckResult } from '../../core/drill/contract.ts';
import {
  evaluateLargeObjects,
  evaluateOtherTables,
  evaluateRowCount,
  evaluateSqlCheck,
  type RowCountCheck,
  type TableCount,
} from '../../core/drill/evaluate-checks.ts';
import type { Drill } from '../../core/plan/schema.ts';
import type { VerifiedFact } from '../../core/vault/facts.ts';
import { tableKey } from '../../core/restore/table-name.ts';
import { countRows, measureNumber, readTables, type RestoredTable } from './measure.ts';

/** One count of a table of hundreds of gigabytes takes minutes. */
const CHECK_TIMEOUT_SECONDS = 1800;

/** What verify counted of a point. */
type Counted = Pick<VerifiedFact, 'rows' | 'largeObjects'>;

export async function runDatabaseChecks(
  database: Pick<ThrowawayConnection, 'query'>,
  plan: Pick<Drill, 'checks'> & { rowCounts: readonly RowCountCheck[] },
  verified: Counted,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const tables = await readTables(database);
  const results = await runRowCounts(database, plan.rowCounts, { verified, tables }, signal);
  results.push(evaluateOtherTables(await countOtherTables(database, plan, tables, verified, signal)));
  results.push(
    evaluateLargeObjects(
      verified,
      await measureNumber(database, 'SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata', CHECK_TIMEOUT_SECONDS),
    ),
  );
  for (const check of plan.checks) {
    signal.throwIfAborted();
    results.push(evaluateSqlCheck(check, await measureNumber(database, check.sql, CHECK_TIMEOUT_SECONDS)));
  }
  return results;
}

/** @param against.verified of the point that is restored, or of another one that it is compared with */
export async function runRowCounts(
  database: Pick<ThrowawayConnection, 'query'>,
  checks: readonly RowCountCheck[],
  against: { verified: Pick<VerifiedFact, 'rows'>; tables?: ReadonlyMap<string, RestoredTable> },
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const tables = against.tables ?? (await readTables(database));
  const counted = new Map(against.verified.rows.map(({ table, rows }) => [tableKey(table), rows]));
  const results: CheckResult[] = [];
  for (const check of checks) {
    signal.throwIfAborted();
    const key = tableKey(check.table);
    const table = tables.get(key);
    results.push(evaluateRowCount(check, countedRows(key, table, counted), await countRows(database, table, CHECK_TIMEOUT_SECONDS)));
  }
  return results;
}

/** The archive holds rows of partitions, not of what they are partitions of. */
function countedRows(key: string, table: RestoredTable | undefined, counted: ReadonlyMap<string, number>): number | undefined {
  const own = counted.get(key);
  if (own !== undefined || !table?.partitions) return own;
  const parts = table.partitions.map((part) => counted.get(part));
  return parts.some((rows) => rows === undefined) ? undefined : parts.reduce<number>((sum, rows) => sum + (rows ?? 0), 0);
}

async function countOtherTables(
  database: Pick<ThrowawayConnection, 'query'>,
  plan: { rowCounts: readonly RowCountCheck[] },
  tables: ReadonlyMap<string, RestoredTable>,
  verified: Counted,
  signal: AbortSignal,
): Promise<TableCount[]> {
  const named = new Set(plan.rowCounts.map((check) => tableKey(check.table)));
  const counts: TableCount[] = [];
  for (const { table, rows } of verified.rows) {
    const key = tableKey(table);
    if (named.has(key)) continue;
    signal.throwIfAborted();
    counts.push({ table, countedRows: rows, measured: await countRows(database, tables.get(key), CHECK_TIMEOUT_SECONDS) });
  }
  return counts;
}
