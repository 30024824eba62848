import type { Source } from '../source.ts';

export const latin1: Source = {
  name: 'latin1',
  what: 'Names and values beyond ASCII in a database whose encoding is not UTF-8',
  sql: () => `
    CREATE TABLE "Größe" ("Länge" text, n int); INSERT INTO "Größe" SELECT chr(160 + i % 96) || 'ÿ' || i, i FROM generate_series(1, 5000) i;
    CREATE TABLE plain (t text, b bytea); INSERT INTO plain SELECT chr(1 + i % 255), decode('ff00', 'hex') FROM generate_series(0, 5000) i;
    COMMENT ON TABLE plain IS 'naïve'; CREATE INDEX "Index è" ON "Größe" ("Länge"); CREATE TYPE "été" AS ENUM ('août', 'hiver');
    CREATE TABLE seasons (s "été" DEFAULT 'août', CHECK (s <> 'hiver')); INSERT INTO seasons SELECT FROM generate_series(1, 3000);
    CREATE FUNCTION "fonction à"() RETURNS text LANGUAGE sql AS $$ SELECT 'ça'::text $$;
    CREATE VIEW "vue ô" AS SELECT "Länge" AS "é" FROM "Größe" WHERE "Länge" <> 'ñ';
    SELECT lo_from_bytea(0, '\\xff00');
  `,
};

/** What is sorted by the locale of the database is stored in its order: indexes, and which partition a row is in. */
export const icu: Source = {
  name: 'icu',
  what: 'A database that sorts by ICU: rows of partitions and keys of indexes stand in an order that C does not have',
  sql: () => `
    CREATE TABLE words (w text PRIMARY KEY); INSERT INTO words SELECT chr(c) || i FROM unnest(ARRAY[65, 97, 90, 122, 196, 228, 223, 233]) c, generate_series(1, 400) i;
    CREATE TABLE parted (w text) PARTITION BY RANGE (w);
    CREATE TABLE first_half PARTITION OF parted FOR VALUES FROM (MINVALUE) TO ('m'); CREATE TABLE second_half PARTITION OF parted FOR VALUES FROM ('m') TO (MAXVALUE);
    INSERT INTO parted SELECT w FROM words; CREATE INDEX ON parted (w);
    CREATE TABLE in_order AS SELECT row_number() OVER (ORDER BY w) AS n, w FROM words;
    CREATE TABLE sorted (w text, lower text GENERATED ALWAYS AS (lower(w)) STORED); INSERT INTO sorted SELECT w FROM words;
    CREATE MATERIALIZED VIEW by_locale AS SELECT row_number() OVER (ORDER BY w) AS n, w FROM words;
    CREATE COLLATION upper_first (provider = icu, locale = 'und-u-kf-upper'); CREATE INDEX ON words (w COLLATE upper_first);
  `,
};

/** The server believes anything: bytes of names and values are made of numbers. */
export const anyBytes: Source = {
  name: 'any_bytes',
  what: 'A database without an encoding: bytes that are UTF-8, bytes that are not, in values and in names',
  sql: () => `
    CREATE FUNCTION raw(hex text) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(decode(hex, 'hex'), 'SQL_ASCII') $$;
    CREATE TABLE bytes (id int, t text); INSERT INTO bytes SELECT i, any_bytes.raw(lpad(to_hex(1 + i % 255), 2, '0') || 'e9ff') FROM generate_series(0, 5000) i;
    CREATE TABLE utf8 (t text); INSERT INTO utf8 SELECT 'ä数🐘' FROM generate_series(1, 3000);
    CREATE TABLE "né en UTF-8" ("数" text); INSERT INTO "né en UTF-8" SELECT any_bytes.raw('c3') FROM generate_series(1, 3000);
    DO $$ BEGIN
      EXECUTE format('CREATE TABLE any_bytes.%I (%I text, n int)', any_bytes.raw('74e974e9'), any_bytes.raw('ff'));
      EXECUTE format('INSERT INTO any_bytes.%I SELECT %L || i, i FROM generate_series(1, 3000) i', any_bytes.raw('74e974e9'), any_bytes.raw('fe'));
      EXECUTE format('COMMENT ON TABLE any_bytes.%I IS %L', any_bytes.raw('74e974e9'), any_bytes.raw('e9'));
      EXECUTE format('CREATE TABLE any_bytes.ascii_name (%I text)', any_bytes.raw('e9'));
      INSERT INTO any_bytes.ascii_name SELECT i::text FROM generate_series(1, 3000) i;
      EXECUTE format('CREATE SCHEMA %I', any_bytes.raw('73e9')); EXECUTE format('CREATE TABLE %I.t AS SELECT generate_series(1, 3000) AS id', any_bytes.raw('73e9'));
    END $$;
  `,
};
