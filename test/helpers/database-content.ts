/** What a database holds, in numbers and digests that are the same wherever the same rows and large objects are. */
import type { Client } from 'pg';

export type DatabaseContent = {
  /** By name, as a dump writes it; of a partitioned table each partition. */
  tables: Record<string, { rows: number; md5: string }>;
  largeObjects: { count: number; md5: string };
};

export async function readContent(client: Client): Promise<DatabaseContent> {
  // The text of an instant depends on it.
  await client.query("set timezone = 'UTC'");
  const { rows: names } = await client.query<{ name: string }>(
    `select format('%I.%I', nspname, relname) as name from pg_class join pg_namespace n on n.oid = relnamespace
     where relkind = 'r' and nspname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  const tables: DatabaseContent['tables'] = {};
  for (const { name } of names) tables[name] = await digest(client, `select t::text as part from ${name} t`);
  const objects = await digest(client, `select oid || ':' || md5(lo_get(oid)) as part from pg_largeobject_metadata`);
  return { tables, largeObjects: { count: objects.rows, md5: objects.md5 } };
}

async function digest(client: Client, parts: string): Promise<{ rows: number; md5: string }> {
  const { rows } = await client.query<{ rows: number; md5: string }>(
    `select count(*)::int as rows, md5(coalesce(string_agg(part, E'\\n' order by part collate "C"), '')) as md5 from (${parts}) parts`,
  );
  return rows[0]!;
}
