/** Whether the restored database is what the plan and the point promise. Every check runs, whatever the others found. */
import type { ThrowawayConnection } from '../../adapters/postgres/throwaway.ts';
import type { CheckResult } from '../../core/drill/contract.ts';
import {
  evaluateLargeObjects,
  evaluateOtherTables,
  evaluateRowCount,
  evaluateSqlCheck,
  type TableCount,
} from '../../core/drill/evaluate-checks.ts';
import type { Drill } from '../../core/plan/schema.ts';
import type { VerifiedFact } from '../../core/vault/facts.ts';
import { tableKey } from '../../core/restore/table-name.ts';
import { countRows, measureNumber, readTables, type RestoredTable } from './measure.ts';

/** One count of a table of hundreds of gigabytes takes minutes. */
const CHECK_TIMEOUT_SECONDS = 1800;

export async function runDatabaseChecks(
  database: Pick<ThrowawayConnection, 'query'>,
  plan: Pick<Drill, 'checks' | 'rowCounts'>,
  verified: VerifiedFact,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const tables = await readTables(database);
  const counted = new Map(verified.rows.map(({ table, rows }) => [tableKey(table), rows]));
  for (const check of plan.rowCounts) {
    signal.throwIfAborted();
    const key = tableKey(check.table);
    const table = tables.get(key);
    results.push(evaluateRowCount(check, countedRows(key, table, counted), await countRows(database, table, CHECK_TIMEOUT_SECONDS)));
  }
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

/** The archive holds rows of partitions, not of what they are partitions of. */
function countedRows(key: string, table: RestoredTable | undefined, counted: ReadonlyMap<string, number>): number | undefined {
  const own = counted.get(key);
  if (own !== undefined || !table?.partitions) return own;
  const parts = table.partitions.map((part) => counted.get(part));
  return parts.some((rows) => rows === undefined) ? undefined : parts.reduce<number>((sum, rows) => sum + (rows ?? 0), 0);
}

async function countOtherTables(
  database: Pick<ThrowawayConnection, 'query'>,
  plan: Pick<Drill, 'rowCounts'>,
  tables: ReadonlyMap<string, RestoredTable>,
  verified: VerifiedFact,
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
