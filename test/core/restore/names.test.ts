import { describe, expect, it } from 'vitest';
import { createDatabaseStatements } from '../../../core/restore/database-statement.ts';
import {
  findDatabaseNameProblems,
  quoteConninfo,
  quoteIdentifier,
  quoteLiteral,
  suggestDatabaseName,
} from '../../../core/restore/sql-names.ts';
import { parseTableName, tableKey } from '../../../core/restore/table-name.ts';

describe('names of databases', () => {
  it.each([
    ['ida', '20261121T020000Z', 'ida_20261121t020000z'],
    ['My "Odd" Database', '20261121T020000Z-m3fa9c1', 'my_odd_database_20261121t020000z_m3fa9c1'],
    ['数据', '20261121T020000Z', 'restored_20261121t020000z'],
    ['2026data', '20261121T020000Z', 'db_2026data_20261121t020000z'],
    ['x'.repeat(63), '20261121T020000Z', `${'x'.repeat(46)}_20261121t020000z`],
  ])('are made up for %s', (source, point, name) => {
    expect(suggestDatabaseName(source, point)).toBe(name);
    expect(findDatabaseNameProblems(name)).toEqual([]);
  });

  it('say everything that is wrong with one', () => {
    expect(findDatabaseNameProblems(` ${'x'.repeat(70)}\u0000`)).toHaveLength(3);
    expect(findDatabaseNameProblems(`it's "fine" 数据`)).toEqual([]);
  });
});

describe('quoting', () => {
  it('keeps a text what it was', () => {
    expect(quoteIdentifier('a"b')).toBe('"a""b"');
    expect(quoteLiteral("o'brien")).toBe("'o''brien'");
    expect(quoteLiteral(String.raw`a\'b`)).toBe(String.raw` E'a\\''b'`);
    expect(quoteConninfo(String.raw`a'b\c`)).toBe(String.raw`'a\'b\\c'`);
  });
});

describe('names of tables', () => {
  it.each([
    ['public.users', { schema: 'public', table: 'users' }],
    ['public."Odd table"', { schema: 'public', table: 'Odd table' }],
    ['"a.b"."c""d"', { schema: 'a.b', table: 'c"d' }],
    ['Public.Users', { schema: 'public', table: 'users' }],
    ['users', undefined],
    ['a.b.c', undefined],
  ])('%s', (text, name) => expect(parseTableName(text)).toEqual(name));

  it('are the same table, however they are quoted', () => expect(tableKey('public."user"')).toBe(tableKey('public.user')));
});

describe('createDatabaseStatements', () => {
  const source = { encoding: 'UTF8', collate: 'de_DE.UTF-8', ctype: 'de_DE.UTF-8', localeProvider: 'libc' };
  it('asks for the locale of the source first, then for C in the same encoding', () => {
    expect(createDatabaseStatements('x', source, 16).map(({ sql }) => sql)).toEqual([
      `CREATE DATABASE "x" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LC_COLLATE 'de_DE.UTF-8' LC_CTYPE 'de_DE.UTF-8'`,
      `CREATE DATABASE "x" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc`,
    ]);
  });
  it('names no provider to a server that knows none, and says when the way is not like the source', () => {
    const ways = createDatabaseStatements('x', { ...source, localeProvider: 'icu', icuLocale: 'de' }, 14);
    expect(ways.map(({ isLike }) => isLike)).toEqual([false, false]);
    expect(ways[0]?.sql).not.toContain('PROVIDER');
  });
  it.each([
    ['icu', 16, "LOCALE_PROVIDER icu ICU_LOCALE 'de'"],
    ['i', 16, "LOCALE_PROVIDER icu ICU_LOCALE 'de'"],
    ['builtin', 17, "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'de'"],
  ])('takes the provider %s of PostgreSQL %i over', (localeProvider, major, part) => {
    const [first] = createDatabaseStatements('x', { ...source, localeProvider, icuLocale: 'de' }, major);
    expect(first?.sql).toContain(part);
    expect(first?.isLike).toBe(true);
  });
});
