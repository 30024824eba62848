type Table<T> = { left: T[]; bytes: number; loading: number };

/**
 * Hands out segments so that sessions load different tables as far as possible: two that load one table wait for each other whenever it
 * grows. Whoever is free gets a segment of the table with fewest sessions at it and, among those, with most left to load; of it, the
 * largest. Each segment is handed out once, when it is asked for, because how long one takes is not known before.
 */
export class TableTurns<T> implements Iterable<T> {
  readonly #tables = new Map<string, Table<T>>();
  readonly #tableOf: (segment: T) => string;
  readonly #bytesOf: (segment: T) => number;

  constructor(segments: readonly T[], tableOf: (segment: T) => string, bytesOf: (segment: T) => number) {
    this.#tableOf = tableOf;
    this.#bytesOf = bytesOf;
    for (const segment of segments.toSorted((a, b) => bytesOf(a) - bytesOf(b))) {
      const table = this.#tables.get(tableOf(segment)) ?? { left: [], bytes: 0, loading: 0 };
      table.left.push(segment);
      table.bytes += bytesOf(segment);
      this.#tables.set(tableOf(segment), table);
    }
  }

  *[Symbol.iterator](): Generator<T, void, void> {
    for (let table = this.#next(); table !== undefined; table = this.#next()) {
      const segment = table.left.pop();
      if (segment === undefined) return;
      table.bytes -= this.#bytesOf(segment);
      table.loading++;
      yield segment;
    }
  }

  /** A session is through with this segment, loaded or not. */
  leave(segment: T): void {
    const table = this.#tables.get(this.#tableOf(segment));
    if (table !== undefined) table.loading--;
  }

  #next(): Table<T> | undefined {
    let next: Table<T> | undefined;
    for (const table of this.#tables.values()) {
      if (table.left.length === 0) continue;
      const isBetter = next === undefined || table.loading < next.loading || (table.loading === next.loading && table.bytes > next.bytes);
      if (isBetter) next = table;
    }
    return next;
  }
}
