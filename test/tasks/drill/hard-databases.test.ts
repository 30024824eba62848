/** Databases that restore well, and that a drill must not call bad: what they hold asks for a superuser, or for the rights of its owner. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectToTestServer, freshDatabase, uniqueSuffix, type FreshDatabase } from '../../helpers/servers.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { SMALL_SEGMENTS } from '../dump/ports.ts';
import { drill, makePoint, type PointOptions } from './fixture.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const suffix = uniqueSuffix();
const role = (name: string) => `drilled_${name}_${suffix}`;
const ROLES = ['root', 'managed', 'owner', 'member', 'sees_all'];

const SUBSCRIPTION = `elsewhere_${suffix}`;
let source: FreshDatabase;
beforeAll(async () => {
  const server = await connectToTestServer('postgres');
  await server.query(`CREATE ROLE ${role('root')} SUPERUSER; CREATE ROLE ${role('managed')} SUPERUSER; CREATE ROLE ${role('owner')};
    CREATE ROLE ${role('member')} IN ROLE ${role('owner')}; CREATE ROLE ${role('sees_all')} BYPASSRLS`);
  await server.end();
  source = await freshDatabase('hard');
  await (await source.connect()).query(EVERYTHING);
});
afterAll(async () => {
  await (await source.connect()).query(`DROP SUBSCRIPTION IF EXISTS ${SUBSCRIPTION}`);
  await source.drop();
  const server = await connectToTestServer('postgres');
  for (const name of ROLES) await server.query(`DROP ROLE ${role(name)}`);
  await server.end();
});

/** All at once: what one of them does to a restore the others must not hide, so each is named by the error's object. */
const EVERYTHING = `
  CREATE TABLE t (id int PRIMARY KEY, who text, n int);
  INSERT INTO t SELECT i, CASE i % 2 WHEN 0 THEN '${role('owner')}' ELSE 'nobody' END, i FROM generate_series(1, 4000) i;
  CREATE FUNCTION log_it() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
  CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION log_it(); ALTER EVENT TRIGGER watch OWNER TO ${role('root')};
  COMMENT ON EVENT TRIGGER watch IS 'watches';
  CREATE FOREIGN DATA WRAPPER dummy; ALTER FOREIGN DATA WRAPPER dummy OWNER TO ${role('root')};
  CREATE SERVER nowhere FOREIGN DATA WRAPPER dummy; ALTER SERVER nowhere OWNER TO ${role('root')};
  CREATE USER MAPPING FOR ${role('owner')} SERVER nowhere OPTIONS (password 'x'); CREATE FOREIGN TABLE away (id int) SERVER nowhere;
  CREATE PUBLICATION everything FOR ALL TABLES; ALTER PUBLICATION everything OWNER TO ${role('root')};
  CREATE SUBSCRIPTION ${SUBSCRIPTION} CONNECTION 'host=nowhere.invalid dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE);
  ALTER SUBSCRIPTION ${SUBSCRIPTION} OWNER TO ${role('root')};
  CREATE EVENT TRIGGER watch_too ON sql_drop EXECUTE FUNCTION log_it(); ALTER EVENT TRIGGER watch_too OWNER TO ${role('managed')};
  CREATE FOREIGN DATA WRAPPER dummy_too; ALTER FOREIGN DATA WRAPPER dummy_too OWNER TO ${role('managed')};
  CREATE PUBLICATION of_all FOR ALL TABLES; ALTER PUBLICATION of_all OWNER TO ${role('managed')};
  CREATE PUBLICATION of_one FOR TABLE t; ALTER PUBLICATION of_one OWNER TO ${role('owner')};
  ALTER ROLE ${role('managed')} NOSUPERUSER; -- as rds_superuser, whom a managed server lets own them
  CREATE FUNCTION in_c(int) RETURNS int LANGUAGE c IMMUTABLE STRICT AS '$libdir/dict_snowball', 'dsnowball_init'; ALTER FUNCTION in_c OWNER TO ${role('root')};
  CREATE FUNCTION sealed(int) RETURNS boolean LANGUAGE sql IMMUTABLE LEAKPROOF AS 'SELECT $1 > 0'; ALTER FUNCTION sealed OWNER TO ${role('root')};
  ALTER TABLE t OWNER TO ${role('owner')}; ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY;
  CREATE POLICY mine ON t USING (who = current_user);
  CREATE MATERIALIZED VIEW of_owner AS SELECT * FROM t WITH NO DATA; ALTER MATERIALIZED VIEW of_owner OWNER TO ${role('owner')}; REFRESH MATERIALIZED VIEW of_owner;
  CREATE MATERIALIZED VIEW of_root AS SELECT * FROM t; ALTER MATERIALIZED VIEW of_root OWNER TO ${role('root')};
  CREATE MATERIALIZED VIEW of_who_sees_all AS SELECT * FROM t WITH NO DATA; ALTER MATERIALIZED VIEW of_who_sees_all OWNER TO ${role('sees_all')};
  GRANT SELECT ON t TO ${role('sees_all')}; REFRESH MATERIALIZED VIEW of_who_sees_all;
  CREATE TABLE shared (id int); ALTER TABLE shared OWNER TO ${role('owner')}; INSERT INTO shared SELECT generate_series(1, 10);
  CREATE MATERIALIZED VIEW of_member AS SELECT * FROM shared; ALTER MATERIALIZED VIEW of_member OWNER TO ${role('member')};
  CREATE FUNCTION looks(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN (SELECT count(*) FROM public.shared) + $1; END $$;
  CREATE TABLE indexed (id int); INSERT INTO indexed SELECT generate_series(1, 10); ALTER TABLE indexed OWNER TO ${role('member')};
  CREATE INDEX ON indexed (looks(id));
  DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET log_min_duration_statement = 7', current_database()); END $$;
`;

const CHECKS = [
  { name: 'rows', sql: 'SELECT count(*) FROM t', compare: '=' as const, expect: 4000 },
  { name: 'view under policies', sql: 'SELECT count(*) FROM of_owner', compare: '=' as const, expect: 2000 },
  { name: 'view of a superuser', sql: 'SELECT count(*) FROM of_root', compare: '=' as const, expect: 4000 },
  { name: 'view past policies', sql: 'SELECT count(*) FROM of_who_sees_all', compare: '=' as const, expect: 4000 },
  { name: 'view of a member', sql: 'SELECT count(*) FROM of_member', compare: '=' as const, expect: 10 },
  { name: 'event trigger', sql: 'SELECT count(*) FROM pg_event_trigger', compare: '=' as const, expect: 2 },
  { name: 'subscription', sql: 'SELECT count(*) FROM pg_subscription', compare: '=' as const, expect: 1 },
  { name: 'publication', sql: 'SELECT count(*) FROM pg_publication WHERE puballtables', compare: '=' as const, expect: 2 },
];

const FORMATS: NonNullable<PointOptions['dump']>[] = [{ format: 'segmented' }, { format: 'custom' }, { format: 'plain' }];
const random = seededRandom('formats of hard databases');
const sample = isSoak ? FORMATS : [FORMATS[random.below(FORMATS.length)] ?? {}];

it.each(sample)('a drill passes what only superusers may own, and what runs as its owner ($format)', async (dump) => {
  const made = await makePoint(source, { dump, drill: { checks: CHECKS }, limits: SMALL_SEGMENTS });
  const end = await drill(made);
  expect(end.result.checks.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  expect(end.result.notes.filter((note) => note.includes('is a superuser here'))).toEqual([
    expect.stringContaining(`The role ${role('managed')} `),
  ]);
});
