import type { Source } from '../source.ts';

export const views: Source = {
  name: 'views',
  what: 'Views and materialized views on each other, one filled from one that is not, rules',
  sql: () => `
    CREATE TABLE base (id int PRIMARY KEY, n int, text text);
    INSERT INTO base SELECT i, i % 10, 't' || i FROM generate_series(1, 3000) i;
    CREATE VIEW v AS SELECT id, n, text FROM base WHERE n < 5 WITH LOCAL CHECK OPTION;
    CREATE VIEW barrier WITH (security_barrier) AS SELECT * FROM v;
    CREATE MATERIALIZED VIEW z_first AS SELECT n, count(*) AS c FROM barrier GROUP BY n;
    CREATE MATERIALIZED VIEW a_second AS SELECT n, c * 2 AS twice FROM z_first;
    CREATE VIEW over_second AS SELECT * FROM a_second JOIN z_first USING (n);
    CREATE MATERIALIZED VIEW m_third AS SELECT * FROM over_second;
    CREATE UNIQUE INDEX ON m_third (n);
    CREATE MATERIALIZED VIEW unfilled AS SELECT * FROM m_third WITH NO DATA;
    CREATE RECURSIVE VIEW upwards (n) AS SELECT 1 UNION ALL SELECT n + 1 FROM upwards WHERE n < 5;
    CREATE VIEW by_key AS SELECT id, n, text FROM base GROUP BY id;
    CREATE VIEW needs_key AS SELECT b.id, b.text, sum(b2.n) AS s FROM base b JOIN base b2 USING (n) GROUP BY b.id;
    CREATE VIEW no_columns_view AS SELECT FROM base;
    CREATE TABLE log (id int, what text);
    CREATE RULE base_deleted AS ON DELETE TO base DO ALSO INSERT INTO log VALUES (old.id, 'deleted');
    CREATE RULE into_view AS ON INSERT TO barrier DO INSTEAD INSERT INTO base VALUES (new.id, new.n, new.text);
    CREATE RULE base_inserted AS ON INSERT TO base DO ALSO INSERT INTO log VALUES (new.id, 'inserted');
    ALTER TABLE base DISABLE RULE base_deleted;
    CREATE FUNCTION of_base(base) RETURNS text LANGUAGE sql AS 'SELECT $1.text';
    CREATE VIEW whole_rows AS SELECT base AS b, views.of_base(base) AS t FROM views.base;
    COMMENT ON COLUMN whole_rows.t IS 'it''s a comment';
  `,
};

export const triggers: Source = {
  name: 'triggers',
  what: 'Triggers of every kind, which must not fire in a restore: each would change rows or stop it',
  sql: () => `
    CREATE TABLE guarded (id int PRIMARY KEY, text text); CREATE TABLE log (what text);
    INSERT INTO guarded SELECT i, 'g' FROM generate_series(1, 3000) i; INSERT INTO log VALUES ('kept');
    CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a trigger has fired'; END $$;
    CREATE FUNCTION write_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO triggers.log VALUES (tg_name); RETURN new; END $$;
    CREATE TRIGGER a BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION stop();
    CREATE TRIGGER b AFTER INSERT ON guarded REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION stop();
    CREATE TRIGGER c AFTER UPDATE OF text OR DELETE ON guarded FOR EACH ROW EXECUTE FUNCTION stop();
    ALTER TABLE guarded DISABLE TRIGGER a;
    CREATE TRIGGER always_on AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION stop(); ALTER TABLE log ENABLE ALWAYS TRIGGER always_on;
    CREATE TRIGGER replica_only BEFORE UPDATE ON log FOR EACH ROW WHEN (old.what <> '') EXECUTE FUNCTION write_log(); ALTER TABLE log ENABLE REPLICA TRIGGER replica_only;
    CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON guarded DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stop();
    CREATE VIEW v AS SELECT * FROM guarded;
    CREATE TRIGGER instead INSTEAD OF DELETE ON v FOR EACH ROW EXECUTE FUNCTION write_log();
    CREATE TABLE parts (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF parts FOR VALUES FROM (0) TO (5000);
    INSERT INTO parts SELECT generate_series(1, 3000);
    CREATE TRIGGER on_all AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION stop(); ALTER TABLE p1 DISABLE TRIGGER on_all;
  `,
};

