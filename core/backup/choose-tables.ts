/** Which tables are read in segments. What is not stays with pg_dump, which reads one table after the other. */

const MIB = 1024 ** 2;

export type TableLimits = {
  /** Tables of this size and more are worth a connection's while. */
  tableBytes: number;
  /** Smaller ones never are: each costs objects of its own. */
  leastTableBytes: number;
  /** Each is an argument of pg_dump and a lock in every session. */
  mostTables: number;
};
export const TABLE_LIMITS: TableLimits = { tableBytes: 32 * MIB, leastTableBytes: MIB, mostTables: 1000 };

/** pg_dump is one more session beside the workers: this part of a worker's share keeps it from being the last to end. */
const PART_OF_A_SHARE = 1 / 16;

/**
 * Largest first: every table from `tableBytes` on, and smaller ones until what is left to pg_dump is small beside what a worker reads.
 * @param restBytes of everything that cannot be segmented at all
 */
export function selectSegmentedTables<T extends { bytes: number }>(
  tables: readonly T[],
  { restBytes, workers, limits = TABLE_LIMITS }: { restBytes: number; workers: number; limits?: TableLimits },
): T[] {
  const bySize = tables.toSorted((a, b) => b.bytes - a.bytes);
  let left = bySize.reduce((sum, { bytes }) => sum + bytes, restBytes);
  const enough = (left / workers) * PART_OF_A_SHARE;
  const selected: T[] = [];
  for (const table of bySize) {
    const isWorthIt = table.bytes >= limits.tableBytes || (table.bytes >= limits.leastTableBytes && left > enough);
    if (!isWorthIt || selected.length === limits.mostTables) break;
    selected.push(table);
    left -= table.bytes;
  }
  return selected;
}
