/** A database in use, with a point of what it was before, and the phases of restores that replace it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type { SourceLogin } from '../../../../adapters/postgres/source.ts';
import { runPhase, type PhaseOrder, type PhasePorts } from '../../../../tasks/restore/phases/run-phase.ts';
import { openPapers } from '../../../../tasks/restore/phases/papers.ts';
import type { TaskPhase, RestoreTarget } from '../../../../core/restore/target.ts';
import { describeEnd } from '../../../../tasks/run-task.ts';
import { connectToTestServer, freshDatabase, uniqueSuffix } from '../../../helpers/servers.ts';
import { makePoint, searchPath, SYSTEM, type MadePoint } from '../../drill/fixture.ts';
import { loginTo } from '../../dump/ports.ts';
import { readWhole } from '../segmented/world.ts';

export const SMALL_SQL = `
  CREATE TABLE t AS SELECT 1 AS id;
  CREATE TABLE users (id int PRIMARY KEY, name text UNIQUE);
  INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 500) i;
  CREATE TABLE logins (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id int REFERENCES users, body text);
  INSERT INTO logins (user_id, body) SELECT 1 + i % 500, repeat(md5(i::text), 8) FROM generate_series(1, 3000) i;
  CREATE INDEX ON logins (user_id);
  CREATE VIEW active AS SELECT id, name FROM users WHERE id < 100;
  CREATE SEQUENCE counter; SELECT setval('counter', 41);
  SELECT lo_from_bytea(0, decode(repeat('ab', 3000), 'hex'))`;

export type SwapOver = {
  run?: string;
  of?: string;
  target?: RestoreTarget;
  safety?: string;
  order?: Partial<PhaseOrder>;
  login?: Partial<SourceLogin>;
  report?: (event: string) => void;
  signal?: AbortSignal;
};

let instants = 0;
const newInstant = () => new Date(Date.UTC(2026, 5, 2, 10, 0, instants++)).toISOString().replace(/[-:]|\.\d+/g, '');
/** Of no other restore. */
export const newRun = () => `${newInstant()}-${uniqueSuffix().slice(0, 6).padEnd(6, '0')}`;

