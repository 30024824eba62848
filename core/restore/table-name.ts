/**
 * The name of a table as SQL writes it (`public.users`, `public."Odd table"`), in a form that does not depend on which words were
 * quoted. Undefined when the text is no such name.
 */
export function parseTableName(text: string): { schema: string; table: string } | undefined {
  const part = String.raw`("(?:[^"]|"")+"|[^".]+)`;
  const found = new RegExp(`^${part}\\.${part}$`, 's').exec(text);
  const [, schema, table] = found ?? [];
  return schema === undefined || table === undefined ? undefined : { schema: unquote(schema), table: unquote(table) };
}

/** Unquoted names are lower case to the server; what verify read from an archive is quoted where that matters. */
const unquote = (name: string) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase());

/** One text for one table, whichever way its name was written. */
export function tableKey(text: string): string {
  const name = parseTableName(text);
  return name ? tableKeyOf(name.schema, name.table) : text;
}

export const tableKeyOf = (schema: string, table: string): string => JSON.stringify([schema, table]);
