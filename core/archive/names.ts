import { quoteIdentifier } from '../restore/sql-names.ts';
import type { ArchiveEntry, ArchiveToc } from './toc.ts';

/** Names that the server writes without quotes. Reserved words apart, which it quotes: nobody writes those without, either. */
const PLAIN = /^[a-z_][a-z0-9_]*$/;
export const quoteName = (name: string) => (PLAIN.test(name) ? name : quoteIdentifier(name));

/** Of an archive whose texts are UTF-8 the very names; of another, names in which every byte is a character. */
export function decodeNames({ entries }: ArchiveToc): (entry: Pick<ArchiveEntry, 'kind' | 'schema' | 'tag'>) => string {
  const isUtf8 = entries.some(({ kind, definition }) => kind === 'ENCODING' && /'UTF8'/.test(definition ?? ''));
  const decode = (text: string) => (isUtf8 ? Buffer.from(text, 'latin1').toString('utf8') : text);
  return ({ kind, schema, tag }) => {
    // The tags of most other kinds are several names, or a name and a signature.
    const isOneName = kind?.endsWith('TABLE') === true || kind?.endsWith('VIEW') === true;
    const parts = [...(schema ? [quoteName(decode(schema))] : []), ...(tag ? [isOneName ? quoteName(decode(tag)) : decode(tag)] : [])];
    return parts.join('.');
  };
}
