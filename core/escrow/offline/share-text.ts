/**
 * A share as a custodian reads, types or scans it: five rows of twenty characters. The last four of a row say whether the row was
 * typed as it is printed, and the last five bytes of all rows whether they belong together. Format: docs/custodians.md.
 */
import { createHash } from 'node:crypto';
import { ShareUnusable } from './errors.ts';

export type Share = {
  threshold: number;
  /** From 1, and of how many: as on the sheet. */
  number: number;
  shares: number;
  /** Fingerprint of the identity that was split: shares of one ceremony are told by it, and what they rebuild is checked with it. */
  ceremony: string;
  bytes: Uint8Array;
};

const VERSION = 1;
const CEREMONY_BYTES = 8;
const SUM_BYTES = 5;
const ROW_BYTES = 10;
const ROW_DATA = 16;
const ROW_CHECK = 4;
const ROW_LENGTH = ROW_DATA + ROW_CHECK;
const ROWS = 5;
const GROUP = 4;
/** What a QR code says before the rows, so that who scans it by chance can tell what it is. */
const QR_PREFIX = 'HOLDFAST SHARE ';

/** Crockford's: without I, L, O and U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const MISREAD: Readonly<Record<string, string>> = { O: '0', I: '1', L: '1' };

const sha256 = (...parts: (string | Uint8Array)[]) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const sumOf = (body: Uint8Array) => sha256('holdfast/share/v1\n', body).subarray(0, SUM_BYTES);
/** The number is in it: rows that were typed in another order are no share. */
const checkOf = (row: number, bytes: Uint8Array) =>
  toText(sha256(`holdfast/share-row/v1\n${row}\n`, bytes).subarray(0, 3)).slice(0, ROW_CHECK);

/** Five rows of five groups of four characters. */
export function shareRows(share: Share): string[] {
  const head = [VERSION, share.threshold, share.number, share.shares];
  const body = Buffer.concat([Uint8Array.from(head), Buffer.from(share.ceremony, 'hex'), share.bytes]);
  const all = Buffer.concat([body, sumOf(body)]);
  const rows = Array.from({ length: ROWS }, (_, index) => {
    const bytes = all.subarray(index * ROW_BYTES, (index + 1) * ROW_BYTES);
    return inGroups(toText(bytes) + checkOf(index + 1, bytes));
  });
  for (const bytes of [body, all]) bytes.fill(0);
  return rows;
}

export const shareQrText = (share: Share): string => QR_PREFIX + shareRows(share).join(' ').replaceAll(' ', '');

/**
 * One row as typed, with any spacing and case.
 * @returns its bytes; throws ShareUnusable, which names the row
 */
export function readRow(text: string, row: number): Uint8Array {
  const typed = normalize(text);
  for (const [index, character] of typed.split('').entries())
    if (!ALPHABET.includes(character))
      throw new ShareUnusable('wrong-character', `Row ${row}, group ${Math.floor(index / GROUP) + 1}: a character that no share has`);
  if (typed.length !== ROW_LENGTH)
    throw new ShareUnusable(
      typed.length < ROW_LENGTH ? 'too-short' : 'too-long',
      `Row ${row} has ${typed.length} of ${ROW_LENGTH} characters`,
    );
  const bytes = toBytes(typed.slice(0, ROW_DATA));
  if (checkOf(row, bytes) !== typed.slice(ROW_DATA)) throw new ShareUnusable('mistyped-row', `Row ${row} is not as it was printed`);
  return bytes;
}

/** A whole share: its rows, or what its QR code says. Throws ShareUnusable. */
export function readShare(text: string): Share {
  const typed = normalize(text.trim().toUpperCase().startsWith(QR_PREFIX.trim()) ? text.trim().slice(QR_PREFIX.length - 1) : text);
  if (typed.length > ROWS * ROW_LENGTH)
    throw new ShareUnusable('too-long', `The share has ${typed.length} characters, and ${ROWS * ROW_LENGTH} are on a sheet`);
  // By the row: who left one character out is told where.
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const rows = lines.length === ROWS ? lines : Array.from({ length: ROWS }, (_, i) => typed.slice(i * ROW_LENGTH, (i + 1) * ROW_LENGTH));
  const all = Buffer.concat(rows.map((row, index) => readRow(row, index + 1)));
  const body = all.subarray(0, all.length - SUM_BYTES);
  if (!sumOf(body).equals(all.subarray(body.length)))
    throw new ShareUnusable('mixed-rows', 'Each row is right by itself, but they are not the five rows of one sheet');
  const [version, threshold = 0, number = 0, shares = 0] = body;
  if (version !== VERSION)
    throw new ShareUnusable('unknown-version', `The share is of version ${version}, and this Holdfast knows ${VERSION}`);
  const ceremony = body.subarray(4, 4 + CEREMONY_BYTES).toString('hex');
  return { threshold, number, shares, ceremony, bytes: Uint8Array.from(body.subarray(4 + CEREMONY_BYTES)) };
}

const normalize = (text: string) =>
  text
    .toUpperCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll(/[OIL]/g, (letter) => MISREAD[letter] ?? letter);
const inGroups = (text: string) => text.match(new RegExp(`.{1,${GROUP}}`, 'g'))?.join(' ') ?? '';

/** Base 32, most significant bit first; bits that fill no character are left out. */
function toText(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]).join('');
}

function toBytes(text: string): Uint8Array {
  const bits = text
    .split('')
    .map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Uint8Array.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)));
}
