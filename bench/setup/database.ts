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
const bigTableName = (scale: number): string => `${databaseName(scale)}_big`;

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

/** The one big table alone, for what workers give within one table. */
export async function ensureBigTable(postgres: BenchPostgres, scale: number, say: (text: string) => void): Promise<string> {
  const from = await ensureDatabase(postgres, scale, say);
  return makeOnce(postgres, bigTableName(scale), async (unfinished) => {
    say('Making the database of the one big table');
    const server = await postgres.connect('postgres');
    await server.query(`DROP DATABASE ${unfinished}`);
    await server.query(`CREATE DATABASE ${unfinished} TEMPLATE ${from} STRATEGY file_copy`);
    await server.end();
    const client = await postgres.connect(unfinished);
    try {
      await client.query('DROP TABLE identities, credentials, sessions, events, attachments, empty_table CASCADE');
      await client.query('SELECT lo_unlink(oid) FROM pg_largeobject_metadata');
      await client.query('DROP MATERIALIZED VIEW audit_daily');
      await client.query('VACUUM');
    } finally {
      await client.end();
    }
  });
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
