/**
 * What a database holds, as lines that are the same wherever the same rows, large objects and sequences are. The server reads and
 * hashes everything, names included: a client could not even write down some names of a SQL_ASCII database.
 */
import type { Client } from 'pg';

/** By kind and name, in ASCII. */
export type Content = Map<string, string>;

/** Columns by name: a dump keeps no order of columns where inheritance mixed it. */
const READER = String.raw`
CREATE FUNCTION pg_temp.content() RETURNS TABLE (what text, value text) LANGUAGE plpgsql AS $reader$
DECLARE t record; encoding text := pg_catalog.getdatabaseencoding();
BEGIN
  FOR t IN SELECT c.oid, c.relkind, c.relispopulated, n.nspname, c.relname,
      (SELECT string_agg(format('%I', attname), ', ' ORDER BY attname COLLATE "C") FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'm', 'S') AND NOT EXISTS (SELECT FROM pg_catalog.pg_partition_tree(c.oid) JOIN pg_catalog.pg_class f ON f.oid = relid WHERE f.relkind = 'f') AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
  LOOP
    what := CASE t.relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END
      || replace(pg_catalog.encode(pg_catalog.convert_to(format('%I.%I', t.nspname, t.relname), encoding), 'escape'), E'\n', '\n');
    IF t.relkind = 'r' AND EXISTS (
      SELECT FROM pg_catalog.pg_partition_ancestors(t.oid) JOIN pg_catalog.pg_partitioned_table ON partrelid = relid JOIN pg_catalog.pg_opclass o ON o.oid = ANY (partclass)
      WHERE partstrat = 'h' AND opcname = 'enum_ops') THEN
      -- The hash of an enum's value is of its number, which is another in each database: rows change places.
      CONTINUE;
    ELSIF t.relkind = 'p' THEN
      EXECUTE format('SELECT count(*) || '' rows, hash '' || coalesce(sum(pg_catalog.hashtextextended(ROW(%s)::text, 0)), 0) FROM %I.%I', t.columns, t.nspname, t.relname) INTO value;
    ELSIF t.relkind = 'S' THEN
      EXECUTE format('SELECT last_value || '' '' || is_called FROM %I.%I', t.nspname, t.relname) INTO value;
    ELSIF NOT t.relispopulated THEN
      value := 'not populated';
    ELSE
      EXECUTE format('SELECT count(*) || '' rows, hash '' || coalesce(sum(pg_catalog.hashtextextended(ROW(%s)::text, 0)), 0) FROM ONLY %I.%I', t.columns, t.nspname, t.relname) INTO value;
    END IF;
    RETURN NEXT;
  END LOOP;
  SELECT 'large objects', count(*) || ' objects, hash ' || coalesce(sum(pg_catalog.hashtextextended(pg_catalog.concat_ws('|', oid, md5(pg_catalog.lo_get(oid))), 0)), 0)
    FROM pg_catalog.pg_largeobject_metadata INTO what, value;
  RETURN NEXT;
  SELECT 'owners of large objects', pg_catalog.md5(coalesce(string_agg(pg_catalog.concat_ws('|', oid, pg_catalog.pg_get_userbyid(lomowner)), ';' ORDER BY oid), ''))
    FROM pg_catalog.pg_largeobject_metadata INTO what, value;
  RETURN NEXT;
  SELECT 'grants on large objects', pg_catalog.md5(coalesce(string_agg(grants, ';' ORDER BY oid), '')) FROM (
    SELECT oid, pg_catalog.concat_ws('|', oid, (SELECT string_agg(a::text, ',' ORDER BY a::text COLLATE "C") FROM unnest(coalesce(lomacl, pg_catalog.acldefault('L', lomowner))) a)) AS grants
    FROM pg_catalog.pg_largeobject_metadata) g INTO what, value;
  RETURN NEXT;
  SELECT 'comments on large objects', pg_catalog.md5(coalesce(string_agg(pg_catalog.concat_ws('|', oid, c), ';' ORDER BY oid), '')) || ' of ' || count(*) FROM (
    SELECT oid, pg_catalog.obj_description(oid, 'pg_largeobject') AS c FROM pg_catalog.pg_largeobject_metadata) o WHERE c IS NOT NULL INTO what, value;
  RETURN NEXT;
  SELECT 'database', pg_catalog.concat_ws(' ', pg_catalog.pg_encoding_to_char(d.encoding), datcollate, datctype) FROM pg_catalog.pg_database d
    WHERE datname = pg_catalog.current_database() INTO what, value;
  RETURN NEXT;
END $reader$`;

/** The text of values depends on these settings; no row may be kept from the reader. */
const SETTINGS = `SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres'; SET extra_float_digits = 3; SET bytea_output = 'hex';
  SET lc_monetary = 'C'; SET row_security = off; SET search_path = ''`;

export async function readContent(client: Client): Promise<Content> {
  await client.query(SETTINGS);
  await client.query(READER);
  const { rows } = await client.query<{ what: string; value: string }>('SELECT * FROM pg_temp.content()');
  await client.query('DROP FUNCTION pg_temp.content(); RESET ALL');
  return new Map(rows.map(({ what, value }) => [what, value]));
}
