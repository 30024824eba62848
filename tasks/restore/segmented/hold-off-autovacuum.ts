/**
 * A table that grows by a segment at a time is vacuumed and analyzed again and again while it grows, by a worker that takes a core
 * and the log from those who load it. Autovacuum passes by a table on which it cannot have its lock at once: a session of its own
 * holds that lock, which loading does not mind. It ends with the session: nothing of it stays, whatever happens.
 */
import type { LoadSession, OpenLoadSession } from '../../../adapters/postgres/load-session.ts';
import { PostgresFailed } from '../../../adapters/postgres/errors.ts';
import type { ArchiveEntry } from '../../../core/archive/toc.ts';
import { quoteIdentifier } from '../../../core/restore/sql-names.ts';
import type { LoadableSegment } from './archive.ts';

/** A server has 64 places for locks to each session, as it comes; others need theirs. */
const MOST_TABLES = 32;

/** Those of several segments, the longest first. One segment is one transaction: nobody sees the table grow. */
function longestTables(segments: readonly LoadableSegment[]): number[] {
  const counts = new Map<number, number>();
  for (const { tableDumpId } of segments) counts.set(tableDumpId, (counts.get(tableDumpId) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST_TABLES)
    .map(([dumpId]) => dumpId);
}

/** Undefined for a name that is not text of ours: the archive holds the server's bytes. */
function quotedName({ schema, tag }: ArchiveEntry, encoding: string): string | undefined {
  if (schema === null || tag === null) return undefined;
  const bytes = [schema, tag].map((name) => Buffer.from(name, 'latin1'));
  if (encoding !== 'UTF8' && bytes.some((name) => name.some((byte) => byte > 0x7f))) return undefined;
  return bytes.map((name) => quoteIdentifier(name.toString('utf8'))).join('.');
}

export type HeldOff = {
  entries: readonly ArchiveEntry[];
  encoding: string;
  segments: readonly LoadableSegment[];
  open: OpenLoadSession;
};

/** Answers how to let autovacuum in again. A server that does not grant the lock is let do as it does. */
export async function holdOffAutovacuum({ entries, encoding, segments, open }: HeldOff): Promise<() => Promise<void>> {
  const longest = new Set(longestTables(segments));
  const names = entries.filter(({ dumpId }) => longest.has(dumpId)).flatMap((entry) => quotedName(entry, encoding) ?? []);
  if (names.length === 0) return () => Promise.resolve();
  const tables = names.map((name) => `ONLY ${name}`).join(', ');
  let session: LoadSession | undefined;
  try {
    session = await open();
    await session.query('hold off autovacuum', 'BEGIN');
    await session.query('hold off autovacuum', `LOCK TABLE ${tables} IN SHARE UPDATE EXCLUSIVE MODE NOWAIT`);
  } catch (error) {
    if (!(error instanceof PostgresFailed)) throw error;
  }
  const held = session;
  return async () => {
    // A lock that ends with the session ends a moment after it was closed, and the next statement would meet it.
    await held?.query('let autovacuum in again', 'ROLLBACK').catch(() => undefined);
    await held?.close();
  };
}
