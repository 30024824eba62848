import type { Source } from '../source.ts';

/** Names that a file name, an argument, a pattern, a regular expression, a script or a format string would take for something else. */
export const ODD_NAMES = [
  'a "quoted" one',
  '"',
  ' spaces  on both sides ',
  'two\nlines',
  'return\rof the carriage',
  'a\ttab',
  String.raw`back\slash\n`,
  String.raw`\.`,
  'dollar $1 $$ $body$',
  'star* que?ry [a-z]{2} (x|y)+ ^$',
  'dot.ted.name',
  '../up/../../and away',
  '%I %s %% %1$s',
  `apostro'phe`,
  'semi;colon -- comment',
  '/* comment */',
  'COPY x FROM stdin;',
  'control \u0001\u001b[31m\u007f',
  'Ünïcödé',
  'ünïcödé',
  '数据表',
  'עברית',
  '🐘',
  'n\u0303 is not ñ',
  'no\u00a0break\u200bspace',
  'x'.repeat(63),
  '数'.repeat(21),
  `${'y'.repeat(60)}数`,
  'select',
  'user',
  'table',
  'UPPER',
  '-dash --schema-only',
  '~tilde@host:#1,2=3&4!',
  'public',
  'pg_dump',
  '0',
];

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
const text = (value: string) => `'${value.replaceAll("'", "''")}'`;

export const names: Source = {
  name: 'names',
  what: 'Odd names of tables, columns, and everything else that has a name',
  sql: () => [
    ...ODD_NAMES.map(
      (name, index) => `
      CREATE TABLE ${quote(name)} (${quote(name)} text, n int);
      INSERT INTO ${quote(name)} SELECT ${text(name)} || i, i FROM generate_series(1, ${index % 2 === 0 ? 700 : 20}) i;
      COMMENT ON TABLE ${quote(name)} IS ${text(name)}; CREATE INDEX ON ${quote(name)} (${quote(name)});
      ALTER TABLE ${quote(name)} ADD CONSTRAINT ${quote(name)} CHECK (${quote(name)} <> ${text(name)});`,
    ),
    ...[0, 3, 6, 9, 10, 20, 26, 31].map((index) => {
      const name = ODD_NAMES[index] ?? '';
      return `
      CREATE SCHEMA ${quote(`s ${name}`.slice(0, 40))}; SET search_path TO ${quote(`s ${name}`.slice(0, 40))};
      CREATE TYPE ${quote(`t ${name}`)} AS ENUM (${text(name)}, 'other'); CREATE SEQUENCE ${quote(`q ${name}`)} START 5;
      CREATE TABLE ${quote(name)} (id int DEFAULT nextval(${text(quote(`q ${name}`))}), ${quote(`${name}.`)} ${quote(`t ${name}`)} DEFAULT ${text(name)});
      INSERT INTO ${quote(name)} SELECT FROM generate_series(1, 900);
      CREATE FUNCTION ${quote(name)}() RETURNS trigger LANGUAGE plpgsql AS ${text('BEGIN RETURN new; END')};
      CREATE TRIGGER ${quote(name)} BEFORE INSERT ON ${quote(name)} FOR EACH ROW EXECUTE FUNCTION ${quote(name)}(${text(name)});
      CREATE VIEW ${quote(`v ${name}`)} AS SELECT id AS ${quote(name)} FROM ${quote(name)}; RESET search_path`;
    }),
  ],
};
