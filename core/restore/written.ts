/** What was written to a database, as PostgreSQL counts it, and whether that is more than it was. Pure. */
import * as z from 'zod';
import { nameSome } from './find-obstacles.ts';

/**
 * Rows inserted, updated and deleted, of each table that has any, by `schema.table`. The tables of the catalog are among them: they
 * count what is defined. What ANALYZE writes is not.
 */
export const Written = z.record(z.string(), z.string());
export type Written = z.infer<typeof Written>;

/** Names of what was written to; what a server counts is not more than it was only when it is the same. */
export function findWritten(before: Written, now: Written): string[] {
  const changed = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((table) => before[table] !== now[table]);
  return [...new Set(changed.map(sayTable))].toSorted();
}

/** Undefined when nothing was. */
export function describeWritten(before: Written, now: Written): string | undefined {
  const tables = findWritten(before, now);
  return tables.length === 0 ? undefined : nameSome(tables);
}

const sayTable = (table: string): string => {
  if (table.startsWith('pg_catalog.pg_largeobject')) return 'large objects';
  return table.startsWith('pg_catalog.') ? 'definitions' : table;
};
