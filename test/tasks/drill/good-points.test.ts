/** Points of many kinds of databases: a drill of a good one never raises an alarm. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { freshDatabase } from '../../helpers/servers.ts';
import { drill, failedChecks, makePoint, type PointOptions } from './fixture.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';

const SCHEMAS: Record<string, string> = {
  'nothing but a table': 'CREATE TABLE t (id int); INSERT INTO t VALUES (1)',
  'odd names': `CREATE SCHEMA "Odd ""schema"""; CREATE TABLE "Odd ""schema"""."a.b c" (id int); INSERT INTO "Odd ""schema"""."a.b c" VALUES (1), (2); CREATE TABLE public."user" (id int); CREATE TABLE t AS SELECT 1 AS id`,
  'odd values': `CREATE TABLE t (id int, v text); INSERT INTO t VALUES (1, E'\\\\.\\n\\\\! true\\n\\\\unrestrict x\\t\\\\N'), (2, ''), (3, NULL), (4, E'\\\\restrict a'), (5, repeat('long', 300000))`,
  'partitions and inheritance': `CREATE TABLE t (id int) PARTITION BY LIST (id); CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1) PARTITION BY LIST (id); CREATE TABLE t_1_1 PARTITION OF t_1 FOR VALUES IN (1); INSERT INTO t VALUES (1), (1); CREATE TABLE p (id int); CREATE TABLE c () INHERITS (p); INSERT INTO c VALUES (1)`,
  'row security, functions and triggers': `CREATE TABLE t (id int, owner text DEFAULT current_user); ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY; CREATE POLICY own ON t USING (owner = current_user); INSERT INTO t SELECT i FROM generate_series(1, 50) i;
    CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN\n  -- Name: nothing; Type: TABLE; Schema: public\n  RETURN new; END $f$; CREATE TRIGGER touch BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch()`,
  'large objects, sequences, generated columns, views': `CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, twice int GENERATED ALWAYS AS (id * 2) STORED); SELECT lo_from_bytea(0, decode(repeat('ab', 50000), 'hex')) FROM generate_series(1, 5); CREATE SEQUENCE s; SELECT nextval('s'); INSERT INTO t DEFAULT VALUES; CREATE VIEW v AS SELECT * FROM t; CREATE MATERIALIZED VIEW m AS SELECT * FROM t; CREATE MATERIALIZED VIEW n AS SELECT * FROM t WITH NO DATA`,
  'circular references': `CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE t (id int PRIMARY KEY, a int REFERENCES a DEFERRABLE INITIALLY DEFERRED); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES t DEFERRABLE INITIALLY DEFERRED; BEGIN; INSERT INTO a VALUES (1, 1); INSERT INTO t VALUES (1, 1); COMMIT`,
};
const DUMPS: NonNullable<PointOptions['dump']>[] = [
  { format: 'custom' },
  { format: 'plain' },
  { format: 'plain', cleanIfExists: true, noOwner: true, noPrivileges: true, noTablespaces: true },
];

const cases = Object.entries(SCHEMAS).flatMap(([name, sql]) => DUMPS.map((dump, i) => ({ name: `${name} (dump ${i + 1})`, sql, dump })));
const random = seededRandom('good points that are drilled');
const sample = isSoak ? cases : Array.from({ length: 3 }, () => cases.splice(random.below(cases.length), 1)).flat();

describe('a drill of a good point', () => {
  it.each(sample)('raises no alarm: $name', async ({ sql, dump }) => {
    const source = await freshDatabase('good');
    try {
      const client = await source.connect();
      await client.query(sql);
      const table = { table: 'public.t', against: 'verified' as const, tolerancePercent: 0 };
      const end = await drill(await makePoint(source, { dump, drill: { rowCounts: [table], jobs: 1 + random.below(4) } }));
      expect(end.result.checks.filter((check) => check.outcome === 'failed')).toEqual([]);
      expect(failedChecks(end)).toEqual([]);
      expect(end.leftovers).toEqual([]);
    } finally {
      await source.drop();
    }
  });
});