export async function openSwapWorld(sql = SMALL_SQL, encoding?: string) {
  const source = await freshDatabase('swapped', encoding);
  const admin = await connectToTestServer('postgres');
  const owner = `owner_${uniqueSuffix()}`;
  const reader = `reader_${uniqueSuffix()}`;
  const roles = [owner, reader];
  const client = await source.connect();
  await client.query(sql);
  const scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-swap-'));
  await admin.query(`CREATE ROLE ${owner} LOGIN PASSWORD 'secret'; CREATE ROLE ${reader} LOGIN PASSWORD 'secret'`);
  const { database } = source;
  /** What the database is to its users. */
  const setUp = async () => {
    await admin.query(`ALTER DATABASE ${database} OWNER TO ${owner}`);
    await admin.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
    await admin.query(`GRANT CONNECT ON DATABASE ${database} TO ${reader}`);
    await admin.query(`ALTER DATABASE ${database} SET work_mem = '5MB'`);
    await admin.query(`ALTER DATABASE ${database} SET search_path = "$user", public, "odd, name"`);
    await admin.query(`ALTER ROLE ${reader} IN DATABASE ${database} SET statement_timeout = '7s'`);
    await admin.query(`ALTER DATABASE ${database} CONNECTION LIMIT 50`);
    await admin.query(`COMMENT ON DATABASE ${database} IS 'what it''s for'`);
  };
  await setUp();

  const papersOf = (point: MadePoint, run: string) => openPapers({ system: SYSTEM, asset: point.asset.id, run }, point, () => undefined);
  const phase = (point: MadePoint, which: TaskPhase, over: SwapOver = {}): Promise<void> => {
    const { run = 'run', of = '', target = 'in-place' } = over;
    const order: PhaseOrder = {
      system: SYSTEM,
      asset: point.asset,
      point: point.point,
      run,
      database,
      scratchDir,
      path: searchPath(),
      phase: which,
      target,
      of,
      safety: over.safety ?? '',
      ...over.order,
    };
    const ports: PhasePorts = {
      reader: point.reader,
      login: { ...loginTo(source), ...over.login },
      now: () => new Date(),
      report: over.report ?? (() => undefined),
      moved: () => undefined,
      papers: papersOf(point, run),
    };
    return runPhase(order, ports, over.signal ?? new AbortController().signal);
  };
  /** The safety backup of a restore, in the vault of the point that it restores. */
  const save = async (point: MadePoint, of = source): Promise<string> => {
    const vault = { bucket: point.bucket, reader: point.reader, writer: point.writer };
    return (await makePoint(of, { vault, over: { id: point.asset.id }, point: newInstant() })).point;
  };
  /** As the machine does it before it replaces a database for good. What an earlier run has saved is not saved again. */
  const prepare = async (
    point: MadePoint,
    over: SwapOver & { target: RestoreTarget },
  ): Promise<SwapOver & { run: string; safety: string }> => {
    const run = over.run ?? newRun();
    await phase(point, 'prepare', { ...over, run });
    const paper = await papersOf(point, run).prepared();
    return { ...over, run, safety: paper?.saved ?? (await save(point)) };
  };
  return {
    source,
    admin,
    save,
    prepare,
    prepared: async (point: MadePoint, run: string) => papersOf(point, run).prepared(),
    async replace(point: MadePoint, over: SwapOver & { target: RestoreTarget }): Promise<void> {
      await phase(point, 'replace', await prepare(point, over));
    },
    database,
    setUp,
    /** Before the restore goes on: what it reports is told while it waits. */
    askNow(sql: string): void {
      const { host, port, user, password } = loginTo(source);
      const env = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
      execFileSync(join(inject('postgres').binDir, 'psql'), ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', sql, 'postgres'], { env });
    },
    owner,
    reader,
    scratchDir,
    phase,
    failed: (...of: Parameters<typeof phase>) => phase(...of).then(() => undefined, describeEnd),
    point: (options: Parameters<typeof makePoint>[1] = {}) => makePoint(source, options),
    whole: (name = database) => readWhole(source, name),
    /** All in one, as the machine does it. */
    async swap(point: MadePoint, over: SwapOver = {}): Promise<void> {
      for (const which of ['preflight', 'restore', 'validate', 'swap'] as const) await phase(point, which, over);
    },
    async makeRole(options: string): Promise<string> {
      const role = `role_${uniqueSuffix()}`;
      await admin.query(`CREATE ROLE ${role} ${options} PASSWORD 'secret'`);
      roles.push(role);
      return role;
    },
    /**
     * Those of the tests in the database, which are a superuser's: a login that is none may not end them, and is refused. A program
     * does not wait for its session to end, and whoever is told to end does so later.
     */
    async endSessions(): Promise<void> {
      for (;;) {
        const { rowCount } = await admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND backend_type <> 'autovacuum worker'`,
          [database],
        );
        if (rowCount === 0) return;
        await sleep(20);
      }
    },
    async names(): Promise<string[]> {
      const { rows } = await admin.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE datname LIKE $1 ORDER BY 1', [
        `${database}%`,
      ]);
      return rows.map(({ name }) => name);
    },
    /** What a database is apart from its content. */
    async properties(name = database) {
      const { rows } = await admin.query<Record<string, unknown>>(
        `SELECT pg_get_userbyid(datdba) AS owner, datallowconn AS open, datconnlimit AS most, shobj_description(d.oid, 'pg_database') AS comment,
           ARRAY(SELECT a.grantee::regrole || ' ' || a.privilege_type FROM aclexplode(coalesce(datacl, acldefault('d', datdba))) a ORDER BY 1) AS acl,
           ARRAY(SELECT setrole::regrole || ' ' || array_to_string(ARRAY(SELECT unnest(setconfig) ORDER BY 1), ' ') FROM pg_db_role_setting WHERE setdatabase = d.oid ORDER BY 1) AS settings
         FROM pg_database d WHERE datname = $1`,
        [name],
      );
      return rows[0];
    },
    async close() {
      const { rows } = await admin.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE datname LIKE $1', [
        `${database}%`,
      ]);
      for (const { name } of rows) {
        if (name === database) continue;
        await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      }
      await admin.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`).catch(() => undefined);
      await source.drop();
      for (const role of roles) await admin.query(`DROP ROLE IF EXISTS ${role}`);
      await admin.end();
      rmSync(scratchDir, { recursive: true, force: true });
    },
  };
}
export type SwapWorld = Awaited<ReturnType<typeof openSwapWorld>>;
