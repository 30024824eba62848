/** A session that reads segments: inside the snapshot of the coordinator, holding the tables before anything is read. */
import { copyOut, copySocket } from './copy-out.ts';
import { connectClient, queryFailed } from './connection.ts';
import { gatherReads } from './gather-reads.ts';
import { PostgresFailed } from './errors.ts';
import type { SourceLogin } from './source.ts';
import { LIFT_TIME_LIMITS } from './snapshot-sql.ts';
import { SESSION_SETTINGS } from '../../core/backup/segment-sql.ts';

export type SegmentSessionSettings = {
  login: SourceLogin;
  applicationName: string;
  snapshot: string;
  /** Quoted as in SQL. */
  tables: readonly string[];
};

export type SegmentSession = {
  /** Gives `take` the rows of a COPY; answers how many there were. Throws PostgresFailed. */
  copy(tried: string, sql: string, take: (rows: Buffer) => void): Promise<number>;
  pause(): void;
  resume(): void;
  /** At any time: a COPY under way fails. */
  close(): Promise<void>;
};

const INVALID_SNAPSHOT = '22023';

/** Throws PostgresFailed; with SQLSTATE 55P03 when somebody waits for, or holds, a table in a way that bars readers. */
export async function openSegmentSession({ login, applicationName, snapshot, tables }: SegmentSessionSettings): Promise<SegmentSession> {
  const { client, endedBy } = await connectClient(login, applicationName, login.tls.mode === 'disable' ? copySocket : undefined);
  const run = async (tried: string, sql: string) => {
    try {
      await client.query(sql);
    } catch (error) {
      throw queryFailed(tried, error, endedBy());
    }
  };
  try {
    await run('prepare the session', SESSION_SETTINGS);
    await run('lift the time limits of the session', LIFT_TIME_LIMITS);
    await run('begin to read', 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await run('import the snapshot', `SET TRANSACTION SNAPSHOT '${snapshot}'`);
    // Not waiting: behind a queued ALTER TABLE, which waits for the coordinator, this would wait for ever.
    await run('lock the tables', `LOCK TABLE ${tables.map((table) => `ONLY ${table}`).join(', ')} IN ACCESS SHARE MODE NOWAIT`);
  } catch (error) {
    await client.end().catch(() => undefined);
    // Whoever exported it is gone, and with it the view of the database that all of the dump is of.
    if (error instanceof PostgresFailed && error.sqlstate === INVALID_SNAPSHOT)
      throw new PostgresFailed('import the snapshot', { failure: 'DumpInterruptedByServer', sqlstate: INVALID_SNAPSHOT });
    throw error;
  }
  const reads = gatherReads(client.connection.stream);
  return {
    copy: (tried, sql, take) =>
      copyOut(client, {
        tried,
        sql,
        take(rows) {
          reads.add(rows.length);
          take(rows);
        },
        endedBy,
      }),
    pause: () => reads.pause(),
    resume: () => reads.resume(),
    close: () => client.end().catch(() => undefined),
  };
}
