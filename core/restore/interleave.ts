/**
 * Segments in an order in which neighbours are of different tables as far as possible, the table with most left to load first. Two
 * sessions that load one table wait for each other whenever it grows; sessions that take neighbours of this order seldom do.
 */
export function interleave<T>(segments: readonly T[], tableOf: (segment: T) => string, bytesOf: (segment: T) => number): T[] {
  const tables = new Map<string, { left: T[]; bytes: number }>();
  for (const segment of segments.toSorted((a, b) => bytesOf(a) - bytesOf(b))) {
    const table = tables.get(tableOf(segment)) ?? { left: [], bytes: 0 };
    table.left.push(segment);
    table.bytes += bytesOf(segment);
    tables.set(tableOf(segment), table);
  }
  const order: T[] = [];
  let previous: string | undefined;
  while (order.length < segments.length) {
    let next: string | undefined;
    for (const [name, { left, bytes }] of tables) {
      if (left.length === 0 || name === previous) continue;
      if (next === undefined || bytes > (tables.get(next)?.bytes ?? 0)) next = name;
    }
    next ??= previous;
    const table = next === undefined ? undefined : tables.get(next);
    const segment = table?.left.pop();
    if (table === undefined || segment === undefined) return order;
    table.bytes -= bytesOf(segment);
    order.push(segment);
    previous = next;
  }
  return order;
}
