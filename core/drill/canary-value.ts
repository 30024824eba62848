/** The parts of an encrypted value, cut as the plan says. Pure. */
import type { CANARY_PARTS, KeyCanary } from '../plan/schema-canary.ts';
import { HoldfastError } from '../failure/error.ts';

export type CanaryPart = (typeof CANARY_PARTS)[number];
type Layout = Pick<KeyCanary, 'layout' | 'separator' | 'encoding' | 'prefixBytes' | 'saltBytes'> & { ivBytes: number; tagBytes: number };

/** The value or the key is not of the form that the plan states, so nothing could be tried. Says what is wrong, never a byte of it. */
export class CanaryMalformed extends HoldfastError {
  readonly failure = 'CheckFailed';
}

export const partsOf = (layout: string): CanaryPart[] => layout.split('-') as CanaryPart[];

/** @throws CanaryMalformed */
export function cutValue(layout: Layout, value: Uint8Array | string): Partial<Record<CanaryPart, Uint8Array>> {
  return layout.separator === undefined
    ? cutBytes(layout, decodeValue(layout.encoding, value))
    : cutText(layout, layout.separator, textOf(value));
}

function cutBytes(layout: Layout, value: Uint8Array): Partial<Record<CanaryPart, Uint8Array>> {
  const parts = partsOf(layout.layout);
  const lengths = { prefix: layout.prefixBytes, salt: layout.saltBytes, iv: layout.ivBytes, tag: layout.tagBytes };
  const lengthOf = (part: CanaryPart) => (part === 'ciphertext' ? 0 : lengths[part]);
  const fixedBytes = parts.reduce((sum, part) => sum + lengthOf(part), 0);
  if (value.length < fixedBytes) {
    const needed = parts
      .flatMap((part) => (part === 'ciphertext' ? [] : [`${lengthOf(part)} of ${part === 'iv' ? 'IV' : part}`]))
      .join(' and ');
    throw new CanaryMalformed(
      `The encrypted value has ${value.length} bytes, and ${needed} need ${fixedBytes}`,
      'Compare `layout`, the lengths of its parts and `encoding` of the canary in the plan with how the application stores the value',
    );
  }
  const found: Partial<Record<CanaryPart, Uint8Array>> = {};
  let at = 0;
  for (const part of parts) {
    const length = part === 'ciphertext' ? value.length - fixedBytes : lengthOf(part);
    found[part] = value.subarray(at, at + length);
    at += length;
  }
  return found;
}

function cutText(layout: Layout, separator: string, text: string): Partial<Record<CanaryPart, Uint8Array>> {
  const parts = partsOf(layout.layout);
  const texts = text.trim().split(separator);
  if (texts.length !== parts.length)
    throw new CanaryMalformed(
      `The encrypted value has ${texts.length} parts, and the layout ${layout.layout} has ${parts.length}`,
      'Compare `layout` and `separator` of the canary in the plan with how the application stores the value',
    );
  const found: Partial<Record<CanaryPart, Uint8Array>> = {};
  for (const [i, part] of parts.entries()) if (part !== 'prefix') found[part] = decodeValue(layout.encoding, texts[i] ?? '');
  for (const [part, length] of [
    ['iv', layout.ivBytes],
    ['tag', layout.tagBytes],
  ] as const) {
    const bytes = found[part]?.length ?? 0;
    if (bytes !== length)
      throw new CanaryMalformed(
        `The part ${part} of the encrypted value has ${bytes} bytes, and the plan says ${length}`,
        `Compare \`${part}Bytes\` and \`encoding\` of the canary in the plan with how the application stores the value`,
      );
  }
  return found;
}

const textOf = (value: Uint8Array | string) => (typeof value === 'string' ? value : Buffer.from(value).toString('latin1'));

/** A driver hands bytea over as bytes or as PostgreSQL's hexadecimal text (`\x…`), and text as a string. */
function decodeValue(encoding: KeyCanary['encoding'], value: Uint8Array | string): Uint8Array {
  const advice = 'Compare `encoding` of the canary in the plan with what its SQL returns';
  if (encoding === 'bytea') {
    if (typeof value !== 'string') return value;
    if (!value.startsWith('\\x')) throw new CanaryMalformed('The encrypted value is text, and the plan says bytea', advice);
    return decodeHex(value.slice(2), 'The encrypted value', advice);
  }
  // PostgreSQL's own encode(…, 'base64') breaks lines after 76 characters.
  const text = withoutSpace(textOf(value));
  return encoding === 'hex' ? decodeHex(text, 'The encrypted value', advice) : decodeBase64(text, 'The encrypted value', advice);
}

/** Neither alphabet has white space, and who wraps lines means nothing by it. */
export const withoutSpace = (text: string): string => text.replaceAll(/\s+/g, '');

export function decodeHex(text: string, what: string, advice: string): Buffer {
  if (text.length % 2 !== 0) throw new CanaryMalformed(`${what} has an odd number of hexadecimal digits (${text.length})`, advice);
  if (!/^[0-9a-fA-F]*$/.test(text)) throw new CanaryMalformed(`${what} holds characters that are not hexadecimal`, advice);
  return Buffer.from(text, 'hex');
}

/** Of both alphabets, with or without padding; Node skips what it does not know, so the form is checked first. */
export function decodeBase64(text: string, what: string, advice: string): Buffer {
  const unpadded = text.replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/_-]*$/.test(unpadded)) throw new CanaryMalformed(`${what} holds characters that are not base64`, advice);
  if (unpadded.length % 4 === 1) throw new CanaryMalformed(`${what} has a length (${unpadded.length}) that base64 cannot have`, advice);
  return Buffer.from(unpadded, 'base64');
}
