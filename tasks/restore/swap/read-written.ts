/** What was written to a database so far, asked in the database itself: any role may ask it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { describeWritten, type Written } from '../../../core/restore/written.ts';
import { TargetUnfit } from '../errors.ts';

/** Before this one a process of the server collects what sessions tell it, and publishes it twice a second. */
const FIRST_WITHOUT_COLLECTOR = 150_000;
const COLLECTOR_MILLISECONDS = 1500;

/**
 * A session tells what it wrote when it ends, at the latest: count when those are gone whose work is to be counted. What ANALYZE and
 * autovacuum write is no row of anybody's. Throws TargetUnfit where the server does not count.
 */
export async function readWritten({ query }: SourceConnection): Promise<Written> {
  const tried = 'read what was written to the database';
  const [server] = await query<{ version: string; counts: string }>(
    tried,
    `SELECT current_setting('server_version_num') AS version, current_setting('track_counts') AS counts`,
  );
  if (server?.counts !== 'on')
    throw new TargetUnfit(
      'TargetRefused',
      'the server does not count what is written (`track_counts` is off), so nobody would see what is lost',
      'Set track_counts = on, or restore with --target in-place, which keeps the old database',
    );
  if (Number(server.version) < FIRST_WITHOUT_COLLECTOR) await sleep(COLLECTOR_MILLISECONDS);
  const rows = await query<{ name: string; counted: string }>(
    tried,
    `SELECT s.schemaname || '.' || s.relname AS name, s.n_tup_ins || '/' || s.n_tup_upd || '/' || s.n_tup_del AS counted
     FROM pg_catalog.pg_stat_all_tables s JOIN pg_catalog.pg_class c ON c.oid = s.relid
     WHERE NOT c.relisshared AND c.relkind <> 't' AND s.schemaname !~ '^pg_temp_'
       AND NOT (s.schemaname = 'pg_catalog' AND s.relname IN ('pg_statistic', 'pg_statistic_ext_data'))
       AND s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0`,
  );
  return Object.fromEntries(rows.map(({ name, counted }) => [name, counted]));
}

/** It may have been a try of the same restore that was rolled back: PostgreSQL counts its rows like anybody's. */
export class WrittenSince extends TargetUnfit {
  constructor(database: string, written: string) {
    super(
      'TargetRefused',
      `something was written to ${JSON.stringify(database)} after it was marked to be saved, and would be lost: ${written}`,
      'Stop what writes to it (`restore.quiesce` in the plan does so for every restore) and start the same restore again; nothing was replaced',
    );
  }
}

/** @param connection into the database, which nobody else is in any more. Throws WrittenSince. */
export async function checkUnwritten(connection: SourceConnection, database: string, before: Written): Promise<void> {
  const written = describeWritten(before, await readWritten(connection));
  if (written !== undefined) throw new WrittenSince(database, written);
}
