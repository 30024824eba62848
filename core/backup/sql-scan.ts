/**
 * Follows SQL text just closely enough to know where a statement begins and ends, so that the text of a function or a comment that
 * looks like a COPY is not taken for one. Streaming; of each statement only its beginning and its end are kept.
 */

/** Longer than any COPY's table name: two names of 63 characters, quoted, in four bytes each. */
const HEAD_BYTES = 1024;
const TAIL_BYTES = 32;

const NEWLINE = 0x0a;
const DOUBLE_QUOTE = 0x22;
const DOLLAR = 0x24;
const QUOTE = 0x27;
const STAR = 0x2a;
const DASH = 0x2d;
const SLASH = 0x2f;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;
const NO_BYTE = 0;

const isBlank = (byte: number) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
const isLetter = (byte: number) => (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
const isWord = (byte: number) => isLetter(byte) || isDigit(byte) || byte === 0x5f || byte >= 0x80;
const isE = (byte: number) => byte === 0x45 || byte === 0x65;

type Inside =
  'nothing' | 'string' | 'escape-string' | 'name' | 'dollar-tag' | 'dollar-quote' | 'line-comment' | 'block-comment' | 'meta-command';

/** Text inside of strings and comments is left out. */
type Statement = { head: string; tail: string };
export type SqlScan = {
  /** Goes on at `from` and stops behind the first statement that ends, or at the end of the bytes. */
  next(bytes: Uint8Array, from: number): { at: number; statement: Statement | undefined };
};

export function scanSql(): SqlScan {
  let inside: Inside = 'nothing';
  let head: number[] = [];
  let tail: number[] = [];
  /** The byte before, or NO_BYTE where it must not count together with the next one. */
  let before = NO_BYTE;
  /** Word bytes in a row before this one: `E'…'` takes escapes, `LIKE'…'` does not. */
  let wordLength = 0;
  let tag: number[] = [];
  let tagMatched = 0;
  let commentDepth = 0;
  let hasPlainEscapes = false;

  const keep = (byte: number) => {
    if (head.length === 0 && isBlank(byte)) return;
    if (head.length < HEAD_BYTES) head.push(byte);
    tail.push(byte);
    if (tail.length > 2 * TAIL_BYTES) tail = tail.slice(-TAIL_BYTES);
  };
  const dropLast = () => {
    head.pop();
    tail.pop();
  };

  /** Outside of everything. True when the byte ends a statement. */
  const readPlain = (byte: number): boolean => {
    if (byte === SEMICOLON) return true;
    if (byte === BACKSLASH && head.length === 0) inside = 'meta-command';
    else if (byte === DASH && before === DASH) {
      inside = 'line-comment';
      dropLast();
    } else if (byte === STAR && before === SLASH) {
      inside = 'block-comment';
      commentDepth = 1;
      before = NO_BYTE;
      dropLast();
    } else {
      keep(byte);
      if (byte === DOUBLE_QUOTE) inside = 'name';
      else if (byte === QUOTE) inside = hasPlainEscapes || (wordLength === 1 && isE(before)) ? 'escape-string' : 'string';
      else if (byte === DOLLAR && wordLength === 0) {
        inside = 'dollar-tag';
        tag = [DOLLAR];
      }
    }
    return false;
  };

  const readInside = (byte: number, previous: number): void => {
    switch (inside) {
      case 'string':
      case 'name':
        if (inside === 'name') keep(byte);
        if (byte === (inside === 'name' ? DOUBLE_QUOTE : QUOTE)) inside = 'nothing';
        break;
      case 'escape-string':
        if (previous === BACKSLASH) before = NO_BYTE;
        else if (byte === QUOTE) inside = 'nothing';
        break;
      case 'dollar-tag':
        keep(byte);
        tag.push(byte);
        // `$1` is a parameter; `$tag$` opens.
        if (byte === DOLLAR) {
          inside = 'dollar-quote';
          tagMatched = 0;
        } else if (!isWord(byte) || (tag.length === 2 && isDigit(byte))) inside = 'nothing';
        break;
      case 'dollar-quote':
        // `$` stands only at the two ends of a tag, so a mismatch can begin anew with itself alone.
        tagMatched = byte === tag[tagMatched] ? tagMatched + 1 : byte === DOLLAR ? 1 : 0;
        if (tagMatched === tag.length) inside = 'nothing';
        break;
      case 'line-comment':
      case 'meta-command':
        if (byte === NEWLINE) inside = 'nothing';
        break;
      case 'block-comment':
        if (byte === STAR && previous === SLASH) {
          commentDepth += 1;
          before = NO_BYTE;
        } else if (byte === SLASH && previous === STAR) {
          commentDepth -= 1;
          before = NO_BYTE;
        }
        if (commentDepth === 0) inside = 'nothing';
        break;
      case 'nothing':
        break;
      default:
        inside satisfies never;
    }
  };

  const takeStatement = (): Statement => {
    const statement = { head: toText(head), tail: toText(tail.slice(-TAIL_BYTES)) };
    head = [];
    tail = [];
    before = NO_BYTE;
    wordLength = 0;
    if (/^SET standard_conforming_strings = off$/.test(statement.head)) hasPlainEscapes = true;
    return statement;
  };

  return {
    next(bytes, from) {
      for (let at = from; at < bytes.length; at++) {
        if (inside === 'string') {
          // Large objects stand in strings: these are passed over at the speed of memory.
          at = bytes.indexOf(QUOTE, at);
          if (at === -1) break;
        }
        const byte = bytes[at] ?? NO_BYTE;
        const previous = before;
        if (inside === 'nothing') {
          if (readPlain(byte)) return { at: at + 1, statement: takeStatement() };
          if (before === previous) before = byte;
          wordLength = isWord(byte) || (byte === DOLLAR && wordLength > 0) ? wordLength + 1 : 0;
          continue;
        }
        before = byte;
        readInside(byte, previous);
        wordLength = 0;
      }
      return { at: bytes.length, statement: undefined };
    },
  };
}

const toText = (bytes: number[]) => Buffer.from(bytes).toString('utf8');
