/** The databases that are backed up: made once per scale, by the same statements and from the same seeds. */
import { join } from 'node:path';
import { lastLines, runProgram } from '../../local/processes/run.ts';
import { APP_ROOT } from '../place.ts';
import type { BenchPostgres } from '../servers/postgres.ts';

const HOURS_4_MS = 4 * 3_600_000;

/** Rows at scale 1, which is 2.4 GB with its indexes. */
const ROWS = { identities: 120_000, credentials: 500_000, sessions: 400_000, audit_rows: 2_600_000, events: 360_000, large_objects: 24 };
const TENANTS = 50;

export const databaseName = (scale: number): string => `bench_${String(scale).replace('.', '_')}`;

export async function ensureDatabase(postgres: BenchPostgres, scale: number, say: (text: string) => void): Promise<string> {
  const name = databaseName(scale);
  return makeOnce(postgres, name, async (unfinished) => {
    say(`Making the database of scale ${scale}`);
    const rows = Object.entries(ROWS).flatMap(([table, count]) => ['-v', `${table}=${Math.max(1, Math.floor(count * scale))}`]);
    const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', postgres.url(unfinished), '-v', `tenants=${TENANTS}`, ...rows];
    const file = join(APP_ROOT, 'bench', 'database', 'identity.sql');
    const made = await runProgram(join(postgres.binDir, 'psql'), [...args, '-f', file], { timeoutMs: HOURS_4_MS, env: {} });
    if (made.code !== 0) throw new Error(`The database could not be made: ${lastLines(made.stderr, 2)}`);
  });
}

/** The one big table alone, for what workers give within one table. Removed after use: physical tools copy the server whole. */
export async function withBigTable(postgres: BenchPostgres, database: string, use: (name: string) => Promise<void>): Promise<void> {
  const name = `${database}_big`;
  const server = await postgres.connect('postgres');
  try {
    await server.query(`DROP DATABASE IF EXISTS ${name}`);
    await server.query(`CREATE DATABASE ${name} TEMPLATE ${database} STRATEGY file_copy`);
    const client = await postgres.connect(name);
    await client.query('DROP TABLE identities, credentials, sessions, events, attachments, empty_table CASCADE');
    await client.query('DROP MATERIALIZED VIEW audit_daily');
    await client.query('SELECT lo_unlink(oid) FROM pg_largeobject_metadata');
    await client.query('VACUUM');
    await client.end();
    await use(name);
  } finally {
    await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await server.end();
  }
}

/** A database that was left half made has another name. */
async function makeOnce(postgres: BenchPostgres, name: string, make: (unfinished: string) => Promise<void>): Promise<string> {
  const unfinished = `${name}_unfinished`;
  const server = await postgres.connect('postgres');
  try {
    const { rowCount } = await server.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount) return name;
    await server.query(`DROP DATABASE IF EXISTS ${unfinished}`);
    await server.query(`CREATE DATABASE ${unfinished} TEMPLATE template0`);
    await make(unfinished);
    await server.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
    await server.query('CHECKPOINT');
    return name;
  } finally {
    await server.end();
  }
}

export async function databaseBytes(postgres: BenchPostgres, name: string): Promise<number> {
  const server = await postgres.connect('postgres');
  try {
    const { rows } = await server.query<{ bytes: string }>('SELECT pg_database_size($1) - pg_database_size($2) AS bytes', [
      name,
      'template0',
    ]);
    return Number(rows[0]?.bytes);
  } finally {
    await server.end();
  }
}
