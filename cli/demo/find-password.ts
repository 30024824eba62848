/** The password of a login as libpq finds it where an address has none: other users of a machine can read what stands in a command. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SourceUnusable } from './errors.ts';

export type Login = { host: string; port: number; dbname: string; username: string };

/** PGPASSWORD, else the line of PGPASSFILE or `~/.pgpass` that fits; empty when there is neither. Throws SourceUnusable. */
export function findPassword(login: Login, environment: Record<string, string | undefined>): string {
  const given = environment['PGPASSWORD'];
  if (given !== undefined && given !== '') return given;
  const named = environment['PGPASSFILE'] ?? '';
  const path = named === '' ? join(environment['HOME'] ?? '/', '.pgpass') : named;
  const text = readOrNothing(path);
  if (text === undefined) {
    if (named !== '') throw new SourceUnusable(`The file ${named} of PGPASSFILE`, 'it cannot be read');
    return '';
  }
  // As libpq: one that others may read is not used, and it is better to say so than to be refused.
  if ((statSync(path).mode & 0o077) !== 0)
    throw new SourceUnusable(`The password file ${path}`, 'others may read it; its mode is to be 600');
  const wanted = [login.host, String(login.port), login.dbname, login.username];
  for (const line of text.split('\n')) {
    const fields = readLine(line);
    if (fields.length >= 5 && wanted.every((value, index) => fields[index] === '*' || fields[index] === value)) return fields[4] ?? '';
  }
  return '';
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** `host:port:database:user:password`, where a backslash takes the meaning of what follows it away. */
function readLine(line: string): string[] {
  if (line.startsWith('#')) return [];
  const fields = [...line.matchAll(/((?:\\.|[^:\\])*)(:|$)/g)].map(([, field = '']) => field.replaceAll(/\\(.)/g, '$1'));
  return fields;
}
