/** Names and texts as they stand in SQL, and the names of databases that a restore makes. */

/** PostgreSQL cuts longer names silently: two databases could then mean one. */
const LONGEST_NAME_BYTES = 63;

export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Right whatever `standard_conforming_strings` says. */
export const quoteLiteral = (text: string): string =>
  text.includes('\\') ? ` E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'` : `'${text.replaceAll("'", "''")}'`;

/** A value of a libpq connection string: a database may be called `a=b` or `postgres://`. */
export const quoteConninfo = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** What is wrong with a name for a new database; empty when nothing is. */
export function findDatabaseNameProblems(name: string): string[] {
  const problems: string[] = [];
  const bytes = Buffer.byteLength(name, 'utf8');
  if (name.trim() === '') problems.push('the name of the new database is empty');
  if (name !== name.trim()) problems.push('the name of the new database starts or ends with a space');
  if (bytes > LONGEST_NAME_BYTES)
    problems.push(`the name of the new database has ${bytes} bytes, and PostgreSQL allows ${LONGEST_NAME_BYTES}`);
  if (/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/u.test(name)) problems.push('the name of the new database has control or invisible characters');
  if (!name.isWellFormed()) problems.push('the name of the new database is not valid text');
  return problems;
}

/** `ida_20261121t020000z`: the source's name, shortened as needed, and the point. It needs quotes nowhere. */
export function suggestDatabaseName(source: string, point: string): string {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '');
  const suffix = `_${plain(point)}`;
  const stem = plain(source).slice(0, LONGEST_NAME_BYTES - suffix.length) || 'restored';
  return `${/^\d/.test(stem) ? `db_${stem}`.slice(0, LONGEST_NAME_BYTES - suffix.length) : stem}${suffix}`;
}