export const eventTriggers: Source = {
  name: 'event_triggers',
  what: 'Event triggers that would stop the restore, were they there before its end',
  sql: () => `
    CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
      IF current_setting('fidelity.armed', true) = 'yes' THEN RAISE EXCEPTION 'an event trigger has fired: %', tg_tag; END IF; END $$;
    CREATE EVENT TRIGGER a_start ON ddl_command_start WHEN TAG IN ('CREATE TABLE', 'CREATE INDEX') EXECUTE FUNCTION watch();
    CREATE EVENT TRIGGER b_end ON ddl_command_end EXECUTE FUNCTION watch(); ALTER EVENT TRIGGER b_end ENABLE REPLICA;
    CREATE EVENT TRIGGER c_drop ON sql_drop EXECUTE FUNCTION watch(); ALTER EVENT TRIGGER c_drop DISABLE;
    COMMENT ON EVENT TRIGGER a_start IS 'watches';
  `,
};

export const functions: Source = {
  name: 'functions',
  what: 'Functions whose bodies are parsed, that use tables made after them, procedures, aggregates, operators, search configurations',
  sql: () => `
    CREATE TABLE accounts (id int PRIMARY KEY, owner text, balance numeric DEFAULT 0);
    INSERT INTO accounts SELECT i, 'o' || i, i FROM generate_series(1, 2000) i;
    CREATE FUNCTION atomic(x int) RETURNS SETOF accounts STABLE BEGIN ATOMIC SELECT a.* FROM accounts a WHERE a.id = x; SELECT a.* FROM accounts a; END;
    CREATE FUNCTION one_liner(a int, b int DEFAULT 5, VARIADIC c text[] DEFAULT '{}') RETURNS int IMMUTABLE PARALLEL SAFE COST 3 RETURN a + b;
    CREATE PROCEDURE pay(INOUT n int) LANGUAGE sql BEGIN ATOMIC UPDATE accounts SET balance = balance + 1 WHERE id = n; SELECT n; END;
    CREATE TABLE uses_function (a int, b int GENERATED ALWAYS AS (functions.one_liner(a)) STORED, CHECK (functions.one_liner(a) > 0), d int DEFAULT functions.one_liner(1));
    INSERT INTO uses_function (a) SELECT generate_series(1, 3000);
    CREATE INDEX ON uses_function (functions.one_liner(a, 7));
    CREATE FUNCTION with_settings() RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path TO 'pg_catalog', "$user", "Odd, one" SET work_mem TO '7MB' AS $body$
      BEGIN RETURN $$a $body inside$$ || E'\\n\\\\'; END $body$;
    CREATE FUNCTION table_of(OUT a int, OUT "b c" text) RETURNS SETOF record LANGUAGE sql ROWS 7 AS 'SELECT 1, ''x''';
    CREATE FUNCTION step(state int, x int) RETURNS int LANGUAGE sql IMMUTABLE RETURN coalesce(state, 0) + x;
    CREATE AGGREGATE total(int) (SFUNC = step, STYPE = int, INITCOND = '0', PARALLEL = SAFE);
    CREATE FUNCTION near(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN abs($1 - $2) < 2;
    CREATE OPERATOR <~> (LEFTARG = int, RIGHTARG = int, FUNCTION = near, COMMUTATOR = <~>);
    CREATE FUNCTION compare(int, int) RETURNS int LANGUAGE sql IMMUTABLE RETURN CASE WHEN $1 < $2 THEN 1 WHEN $1 > $2 THEN -1 ELSE 0 END;
    CREATE OPERATOR CLASS backwards FOR TYPE int USING btree AS OPERATOR 1 > , OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 compare(int, int);
    CREATE INDEX ON accounts (id backwards);
    CREATE TEXT SEARCH DICTIONARY plain_words (TEMPLATE = simple, STOPWORDS = english);
    CREATE TEXT SEARCH CONFIGURATION english_plain (COPY = english); ALTER TEXT SEARCH CONFIGURATION english_plain ALTER MAPPING FOR asciiword WITH plain_words, simple;
    CREATE INDEX ON accounts USING gin (to_tsvector('functions.english_plain', owner));
    CREATE CAST (accounts AS text) WITH INOUT;
    CREATE COLLATION old (LOCALE = 'C'); CREATE TABLE collated (t text COLLATE old, u text COLLATE "POSIX");
    INSERT INTO collated SELECT 'ä' || i, 'Ä' FROM generate_series(1, 300) i; CREATE INDEX ON collated (t COLLATE "C" DESC);
    CREATE CONVERSION own FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
  `,
};
