/** Whom offline files are made for, as `age` writes them: `age1…` is an X25519 key, `age1<plugin>1…` one that a program of that name holds. */
import { createHash } from 'node:crypto';
import { bech32 } from '@scure/base';

const X25519_BYTES = 32;
/** Native to newer versions of age, and to no plugin; the `age` of stable distributions does not know them. */
const NOT_STOCK = new Set(['pq', 'tag', 'tagpq']);

export type RecipientKind = { kind: 'x25519' } | { kind: 'plugin'; plugin: string } | { kind: 'wrong'; why: string };

/** The checksum of a recipient is looked at, so that a mistyped one is found before a key is made unreadable for its owner. */
export function recipientKind(text: string): RecipientKind {
  if (/^AGE-SECRET-KEY-/i.test(text) || /^AGE-PLUGIN-/i.test(text))
    return { kind: 'wrong', why: 'this is an identity, which must never stand in a plan: the recipient of it begins with `age1`' };
  const decoded = bech32.decodeUnsafe(text, false);
  if (decoded === undefined) return { kind: 'wrong', why: 'its checksum does not hold: it is cut or mistyped' };
  if (text !== text.toLowerCase()) return { kind: 'wrong', why: 'recipients are written in small letters' };
  if (decoded.prefix === 'age') {
    const bytes = bech32.fromWordsUnsafe(decoded.words);
    return bytes?.length === X25519_BYTES ? { kind: 'x25519' } : { kind: 'wrong', why: 'it is not as long as an X25519 key' };
  }
  const plugin = /^age1([a-z0-9.+_-]+)$/.exec(decoded.prefix)?.[1];
  if (plugin === undefined) return { kind: 'wrong', why: 'it does not begin with `age1`' };
  if (NOT_STOCK.has(plugin))
    return { kind: 'wrong', why: `recipients of the kind ${plugin} are not known to the \`age\` of stable distributions` };
  return { kind: 'plugin', plugin };
}

const ID_DIGITS = 16;

/** Names a set of recipients, in whatever order: other recipients make another file. */
export const recipientsId = (recipients: readonly string[]): string =>
  createHash('sha256')
    .update(`holdfast/recipients/v1\n${[...new Set(recipients)].toSorted().join('\n')}`)
    .digest('hex')
    .slice(0, ID_DIGITS);
