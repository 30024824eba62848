import type { Source } from '../source.ts';

/** Wide values are made of few bytes: what is tried is their length. */
const WIDE_MIB = { sample: 4, full: 50 };

export const values: Source = {
  name: 'values_',
  what: 'Values that text formats could confuse with their own signs, and the ends of what each type holds',
  sql: ({ major, isSoak }) => String.raw`
    CREATE TABLE texts (id int, text text);
    INSERT INTO texts SELECT row_number() OVER (), t FROM unnest(ARRAY[NULL, '', ' ', 'NULL', E'\\N', E'\\\\N', E'\\.', E'line\n\\.\nline', E'\\.\n', E'\n', E'\r', E'\r\n', E'a\tb',
      E'\\', E'\\\\', E'\\t is no tab', E'\b\f\v', E'\x01\x02\x1b\x7f', '"', '''', '$$', 'ä数🐘', E'\u202e right to left', E'e\u0301', repeat('x', 8191), repeat('\', 8192), repeat(E'\n', 65536)]) t;
    INSERT INTO texts SELECT 1000 + i, chr(i) || 'c' || chr(i) FROM generate_series(1, 3000) i WHERE i NOT BETWEEN 55296 AND 57343;
    CREATE TABLE one_column (t text); INSERT INTO one_column VALUES (E'\\.'), (''), (NULL), (E'\\N'), (E'\n'), (E'\\.\n\\.'); INSERT INTO one_column SELECT E'\\.' FROM generate_series(1, 5000);
    CREATE TABLE bytes (id int, b bytea); INSERT INTO bytes SELECT i, decode(lpad(to_hex(i), 2, '0'), 'hex') FROM generate_series(0, 255) i;
    INSERT INTO bytes VALUES (256, NULL), (257, ''), (258, (SELECT string_agg(b, '' ORDER BY id) FROM bytes));
    INSERT INTO bytes SELECT 300 + i, decode(repeat('00ff5c0a09', i), 'hex') FROM generate_series(1, 300) i;
    CREATE TABLE numbers (f4 real, f8 float8, n numeric, m numeric(5, 2), i8 bigint, i2 smallint);
    INSERT INTO numbers VALUES ('NaN', 'NaN', 'NaN', 'NaN', -9223372036854775808, -32768), ('Infinity', '-Infinity', 'Infinity', NULL, 9223372036854775807, 32767),
      ('-0', '-0', 0.000, 0, 0, 0), (1.1754944e-38, 2.2250738585072014e-308, 1e-16383, -999.99, 1, 1), (3.4028235e38, 4.9e-324, repeat('9', 131072)::numeric, 1, 1, 1),
      (0.1, 0.1 + 0.2, 1.10000, 1.1, 1, 1), (1e-45, 1.7976931348623157e308, -1e131071, 1, 1, 1);
    CREATE TABLE times (d date, t time, tz timetz, ts timestamp, tstz timestamptz, i interval);
    INSERT INTO times VALUES ('infinity', '24:00', '23:59:59.999999+15:59', 'infinity', '-infinity', 'P178000000Y'), ('-infinity', '00:00', '00:00-15:59', '4713-01-01 BC', '294276-12-31 23:59:59.999999+00', '-1 mon +1 day -00:00:00.000001'),
      ('4713-01-01 BC', '12:34:56.789', '12:00+00:00:01', '0001-12-31 23:59:59.999999 BC', '0044-03-15 12:00:00+00 BC', '1 year -13 mons 40 days 25:00:00'), ('5874897-12-31', NULL, NULL, '2026-03-29 02:30', '2026-03-29 01:00+00', NULL);
    CREATE TABLE arrays (i int[], t text[], b bool[][], r numeric[]);
    INSERT INTO arrays VALUES ('{}', '{}', '{}', '{}'), ('{1,NULL,3}', ARRAY['NULL', NULL, '', ' ', 'a,b', '{x}', 'q"', E'b\\', E'n\nl', E'\\.'], '{{t,NULL},{f,t}}', '{NaN,Infinity,NULL}'), ('[-2:0]={1,2,3}', '[5:5]={x}', '[0:0][2:3]={{t,f}}', NULL);
    CREATE TABLE jsons (j json, b jsonb, p jsonpath);
    INSERT INTO jsons VALUES ('{"a" :  1, "a":2, "\u0000": "\n\\"}', '{"a": "\n\\ \" \u00e4 é", "b": [null, 1e400, -0.0]}', '$."a b"[*] ? (@ > 1)'), ('"\\."', '"\\."', NULL), ('null', 'null', NULL), (NULL, NULL, NULL), ('  [ ] ', '[]', '$');
    CREATE TABLE others (u uuid, n inet, c cidr, m macaddr8, p point, l line, poly polygon, x bit(3), v varbit, tv tsvector, q tsquery, ch "char", ch3 char(5), na name, lsn pg_lsn, s pg_snapshot, mo money, re regclass, ro regtype, xid xid8, tid tid);
    INSERT INTO others VALUES (gen_random_uuid(), '::ffff:1.2.3.4/96', '10.0.0.0/8', '08:00:2b:01:02:03:04:05', '(NaN,-0)', '{1,-1,0}', '((0,0),(1e300,1))', '101', '', $$'it''s' 'a\\b':1A,3C$$, $$'x\\' & !'y z':*$$, ${major >= 16 ? '(-1)' : '65'}::int::"char", 'a ', 'n', '16/B374D848', '10:20:10,14,15', '-92233720368547758.08', 'values_.texts', 'numeric[]', '99', '(4294967295,65535)');
    INSERT INTO others (ch, na) VALUES ('', ''), (NULL, NULL), ('\', repeat('n', 63));
    CREATE TABLE wide (id int, text text);
    INSERT INTO wide VALUES (1, 'before'), (2, repeat(E'0123456789\t\n\\ä', ${Math.floor(((isSoak ? WIDE_MIB.full : WIDE_MIB.sample) * 1024 ** 2) / 15)})), (3, 'after');
  `,
};
