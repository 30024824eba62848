import type { Source } from '../source.ts';

export const publications: Source = {
  name: 'publications',
  what: 'Publications, a subscription that is not connected, replica identities',
  sql: ({ major }) => `
    CREATE TABLE a (id int PRIMARY KEY, b text, secret text); INSERT INTO a SELECT i, 'b', 's' FROM generate_series(1, 1000) i;
    CREATE TABLE b (id int NOT NULL UNIQUE); ALTER TABLE b REPLICA IDENTITY USING INDEX b_id_key; ALTER TABLE a REPLICA IDENTITY FULL;
    CREATE TABLE c (id int); ALTER TABLE c REPLICA IDENTITY NOTHING;
    CREATE PUBLICATION some_tables FOR TABLE a, ONLY b WITH (publish = 'insert, delete');
    CREATE PUBLICATION no_tables;
    ${major >= 15 ? 'CREATE PUBLICATION filtered FOR TABLE a (id, b) WHERE (id > 5); CREATE PUBLICATION of_schema FOR TABLES IN SCHEMA publications;' : ''}
    CREATE SUBSCRIPTION elsewhere CONNECTION 'host=nowhere.invalid dbname=x' PUBLICATION "from There" WITH (connect = false, slot_name = NONE);
  `,
};

export const foreign: Source = {
  name: 'foreign_',
  what: 'Foreign tables, which have no rows of their own, beside tables that inherit from the same parent',
  sql: ({ extensions, role }) => `
    CREATE FOREIGN DATA WRAPPER dummy OPTIONS (a 'it''s', b 'x');
    CREATE SERVER nowhere TYPE 't' VERSION '1' FOREIGN DATA WRAPPER dummy OPTIONS (host 'nowhere.invalid');
    CREATE USER MAPPING FOR PUBLIC SERVER nowhere OPTIONS (password 'not one');
    CREATE USER MAPPING FOR ${role('owner')} SERVER nowhere;
    CREATE FOREIGN TABLE away (id int OPTIONS (x 'y') NOT NULL, text text DEFAULT 'd', CHECK (id > 0)) SERVER nowhere OPTIONS (far 'away');
    CREATE TABLE parent (id int); INSERT INTO parent SELECT generate_series(1, 2000);
    CREATE FOREIGN TABLE child () INHERITS (parent) SERVER nowhere;
    CREATE TABLE parted (id int) PARTITION BY LIST (id);
    CREATE TABLE p1 PARTITION OF parted FOR VALUES IN (1); INSERT INTO parted SELECT 1 FROM generate_series(1, 2000);
    CREATE FOREIGN TABLE p2 PARTITION OF parted FOR VALUES IN (2) SERVER nowhere;
    GRANT USAGE ON FOREIGN SERVER nowhere TO ${role('reader')}; GRANT USAGE ON FOREIGN DATA WRAPPER dummy TO ${role('reader')};
    ${
      extensions.has('file_fdw')
        ? `CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE missing (line text) SERVER files OPTIONS (filename 'not/there');`
        : ''
    }
    ${extensions.has('postgres_fdw') ? `CREATE EXTENSION postgres_fdw; CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere.invalid');` : ''}
  `,
};

/** What Debian's server has; the embedded one has none of them. */
export const extensions: Source = {
  name: 'extensions',
  what: 'Columns of types that extensions bring, extensions in a schema of their own, objects added to one',
  needs: ({ extensions: has }) => ['hstore', 'citext', 'ltree', 'pg_trgm', 'btree_gist', 'intarray', 'cube'].every((name) => has.has(name)),
  sql: () => `
    CREATE SCHEMA ext_home;
    CREATE EXTENSION hstore SCHEMA ext_home; CREATE EXTENSION citext SCHEMA ext_home; CREATE EXTENSION ltree; CREATE EXTENSION pg_trgm SCHEMA ext_home;
    CREATE EXTENSION btree_gist SCHEMA ext_home; CREATE EXTENSION intarray; CREATE EXTENSION cube VERSION '1.4';
    CREATE TABLE t (h ext_home.hstore, c ext_home.citext, l ltree, cube cube, room int, during tstzrange, EXCLUDE USING gist (room WITH =, during WITH &&));
    INSERT INTO t SELECT ext_home.hstore(ARRAY['a"=>', 'b'], ARRAY[i::text, NULL]), 'MiXeD' || i, ('Top.' || i)::ltree, cube(i, 2),
      i, tstzrange('2026-01-01', '2026-02-01') FROM generate_series(1, 2000) i;
    CREATE INDEX ON t USING gin (h); CREATE INDEX ON t USING gin (c ext_home.gin_trgm_ops); CREATE INDEX ON t USING gist (l); CREATE UNIQUE INDEX ON t (c);
    COMMENT ON EXTENSION hstore IS 'changed';
    CREATE TABLE member_of_extension (a int); INSERT INTO member_of_extension VALUES (1);
    ALTER EXTENSION pg_trgm ADD TABLE member_of_extension; ALTER EXTENSION pg_trgm DROP TABLE member_of_extension;
  `,
};
