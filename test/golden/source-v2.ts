/** The database of the golden vault of manifest version 2: little of everything that a segmented point treats in a way of its own. */

/** Pages are a tenth full: a few hundred short rows make several segments. */
const ROOMY = 'fillfactor = 10';

export const SOURCE_SQL = `
  CREATE SCHEMA "Écriture 数";
  CREATE TABLE "Écriture 数"."holder's ""main"" таблица" (
    "id №" bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000 INCREMENT BY 7) PRIMARY KEY,
    gone int,
    "full name" text NOT NULL,
    length int GENERATED ALWAYS AS (char_length("full name")) STORED,
    note text
  ) WITH (${ROOMY});
  INSERT INTO "Écriture 数"."holder's ""main"" таблица" ("full name", note)
    SELECT 'holder ' || i || repeat(' é', i % 5), CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN E'tab\\t\\\\.\\nline' ELSE '\\N' END
    FROM generate_series(1, 300) i;
  ALTER TABLE "Écriture 数"."holder's ""main"" таблица" DROP COLUMN gone;
  CREATE INDEX "by name" ON "Écriture 数"."holder's ""main"" таблица" (lower("full name")) WHERE length > 9;

  CREATE TABLE log (id int NOT NULL, at date NOT NULL, holder bigint, data bytea, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
  CREATE TABLE log_2025 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') WITH (${ROOMY});
  CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') WITH (${ROOMY});
  CREATE TABLE log_rest PARTITION OF log DEFAULT;
  INSERT INTO log SELECT i, date '2025-06-01' + i, 1000 + 7 * (i % 300), decode(md5(i::text), 'hex') FROM generate_series(1, 460) i;
  INSERT INTO log VALUES (0, '1999-12-31', NULL, NULL);
  ALTER TABLE log ADD CONSTRAINT "of a holder" FOREIGN KEY (holder) REFERENCES "Écriture 数"."holder's ""main"" таблица";
  CREATE INDEX ON log (at);
  CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.data = '\\x00'; RETURN new; END $$;
  CREATE TRIGGER stamp BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION stamp();

  CREATE TABLE small (id serial PRIMARY KEY, value numeric, "when" timestamptz, many text[], doc jsonb);
  INSERT INTO small (value, "when", many, doc) VALUES
    (1.50, '2026-03-29 01:30:00+00', ARRAY['a', NULL, '{"'], '{"k": ["\\u00e9", null]}'), ('NaN', 'infinity', '{}', NULL);
  CREATE TABLE empty (id int);
  CREATE VIEW per_year AS SELECT extract(year FROM at) AS year, count(*) FROM log GROUP BY 1;
  CREATE MATERIALIZED VIEW counted AS SELECT * FROM per_year;
  CREATE SEQUENCE counter; SELECT setval('counter', 41);
  SELECT lo_from_bytea(424242, convert_to(repeat('a large object, ', 500), 'UTF8')), lo_create(424243);
  COMMENT ON LARGE OBJECT 424242 IS 'held in the rest';`;
