import type { Source } from '../source.ts';

export const types: Source = {
  name: 'types',
  what: 'Domains with checks, enums out of order, composites, ranges and multiranges, exclusion constraints, a base type of its own',
  sql: () => [
    `
    CREATE DOMAIN positive AS int CHECK (VALUE > 0) NOT NULL;
    CREATE DOMAIN small_positive AS positive CONSTRAINT small CHECK (VALUE < 100000) DEFAULT 7;
    CREATE DOMAIN code AS text COLLATE "C" CHECK (VALUE ~ '^[A-Z]+-\\d+$');
    ALTER DOMAIN code ADD CONSTRAINT not_yet CHECK (VALUE <> 'A-0') NOT VALID;
    CREATE TYPE mood AS ENUM ('sad', 'glad', 'it''s "odd", \\ and long');
    ALTER TYPE mood ADD VALUE 'first' BEFORE 'sad';
    ALTER TYPE mood ADD VALUE 'middle' AFTER 'sad';
    CREATE TYPE no_values AS ENUM ();`,
    // A new value of an enum is usable once its transaction has ended.
    `
    CREATE TYPE address AS (street text, number int, codes code[]);
    CREATE TYPE person AS (name text, home address, moods mood[]);
    CREATE TYPE floatrange AS RANGE (subtype = float8, subtype_diff = float8mi, multirange_type_name = floats);
    CREATE TABLE all_of_them (id small_positive, code code, mood mood, person person, people person[], window_ tstzrange, span floatrange, spans floats,
      days datemultirange, EXCLUDE USING gist (window_ WITH &&) WHERE (id < 5), CHECK ((person).name <> 'nobody'));
    INSERT INTO all_of_them SELECT i, 'A-' || i, (ARRAY['first','sad','middle','glad',E'it\\'s "odd", \\\\ and long'])[1 + i % 5]::mood,
      ROW('n, "(' || i, ROW('s\\t', NULL, ARRAY['B-1', NULL]::code[])::address, '{glad,NULL}'::mood[])::person, ARRAY[NULL, ROW(NULL, NULL, NULL)::person],
      tstzrange('2026-01-01'::timestamptz + i * interval '1 h', '2026-01-01'::timestamptz + i * interval '1 h' + interval '30 min'),
      floatrange(i, 'Infinity', '(]'), floats(floatrange(1, 2), floatrange(3, i + 4)), CASE i % 2 WHEN 0 THEN '{}' ELSE '{[2026-01-01,2026-01-05),[2027-01-01,)}' END::datemultirange
      FROM generate_series(1, 3000) i;
    CREATE TABLE of_rows (r all_of_them); INSERT INTO of_rows SELECT a FROM all_of_them a WHERE id <= 50;

    CREATE TYPE base;
    CREATE FUNCTION base_in(cstring) RETURNS base LANGUAGE internal IMMUTABLE STRICT AS 'textin';
    CREATE FUNCTION base_out(base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
    CREATE TYPE base (INPUT = base_in, OUTPUT = base_out, STORAGE = extended);
    CREATE CAST (text AS base) WITHOUT FUNCTION;
    CREATE TABLE of_base (b base); INSERT INTO of_base SELECT ('b' || i)::base FROM generate_series(1, 500) i;
    CREATE TYPE shell_only;`,
  ],
};

export const constraints: Source = {
  name: 'constraints',
  what: 'Tables that refer to each other in circles, to themselves, constraints not validated, deferred, not enforced',
  sql: ({ major }) => `
    CREATE TABLE hen (id int PRIMARY KEY, egg int);
    CREATE TABLE egg (id int PRIMARY KEY, hen int REFERENCES hen DEFERRABLE INITIALLY DEFERRED);
    ALTER TABLE hen ADD FOREIGN KEY (egg) REFERENCES egg DEFERRABLE;
    BEGIN; SET CONSTRAINTS ALL DEFERRED;
    INSERT INTO hen SELECT i, 3001 - i FROM generate_series(1, 3000) i; INSERT INTO egg SELECT i, i FROM generate_series(1, 3000) i; COMMIT;
    CREATE TABLE tree (id int PRIMARY KEY, above int REFERENCES tree ON DELETE CASCADE);
    INSERT INTO tree SELECT i, CASE i WHEN 3000 THEN NULL ELSE i + 1 END FROM generate_series(1, 3000) i;
    CREATE TABLE broken (id int, hen int);
    INSERT INTO broken SELECT i, -i FROM generate_series(1, 1000) i;
    ALTER TABLE broken ADD CONSTRAINT not_valid_key FOREIGN KEY (hen) REFERENCES hen NOT VALID;
    ALTER TABLE broken ADD CONSTRAINT not_valid_check CHECK (id > 500) NOT VALID;
    CREATE TABLE uniques (a int, b int, UNIQUE (a) INCLUDE (b), CONSTRAINT later UNIQUE (b) DEFERRABLE INITIALLY DEFERRED,
      EXCLUDE USING hash (a WITH =));
    INSERT INTO uniques SELECT i, -i FROM generate_series(1, 3000) i;
    ${
      major >= 15
        ? `CREATE TABLE one_null (a int UNIQUE NULLS NOT DISTINCT); INSERT INTO one_null VALUES (NULL), (1);
           CREATE TABLE partly_nulled (a int, b int, FOREIGN KEY (a) REFERENCES hen ON DELETE SET NULL (a));`
        : ''
    }
    ${
      major >= 18
        ? `CREATE TABLE not_enforced (id int, CONSTRAINT lies CHECK (id < 0) NOT ENFORCED, hen int REFERENCES hen NOT ENFORCED);
           INSERT INTO not_enforced SELECT i, -i FROM generate_series(1, 500) i;
           CREATE TABLE named_not_null (id int CONSTRAINT must_be_there NOT NULL, late int);
           INSERT INTO named_not_null VALUES (1, NULL);
           ALTER TABLE named_not_null ADD CONSTRAINT not_yet NOT NULL late NOT VALID;
           CREATE EXTENSION IF NOT EXISTS plpgsql;
           CREATE TABLE no_overlap (id int4range, days daterange, PRIMARY KEY (id, days WITHOUT OVERLAPS));`
        : ''
    }
    CREATE INDEX partial ON hen (egg) WHERE id > 10;
    CREATE INDEX expressed ON hen ((id * 2), (egg::text) text_pattern_ops DESC NULLS LAST);
    CREATE INDEX gone_wrong ON hen USING brin (id) WITH (pages_per_range = 4);
    CREATE STATISTICS kinds (ndistinct, dependencies, mcv) ON id, egg FROM hen;
    CREATE STATISTICS expressed_statistics ON (id + egg), (id % 7) FROM hen;
    ALTER STATISTICS kinds SET STATISTICS 321;
    ALTER TABLE hen ALTER egg SET STATISTICS 12;
    ALTER INDEX expressed ALTER COLUMN 1 SET STATISTICS 55;
  `,
};
