/**
 * Counts what an archive holds, in the SQL text of it: the rows of every COPY, and the large objects. Streaming, at the speed of a
 * search for line ends; what it keeps is one number per table.
 */
import type { EndWatcher } from './archive-end.ts';
import { watchPlain } from './archive-end.ts';
import { scanSql } from './sql-scan.ts';

export type ArchiveContent = { rows: { table: string; rows: number }[]; largeObjects: number; bytes: number };
export type ArchiveScan = EndWatcher & { content(): ArchiveContent };

const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const DOT = 0x2e;

/** Two identifiers as the server quotes them. */
const COPY = /^COPY ((?:"(?:[^"]|"")+"|[^\s".(]+)\.(?:"(?:[^"]|"")+"|[^\s".(]+)) /;
/** Once for each large object: then its bytes are written and it is closed. */
const LARGE_OBJECT = /^SELECT pg_catalog\.lo_open\(/;

export function scanArchive(): ArchiveScan {
  const sql = scanSql();
  const end = watchPlain();
  const rows = new Map<string, number>();
  let largeObjects = 0;
  let bytes = 0;
  /** Table whose rows are being read. The rest of the line of the COPY itself comes first. */
  let table: string | undefined;
  let isInCopyLine = false;
  let counted = 0;
  /** What of a line has been seen when a chunk ends inside of it: 0 to 2 bytes that may become `\.`, then just "more". */
  let lineBytes = 0;
  let mayBeEnd = true;

  /** Reads rows from `from`; answers where it stopped: behind the end of the rows, or at the end of the chunk. */
  const readRows = (chunk: Uint8Array, from: number): number => {
    let at = from;
    while (at < chunk.length) {
      const lineEnd = chunk.indexOf(NEWLINE, at);
      const stop = lineEnd === -1 ? chunk.length : lineEnd;
      for (; at < stop && lineBytes < 3; at++, lineBytes++)
        mayBeEnd &&= chunk[at] === (lineBytes === 0 ? BACKSLASH : lineBytes === 1 ? DOT : -1);
      if (lineEnd === -1) return chunk.length;
      at = lineEnd + 1;
      const isEnd = mayBeEnd && lineBytes === 2;
      lineBytes = 0;
      mayBeEnd = true;
      if (isInCopyLine) isInCopyLine = false;
      else if (isEnd) {
        rows.set(table ?? '', (rows.get(table ?? '') ?? 0) + counted);
        table = undefined;
        return at;
      } else counted += 1;
    }
    return at;
  };

  return {
    add(chunk) {
      end.add(chunk);
      bytes += chunk.length;
      let at = 0;
      while (at < chunk.length) {
        if (table !== undefined) {
          at = readRows(chunk, at);
          continue;
        }
        const found = sql.next(chunk, at);
        at = found.at;
        if (found.statement === undefined) continue;
        if (LARGE_OBJECT.test(found.statement.head)) largeObjects += 1;
        if (!found.statement.tail.endsWith(' FROM stdin')) continue;
        table = COPY.exec(found.statement.head)?.[1];
        isInCopyLine = true;
        counted = 0;
      }
    },
    missing: () => (table === undefined ? end.missing() : `the end of the rows of ${table}`),
    content: () => ({
      rows: [...rows].map(([name, count]) => ({ table: name, rows: count })).sort((a, b) => (a.table < b.table ? -1 : 1)),
      largeObjects,
      bytes,
    }),
  };
}
