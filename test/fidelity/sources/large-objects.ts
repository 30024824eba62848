import type { Source } from '../source.ts';

const SAMPLE = 2_000;
const FULL = 200_000;

export const largeObjects: Source = {
  name: 'large_objects',
  what: 'Large objects with owners, comments and grants, empty ones, one with a hole, and tables that refer to them',
  sql: ({ role, isSoak }) => {
    const count = isSoak ? FULL : SAMPLE;
    // Each takes a lock until the end of its transaction.
    const batches = Array.from({ length: Math.ceil(count / 2_000) }, (_, batch) => batch * 2_000);
    return [
      `CREATE TABLE refers (id int, object oid)`,
      ...batches.map(
        (
          from,
        ) => `INSERT INTO refers SELECT i, lo_from_bytea(0, CASE i % 10 WHEN 0 THEN '' ELSE decode(repeat(md5(i::text), 1 + i % 40), 'hex') END)
          FROM generate_series(${from} + 1, least(${from + 2_000}, ${count})) i`,
      ),
      `DO $$ DECLARE o oid; BEGIN
        FOR o IN SELECT object FROM large_objects.refers ORDER BY id LIMIT 60 LOOP EXECUTE format('ALTER LARGE OBJECT %s OWNER TO ${role('owner').replaceAll("'", "''")}', o); END LOOP;
        FOR o IN SELECT object FROM large_objects.refers ORDER BY id OFFSET 30 LIMIT 60 LOOP EXECUTE format('COMMENT ON LARGE OBJECT %s IS %L', o, 'a ''comment'' of ' || o); END LOOP;
        FOR o IN SELECT object FROM large_objects.refers ORDER BY id OFFSET 50 LIMIT 60 LOOP
          EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO ${role('reader').replaceAll("'", "''")}, PUBLIC; GRANT ALL ON LARGE OBJECT %1$s TO ${role('writer').replaceAll("'", "''")} WITH GRANT OPTION', o); END LOOP;
        o := lo_create(0); PERFORM lo_put(o, 3000000, '\\x00ff'); INSERT INTO large_objects.refers VALUES (-1, o);
        o := lo_from_bytea(0, decode(repeat('5c0a09', 700000), 'hex')); INSERT INTO large_objects.refers VALUES (-2, o);
        PERFORM lo_create(4294967295), lo_create(4000000000);
      END $$`,
    ];
  },
};
