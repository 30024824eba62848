/** What a database holds, as text that is the same wherever it was restored: definitions, then every row. */
import type { Client } from 'pg';

const OWN = `nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg_toast%'`;

/** Each gives lines, in an order of bytes. */
const DEFINITIONS = {
  relations: `SELECT format('%I.%I %s %s %s', nspname, relname, relkind, relispartition, reloptions) AS line
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE ${OWN} AND relkind <> 'i' AND relkind <> 'I'`,
  columns: `SELECT format('%s.%I %s not null:%s identity:%s generated:%s default:%s', attrelid::regclass, attname, format_type(atttypid, atttypmod),
      attnotnull, attidentity, attgenerated, pg_get_expr(adbin, adrelid)) AS line
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE ${OWN} AND attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v', 'm')`,
  indexes: `SELECT indexdef AS line FROM pg_indexes WHERE ${OWN.replaceAll('nspname', 'schemaname')}`,
  // From 18 on a column that is not null is a constraint too.
  constraints: `SELECT format('%s %I %s', conrelid::regclass, conname, pg_get_constraintdef(c.oid)) AS line
    FROM pg_constraint c JOIN pg_namespace n ON n.oid = connamespace WHERE ${OWN} AND conrelid <> 0 AND contype <> 'n'`,
  triggers: `SELECT pg_get_triggerdef(oid) AS line FROM pg_trigger WHERE NOT tgisinternal`,
  functions: `SELECT pg_get_functiondef(p.oid) AS line FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE ${OWN}`,
  views: `SELECT format('%s %s', c.oid::regclass, pg_get_viewdef(c.oid)) AS line
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE ${OWN} AND relkind IN ('v', 'm')`,
  sequences: `SELECT format('%I.%I last:%s step:%s', schemaname, sequencename, last_value, increment_by) AS line FROM pg_sequences`,
  'large objects': `SELECT format('%s %s %s', oid, md5(lo_get(oid)), obj_description(oid, 'pg_largeobject')) AS line FROM pg_largeobject_metadata`,
};

export async function readText(client: Client, tables?: readonly string[]): Promise<string> {
  await client.query(`SET timezone = 'UTC'; SET datestyle = 'ISO'; SET bytea_output = 'hex'; SET search_path = ''`);
  const parts: string[] = [];
  const add = async (title: string, sql: string) => {
    const { rows } = await client.query<{ line: string }>(`SELECT line FROM (${sql}) lines ORDER BY line COLLATE "C"`);
    parts.push(`== ${title}`, ...rows.map(({ line }) => line.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')));
  };
  if (!tables) for (const [title, sql] of Object.entries(DEFINITIONS)) await add(title, sql);
  const { rows: names } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', nspname, relname) AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
     WHERE ${OWN} AND relkind IN ('r', 'm') ORDER BY format('%I.%I', nspname, relname) COLLATE "C"`,
  );
  for (const { name } of names) if (!tables || tables.includes(name)) await add(`rows of ${name}`, `SELECT t::text AS line FROM ${name} t`);
  return `${parts.join('\n')}\n`;
}
