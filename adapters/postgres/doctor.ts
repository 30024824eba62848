/** Reads what doctor judges from a real database: one read-only transaction, catalogs only. */
import type { DatabaseFacts } from '../../core/doctor/facts.ts';
import type { Query, SourceConnection } from './connection.ts';
import { readLargeObjects, readReader, readRowSecurity, readSchemas, readUnreadable } from './doctor-reader.ts';
import { PostgresFailed } from './errors.ts';

export type InspectOptions = {
  /** The role that shall dump, when it is not the one that is logged in. It need not exist yet. */
  readerName?: string | undefined;
};

/**
 * @throws PostgresFailed, by SQLSTATE and never in the server's own words
 */
export async function inspectDatabase(connection: SourceConnection, { readerName }: InspectOptions = {}): Promise<DatabaseFacts> {
  const { query } = connection;
  await query('begin the inspection', 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  try {
    // Before the limits of the inspection itself are set.
    const server = await readServer(query);
    await query(
      'limit the inspection',
      `SELECT set_config('statement_timeout', '60s', true), set_config('lock_timeout', '5s', true), set_config('search_path', '', true)`,
    );
    const session = await readSession(query);
    const { oid, reader } = await readReader(query, readerName ?? session.user, server.versionNum);
    return {
      inspectedAt: session.now,
      server,
      connection: {
        user: session.user,
        tls: session.tls,
        isPooled: connection.processId() !== session.processId,
        poolers: await readPoolers(query),
      },
      database: session.database,
      reader,
      schemas: await readSchemas(query, oid),
      unreadable: await readUnreadable(query, oid),
      rowSecurity: await readRowSecurity(query, oid),
      largeObjects: await readLargeObjects(query, oid),
      content: await readContent(query),
    };
  } finally {
    // Nothing was written; an error here would hide the one that led here.
    await query('end the inspection', 'ROLLBACK').catch(() => undefined);
  }
}

const TIMEOUTS = [
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'transaction_timeout',
];

async function readServer(query: Query): Promise<DatabaseFacts['server']> {
  const settings = await query<{ name: string; setting: string }>(
    'read the settings',
    `SELECT name, setting FROM pg_catalog.pg_settings WHERE name = ANY ($1)`,
    [
      [
        ...TIMEOUTS,
        'server_version_num',
        'server_version',
        'max_standby_streaming_delay',
        'default_transaction_read_only',
        'max_connections',
        'superuser_reserved_connections',
        'reserved_connections',
      ],
    ],
  );
  const of = (name: string) => settings.find((row) => row.name === name)?.setting;
  const numberOf = (name: string) => Number(of(name) ?? 0);
  const [used] = await query<{ sessions: string; recovery: boolean }>(
    'count the sessions',
    `SELECT count(*) AS sessions, pg_catalog.pg_is_in_recovery() AS recovery FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend'`,
  );
  const free =
    numberOf('max_connections') -
    numberOf('superuser_reserved_connections') -
    numberOf('reserved_connections') -
    Number(used?.sessions ?? 0);
  return {
    versionNum: numberOf('server_version_num'),
    version: of('server_version') ?? '',
    isInRecovery: used?.recovery ?? false,
    maxStandbyStreamingDelayMs: numberOf('max_standby_streaming_delay'),
    freeConnections: free,
    defaultReadOnly: of('default_transaction_read_only') === 'on',
    timeoutsMs: Object.fromEntries(TIMEOUTS.map((name) => [name, numberOf(name)] as const).filter(([, ms]) => ms > 0)),
  };
}

type SessionRow = { now: string; role: string; tls: string | null; pid: string; database: string; encoding: string; size: string };

async function readSession(query: Query) {
  const [row] = await query<SessionRow>(
    'read the session',
    `SELECT extract(epoch FROM now()) * 1000 AS now, current_user AS role, s.version AS tls, pg_catalog.pg_backend_pid() AS pid, d.datname AS database,
            pg_catalog.pg_encoding_to_char(d.encoding) AS encoding, pg_catalog.pg_database_size(d.oid) AS size
       FROM pg_catalog.pg_database d LEFT JOIN pg_catalog.pg_stat_ssl s ON s.pid = pg_catalog.pg_backend_pid() AND s.ssl
      WHERE d.datname = current_database()`,
  );
  if (row === undefined) throw new PostgresFailed('read the session', { failure: 'Unexpected' });
  return {
    now: new Date(Math.floor(Number(row.now))),
    user: row.role,
    tls: row.tls ?? undefined,
    processId: Number(row.pid),
    database: { name: row.database, encoding: row.encoding, sizeBytes: Number(row.size) },
  };
}

/** Application names are visible to every role; RDS Proxy is known by the user that it comes as. */
async function readPoolers(query: Query): Promise<string[]> {
  const rows = await query<{ pooler: string }>(
    'look for poolers',
    `SELECT DISTINCT coalesce((regexp_match(application_name, '(pgbouncer|pgpool|pgcat|odyssey|supavisor)', 'i'))[1], usename::text) AS pooler
       FROM pg_catalog.pg_stat_activity
      WHERE application_name ~* 'pgbouncer|pgpool|pgcat|odyssey|supavisor' OR usename IN ('rdsproxyadmin', 'pgbouncer') ORDER BY 1`,
  );
  return rows.map((row) => row.pooler);
}

type ContentRow = { unlogged: string; subscriptions: string; mappings: string; blocking: string; prepared: string };

async function readContent(query: Query): Promise<DatabaseFacts['content']> {
  const extensions = await query<{ name: string; version: string }>(
    'list the extensions',
    `SELECT extname AS name, extversion AS version FROM pg_catalog.pg_extension ORDER BY extname`,
  );
  const [row] = await query<ContentRow>(
    'count what dumps stumble over',
    `WITH here AS (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
     SELECT (SELECT count(*) FROM pg_catalog.pg_class WHERE relpersistence = 'u' AND relkind = 'r') AS unlogged,
            (SELECT count(*) FROM pg_catalog.pg_subscription WHERE subdbid = (SELECT oid FROM here)) AS subscriptions,
            (SELECT count(*) FROM pg_catalog.pg_user_mappings) AS mappings,
            (SELECT count(DISTINCT l.pid) FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
              WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.granted AND l.database = (SELECT oid FROM here)
                AND a.xact_start < now() - interval '5 minutes') AS blocking,
            (SELECT count(*) FROM pg_catalog.pg_prepared_xacts WHERE database = current_database()) AS prepared`,
  );
  return {
    extensions,
    unloggedTables: Number(row?.unlogged ?? 0),
    subscriptions: Number(row?.subscriptions ?? 0),
    userMappings: Number(row?.mappings ?? 0),
    blockingTransactions: Number(row?.blocking ?? 0),
    preparedTransactions: Number(row?.prepared ?? 0),
  };
}
