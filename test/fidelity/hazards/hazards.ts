/** What others do to a table while it is dumped. `said` goes into the table `happened` in the same transaction. */
export type Hazard = {
  name: string;
  /** One transaction, unless `isAlone`. */
  sql: (table: string) => string;
  /** What `happened` says of it; absent when the content stays what it is. */
  said?: string;
  /** Cannot run inside a transaction. */
  isAlone?: true;
};

export const HAZARDS: readonly Hazard[] = [
  { name: 'TRUNCATE', sql: (table) => `TRUNCATE ${table}`, said: 'truncated' },
  { name: 'DROP TABLE', sql: (table) => `DROP TABLE ${table}`, said: 'dropped' },
  { name: 'ALTER TABLE that adds a column', sql: (table) => `ALTER TABLE ${table} ADD COLUMN more text DEFAULT 'm'`, said: 'lengthened' },
  { name: 'ALTER TABLE that drops a column', sql: (table) => `ALTER TABLE ${table} DROP COLUMN text`, said: 'shortened' },
  { name: 'ALTER TABLE that writes all rows anew', sql: (table) => `ALTER TABLE ${table} ALTER id TYPE bigint`, said: 'widened' },
  { name: 'ALTER TABLE that renames', sql: (table) => `ALTER TABLE ${table} RENAME TO renamed`, said: 'renamed' },
  { name: 'CREATE INDEX', sql: (table) => `CREATE INDEX ON ${table} (id)` },
  { name: 'CREATE INDEX CONCURRENTLY', sql: (table) => `CREATE INDEX CONCURRENTLY ON ${table} (text)`, isAlone: true },
  { name: 'VACUUM FULL', sql: (table) => `VACUUM FULL ${table}`, isAlone: true },
  {
    name: 'a table in place of another',
    sql: (table) =>
      `ALTER TABLE ${table} RENAME TO renamed; CREATE TABLE ${table} (id int, other text); INSERT INTO ${table} VALUES (1, 'another')`,
    said: 'renamed',
  },
  { name: 'a new table', sql: () => `CREATE TABLE newcomer AS SELECT i AS id FROM generate_series(1, 5000) i` },
];
