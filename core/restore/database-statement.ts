import type { Manifest } from '../vault/manifest.ts';
import { quoteIdentifier, quoteLiteral } from './sql-names.ts';

type Source = Pick<Manifest['source'], 'encoding' | 'collate' | 'ctype' | 'localeProvider' | 'icuLocale'>;

const PROVIDERS: Record<string, 'libc' | 'icu' | 'builtin'> = {
  c: 'libc',
  libc: 'libc',
  i: 'icu',
  icu: 'icu',
  b: 'builtin',
  builtin: 'builtin',
};
const FIRST_WITH_PROVIDERS = 15;
const FIRST_WITH_BUILTIN = 17;

/**
 * Ways to make a database like the source, the most alike first: with its own locale; where the server does not know that one, with
 * the locale C, in the same encoding. Sorting then differs from the source's, and whoever uses the second way says so.
 */
export function createDatabaseStatements(name: string, source: Source, serverMajor: number): { sql: string; isLike: boolean }[] {
  const start = `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE template0 ENCODING ${quoteLiteral(source.encoding)}`;
  const provider = PROVIDERS[source.localeProvider] ?? 'libc';
  const libc = `LC_COLLATE ${quoteLiteral(source.collate)} LC_CTYPE ${quoteLiteral(source.ctype)}`;
  const fallback = {
    sql: `${start} LC_COLLATE 'C' LC_CTYPE 'C'${serverMajor >= FIRST_WITH_PROVIDERS ? ' LOCALE_PROVIDER libc' : ''}`,
    isLike: false,
  };
  if (serverMajor < FIRST_WITH_PROVIDERS) return [{ sql: `${start} ${libc}`, isLike: provider === 'libc' }, fallback];
  const locale = quoteLiteral(source.icuLocale ?? source.collate);
  if (provider === 'icu') return [{ sql: `${start} LOCALE_PROVIDER icu ICU_LOCALE ${locale} ${libc}`, isLike: true }, fallback];
  if (provider === 'builtin' && serverMajor >= FIRST_WITH_BUILTIN)
    return [{ sql: `${start} LOCALE_PROVIDER builtin BUILTIN_LOCALE ${locale} ${libc}`, isLike: true }, fallback];
  return [{ sql: `${start} LOCALE_PROVIDER libc ${libc}`, isLike: provider === 'libc' }, fallback];
}

/** What PostgreSQL says of a locale, encoding or provider that it does not have, or that do not go together. */
export const LOCALE_UNKNOWN_STATES: readonly string[] = ['42809', '22023', '42704', '0A000', '42601', '22000'];

export const majorOf = (version: string): number => Number.parseInt(version, 10);
