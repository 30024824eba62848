import type { Source } from '../source.ts';

export const rights: Source = {
  name: 'rights',
  what: 'Owners, grants by several roles, of columns and with grant options, default privileges, comments on everything',
  sql: ({ role, major }) => [
    `GRANT CREATE, USAGE ON SCHEMA rights TO ${role('owner')}, ${role('writer')} WITH GRANT OPTION; GRANT USAGE ON SCHEMA rights TO ${role('reader')};
     CREATE TABLE public.owned (id int PRIMARY KEY, secret text, open text); INSERT INTO public.owned SELECT i, 's', 'o' FROM generate_series(1, 3000) i;
     ALTER TABLE public.owned OWNER TO ${role('owner')};
     CREATE TABLE of_odd (id serial); ALTER TABLE of_odd OWNER TO ${role('Odd "one"')};
     CREATE SCHEMA rights_of_owner AUTHORIZATION ${role('owner')};
     CREATE TABLE rights_of_owner.t (a int); INSERT INTO rights_of_owner.t SELECT generate_series(1, 2000);`,
    `SET ROLE ${role('owner')}; SET search_path TO rights;
     GRANT SELECT ON public.owned TO ${role('reader')} WITH GRANT OPTION; GRANT UPDATE (open), SELECT (id), REFERENCES (id) ON public.owned TO ${role('writer')} WITH GRANT OPTION;
     GRANT ALL ON public.owned TO ${role('Odd "one"')}; REVOKE TRUNCATE, TRIGGER ON public.owned FROM ${role('owner')};
     CREATE FUNCTION of_owner() RETURNS int LANGUAGE sql RETURN 1; REVOKE ALL ON FUNCTION of_owner() FROM PUBLIC; GRANT EXECUTE ON FUNCTION of_owner() TO ${role('reader')};
     CREATE DOMAIN of_owner_domain AS int; REVOKE USAGE ON TYPE of_owner_domain FROM PUBLIC; CREATE SEQUENCE of_owner_sequence; GRANT USAGE ON SEQUENCE of_owner_sequence TO ${role('writer')};
     ALTER DEFAULT PRIVILEGES IN SCHEMA rights_of_owner GRANT SELECT ON TABLES TO ${role('reader')} WITH GRANT OPTION;
     ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO ${role('writer')};
     CREATE TABLE rights_of_owner.after_defaults (a int); INSERT INTO rights_of_owner.after_defaults VALUES (1);`,
    `SET ROLE ${role('reader')}; GRANT SELECT ON public.owned TO ${role('writer')};`,
    `RESET ROLE; SET ROLE ${role('writer')}; SET search_path TO rights; GRANT UPDATE (open) ON public.owned TO ${role('reader')};`,
    `RESET ROLE; SET search_path TO rights;
     ALTER DEFAULT PRIVILEGES FOR ROLE ${role('writer')} GRANT ALL ON SEQUENCES TO PUBLIC;
     REVOKE ALL ON LANGUAGE plpgsql FROM PUBLIC; GRANT USAGE ON LANGUAGE plpgsql TO ${role('owner')};
     REVOKE EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text) TO ${role('reader')};
     GRANT SELECT ON pg_catalog.pg_authid TO ${role('reader')};
     ${major >= 15 ? `GRANT SET ON PARAMETER log_min_messages TO ${role('reader')}; REVOKE SET ON PARAMETER log_min_messages FROM ${role('reader')};` : ''}
     COMMENT ON TABLE public.owned IS E'a comment\\nof two lines; -- with ''quotes'' and \\\\ and $$'; COMMENT ON COLUMN public.owned.secret IS 'über 数'; COMMENT ON SCHEMA rights IS '';
     COMMENT ON CONSTRAINT owned_pkey ON public.owned IS 'k'; COMMENT ON INDEX public.owned_pkey IS 'i'; COMMENT ON FUNCTION of_owner() IS 'f';`,
  ],
};

export const rowSecurity: Source = {
  name: 'row_security',
  what: 'Policies, with FORCE: whoever may not bypass them must not make half a point',
  sql: ({ role }) => `
    CREATE TABLE forced (id int, who text); INSERT INTO forced SELECT i, CASE i % 2 WHEN 0 THEN 'me' ELSE 'you' END FROM generate_series(1, 3000) i;
    ALTER TABLE forced ENABLE ROW LEVEL SECURITY; ALTER TABLE forced FORCE ROW LEVEL SECURITY; ALTER TABLE forced OWNER TO ${role('owner')};
    CREATE POLICY mine ON forced USING (who = current_user); CREATE POLICY limits ON forced AS RESTRICTIVE FOR UPDATE TO ${role('writer')} USING (true) WITH CHECK (id > 0);
    CREATE TABLE without_policy (id int); INSERT INTO without_policy SELECT generate_series(1, 2000); ALTER TABLE without_policy ENABLE ROW LEVEL SECURITY;
    CREATE TABLE not_enabled (id int); INSERT INTO not_enabled SELECT generate_series(1, 2000);
    CREATE POLICY "sleeps 'odd'" ON not_enabled USING (id IN (SELECT f.id FROM row_security.forced f)); ALTER TABLE not_enabled FORCE ROW LEVEL SECURITY;
    CREATE TABLE parted (id int) PARTITION BY RANGE (id); CREATE TABLE p PARTITION OF parted FOR VALUES FROM (0) TO (9999);
    INSERT INTO parted SELECT generate_series(1, 2000); ALTER TABLE parted ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON parted USING (id < 10);
    COMMENT ON POLICY mine ON forced IS 'mine';
  `,
};

export const storage: Source = {
  name: 'storage',
  what: 'How rows are kept: unlogged, options, compression, rows out of line; first rows small and the last ones large',
  sql: ({ isSoak }) => `
    CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY, text text); INSERT INTO unlogged SELECT i, 'u' FROM generate_series(1, 3000) i;
    CREATE TABLE options (id int, a text, b text, c text, d text) WITH (fillfactor = 31, autovacuum_enabled = off, toast.autovacuum_enabled = off, toast_tuple_target = 200, parallel_workers = 3);
    ALTER TABLE options ALTER a SET STORAGE EXTERNAL, ALTER b SET STORAGE PLAIN, ALTER c SET STORAGE MAIN, ALTER d SET (n_distinct = -0.5), ALTER d SET COMPRESSION pglz;
    INSERT INTO options SELECT i, repeat('a', i), repeat('b', i % 500), repeat('c', i), repeat('d', 3 * i) FROM generate_series(1, 1500) i;
    CREATE INDEX by_id ON options (id) WITH (fillfactor = 50); CLUSTER options USING by_id;
    CREATE TABLE uneven (id int, wide text); ALTER TABLE uneven ALTER wide SET STORAGE EXTERNAL;
    INSERT INTO uneven SELECT i, 'small' FROM generate_series(1, 20000) i;
    INSERT INTO uneven SELECT i, repeat(md5(i::text), ${isSoak ? 6000 : 600}) FROM generate_series(20001, 20300) i;
    CREATE TABLE wide_first (id int, wide bytea); ALTER TABLE wide_first ALTER wide SET STORAGE EXTERNAL;
    INSERT INTO wide_first SELECT i, decode(repeat(md5(i::text), 2000), 'hex') FROM generate_series(1, 100) i; INSERT INTO wide_first SELECT i, '' FROM generate_series(101, 20000) i;
    CREATE TABLE very_many_columns (${Array.from({ length: 1000 }, (_, n) => `c${n} int`).join(', ')});
    INSERT INTO very_many_columns (c0, c999) SELECT i, -i FROM generate_series(1, 200) i;
  `,
};
