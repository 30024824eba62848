/** A login that is no superuser, as on a managed server: what holds no data and is refused is left out, and said so. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runRestore } from '../../../tasks/restore/run-restore.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { connectToTestServer, freshDatabase, uniqueSuffix, type FreshDatabase } from '../../helpers/servers.ts';
import { makePoint, searchPath, SYSTEM } from '../drill/fixture.ts';
import { loginTo, SMALL_SEGMENTS } from '../dump/ports.ts';

const suffix = uniqueSuffix();
const login = `managed_${suffix}`;
const owner = `managed_owner_${suffix}`;
const restored = `managed_restored_${suffix}`;
let source: FreshDatabase;
let scratchDir: string;
beforeAll(async () => {
  scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-managed-'));
  source = await freshDatabase('managed');
  const client = await source.connect();
  await client.query(`CREATE ROLE ${owner}; CREATE ROLE ${login} LOGIN CREATEDB PASSWORD 'secret' IN ROLE ${owner};
    CREATE TABLE t (id int PRIMARY KEY, who text); INSERT INTO t SELECT i, CASE i % 2 WHEN 0 THEN '${owner}' END FROM generate_series(1, 3000) i;
    ALTER TABLE t OWNER TO ${owner}; ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY; CREATE POLICY own ON t USING (who = current_user);
    CREATE MATERIALIZED VIEW m AS SELECT * FROM t WITH NO DATA; ALTER MATERIALIZED VIEW m OWNER TO ${owner}; REFRESH MATERIALIZED VIEW m;
    CREATE MATERIALIZED VIEW of_m AS SELECT count(*)::int AS a FROM m; ALTER MATERIALIZED VIEW of_m OWNER TO ${owner};
    CREATE TABLE u AS SELECT generate_series(1, 10) AS id; CREATE MATERIALIZED VIEW of_u AS SELECT count(*)::int AS a FROM u;
    ALTER TABLE u OWNER TO ${owner}; ALTER MATERIALIZED VIEW of_u OWNER TO ${owner};
    CREATE FUNCTION log_it() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; ALTER FUNCTION log_it OWNER TO ${owner};
    CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION log_it(); COMMENT ON EVENT TRIGGER watch IS 'watches';
    CREATE PUBLICATION everything FOR ALL TABLES; CREATE PUBLICATION few FOR TABLE t; ALTER PUBLICATION few OWNER TO ${owner};
    CREATE SUBSCRIPTION elsewhere_${suffix} CONNECTION 'host=nowhere.invalid dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE)`);
});
afterAll(async () => {
  await (await source.connect()).query(`DROP SUBSCRIPTION IF EXISTS elsewhere_${suffix}`);
  await source.drop();
  const server = await connectToTestServer('postgres');
  await server.query(`DROP DATABASE IF EXISTS ${restored} WITH (FORCE)`);
  await server.query(`DROP ROLE ${login}; DROP ROLE ${owner}`);
  await server.end();
  rmSync(scratchDir, { recursive: true, force: true });
});

const FORMATS = ['segmented', 'custom'] as const;
type Format = (typeof FORMATS)[number];

/** @returns notes, and the one row that `sql` finds in the restored database */
async function restoreInto(format: Format, noOwner: boolean, sql: string) {
  const restore = { secret: 'test/restore', noOwner, noPrivileges: noOwner };
  const made = await makePoint(source, { dump: { format }, over: { restore }, limits: SMALL_SEGMENTS });
  const { notes } = await runRestore(
    { system: SYSTEM, asset: made.asset, point: made.point, run: 'run', database: restored, scratchDir, path: searchPath() },
    {
      reader: made.reader,
      login: loginTo(source, { user: login, password: 'secret' }),
      now: () => new Date(),
      report: () => undefined,
      moved: () => undefined,
    },
    new AbortController().signal,
  );
  const client = await connectToTestServer(restored);
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  const server = await connectToTestServer('postgres');
  await server.query(`DROP DATABASE ${restored} WITH (FORCE)`);
  await server.end();
  return { notes, found: rows[0] };
}

it.each(FORMATS)('a restore of a %s point leaves out what only a superuser may make, by name', async (format) => {
  const { notes, found } = await restoreInto(
    format,
    false,
    `SELECT (SELECT count(*)::int FROM t) AS t, (SELECT count(*)::int FROM m) AS m, (SELECT a FROM of_m) AS of_m,
       (SELECT count(*)::int FROM pg_event_trigger) AS triggers, (SELECT string_agg(pubname, ',') FROM pg_publication) AS publications`,
  );
  const told = notes.find((note) => note.startsWith('Left out, as'));
  expect(told).toMatch(
    `Left out, as ${login} may not make them, or not give them to their owners: EVENT TRIGGER watch, PUBLICATION everything, SUBSCRIPTION elsewhere_${suffix}. `,
  );
  expect(told).toContain('pg_restore --use-list');
  expect(found).toEqual({ t: 3000, m: 1500, of_m: 1500, triggers: 0, publications: 'few' });
});

const random = seededRandom('formats whose owners are left out');
it.each(process.env['HOLDFAST_SOAK'] === '1' ? FORMATS : [FORMATS[random.below(2)]!])(
  'a restore of a %s point without owners leaves those materialized views empty that its login may not see the rows of',
  async (format) => {
    const { notes, found } = await restoreInto(
      format,
      true,
      `SELECT (SELECT count(*)::int FROM u) AS u, (SELECT a FROM of_u) AS of_u,
         (SELECT string_agg(matviewname, ',' ORDER BY matviewname) FROM pg_matviews WHERE NOT ispopulated) AS empty`,
    );
    expect(notes.find((note) => note.startsWith('Materialized views'))).toMatch(
      `Materialized views that are empty, as ${login} may not see all that they are made of: public.m, public.of_m. `,
    );
    expect(found).toEqual({ u: 10, of_u: 10, empty: 'm,of_m' });
  },
);
