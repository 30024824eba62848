/** Whether a text is one statement that reads: literals and quoted names may hold whatever they like. */
export function isOneSelect(sql: string): boolean {
  const bare = sql
    .replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, "''")
    .trim()
    .replace(/;$/, '');
  return /^(select|with|values|table)\b/i.test(bare) && !bare.includes(';');
}
