/**
 * A plain dump on its way into psql.
 *
 * psql runs in the task, and a plain dump is a psql script: `\! command` in it would be a command in the task. So psql is put in its
 * own restricted mode (`\restrict` with a random key, PostgreSQL 13.22, 14.19, 15.14, 16.10, 17.6 and later; an older psql refuses
 * the word and stops) before the first byte of the dump. In that mode it refuses every backslash command, wherever it stands, but the
 * `\unrestrict` with the same key, which the dump does not know. The dump's own `\restrict` and `\unrestrict` lines are refused like any other,
 * so they are blanked here; a line that is blanked can only do less.
 *
 * Lines are counted and kept in number, so that a line in an error is the dump's own.
 */
import { NeedsCollector, type ArchiveNeeds } from './archive-needs.ts';
import { VIEW_DATA } from './archive-phases.ts';
import { readStatement, type ScriptStatement } from './script-statement.ts';
import { quoteIdentifier } from './sql-names.ts';
import { isOfSuperusers } from './superuser-owners.ts';

export type PlainScriptOptions = {
  /** Extensions whose CREATE and COMMENT are blanked. */
  skipExtensions: readonly string[];
  /** Who owns what is blanked. */
  noOwner?: boolean;
  /** What is granted is blanked. */
  noPrivileges?: boolean;
  /** Materialized views are filled by what policies let their owners see: the dump's first lines make that an error. */
  isUnderPolicies?: boolean;
  /** The dump's own transactions are blanked: it runs in one that is around it. */
  isOneTransaction?: boolean;
  /** Who is given what only superusers may own becomes one first, and is told. For a server that lives for one restore. */
  raise?: ((role: string) => void) | undefined;
};

const NEWLINE = 0x0a;
/** Longer lines are passed on in pieces: none that is looked for here is so long. */
const LONGEST_LINE_BYTES = 64 * 1024;

export class PlainScript {
  readonly #skip: RegExp | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #isInCopy = false;
  /** The beginning of this line was passed on already. */
  #isMidLine = false;
  #line = 0;
  #marks: { line: number; object: string }[] = [];
  #entry = '';
  readonly #blanked: readonly ScriptStatement['kind'][];
  readonly #needs = new NeedsCollector();
  /** Of the publication that the entry makes. */
  #definition = '';
  /** What psql gets before the line that was looked at last, on the same line. */
  #prefix: Buffer | undefined;
  readonly #isUnderPolicies: boolean;
  readonly #isOneTransaction: boolean;
  readonly #raise: PlainScriptOptions['raise'];

  constructor(options: PlainScriptOptions) {
    const { skipExtensions, noOwner = false, noPrivileges = false, isUnderPolicies = false, isOneTransaction = false, raise } = options;
    this.#isOneTransaction = isOneTransaction;
    this.#isUnderPolicies = isUnderPolicies;
    this.#raise = raise;
    this.#blanked = [...(noOwner ? ['owner' as const] : []), ...(noPrivileges ? ['privilege' as const] : [])];
    const names = skipExtensions.map((name) => `(?:${literally(name)}|"${literally(name.replaceAll('"', '""'))}")`).join('|');
    this.#skip = names
      ? new RegExp(`^(?:CREATE EXTENSION IF NOT EXISTS (?:${names})(?: .*)?;|COMMENT ON EXTENSION (?:${names}) IS '.*';)$`)
      : undefined;
  }

  /** What psql gets for the next bytes of the dump. */
  take(chunk: Uint8Array): Buffer {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, fresh]) : fresh;
    const out: Buffer[] = [];
    let passFrom = 0;
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      if (!this.#passes(bytes.subarray(start, end))) {
        out.push(bytes.subarray(passFrom, start));
        passFrom = end;
      } else if (this.#prefix !== undefined) {
        out.push(bytes.subarray(passFrom, start), this.#prefix);
        passFrom = start;
      }
      start = end + 1;
    }
    out.push(bytes.subarray(passFrom, start));
    this.#rest = bytes.subarray(start);
    if (this.#rest.length > LONGEST_LINE_BYTES) {
      out.push(this.#rest);
      this.#rest = Buffer.alloc(0);
      this.#isMidLine = true;
    }
    return Buffer.concat(out);
  }

  /** What psql gets when the dump has ended: a last line without its line break. */
  end(): Buffer {
    const last = this.#rest;
    this.#rest = Buffer.alloc(0);
    return this.#passes(last) ? last : Buffer.alloc(0);
  }

  /** Every object that the dump makes or fills, as its comments name it, in order. */
  get objects(): readonly string[] {
    return this.#marks.map(({ object }) => object);
  }

  /** The object that the dump makes or fills at this line, as its comments say: `TABLE DATA public.users`. */
  objectAt(line: number): string | undefined {
    return this.#marks.findLast((mark) => mark.line <= line)?.object;
  }

  /** Of the whole dump, once it went by. */
  get needs(): ArchiveNeeds {
    return this.#needs;
  }

  #prefixOf(text: string, statement: ScriptStatement | undefined): Buffer | undefined {
    if (this.#isUnderPolicies && this.#entry === VIEW_DATA && text.startsWith(REFRESH)) return UNDER_POLICIES;
    if (this.#entry === 'PUBLICATION' && text.startsWith('CREATE PUBLICATION ')) this.#definition = text;
    if (this.#raise === undefined || statement?.kind !== 'owner') return undefined;
    if (!isOfSuperusers({ kind: this.#entry, definition: this.#definition })) return undefined;
    this.#raise(statement.role);
    return Buffer.from(`ALTER ROLE ${quoteIdentifier(statement.role)} SUPERUSER; `);
  }

  #passes(line: Buffer): boolean {
    const isWhole = !this.#isMidLine;
    this.#isMidLine = false;
    this.#prefix = undefined;
    this.#line++;
    if (!isWhole) return true;
    if (this.#isInCopy) {
      this.#isInCopy = !line.equals(COPY_END);
      return true;
    }
    const start = line.subarray(0, 1).toString('latin1');
    if (!LINE_STARTS.includes(start) || line.length > LONGEST_LINE_BYTES) return true;
    const text = line.toString('utf8');
    this.#isInCopy = text.startsWith('COPY ') && text.endsWith(' FROM stdin;');
    const mark = /^-- (?:Data for )?Name: (.*); Type: ([^;]+); Schema: ([^;]+)/.exec(text);
    if (mark) {
      this.#marks.push({ line: this.#line, object: `${mark[2]} ${mark[3] === '-' ? '' : `${mark[3]}.`}${mark[1]}` });
      this.#entry = mark[2] ?? '';
    }
    const statement = readStatement(text, this.#entry);
    if (statement) this.#needs.add(statement);
    this.#prefix = this.#prefixOf(text, statement);
    if (statement && this.#blanked.includes(statement.kind)) return false;
    if (this.#isOneTransaction && LARGE_OBJECTS.includes(this.#entry) && OWN_TRANSACTION.includes(text)) return false;
    return !/^\\(?:un)?restrict \S+$/.test(text) && !this.#skip?.test(text);
  }
}

/** Of the lines that are looked for: backslash commands, COPY, CREATE and COMMIT, comments, ALTER, GRANT, REVOKE and RESET, SET, BEGIN. */
const LINE_STARTS = ['\\', 'C', '-', 'A', 'G', 'R', 'S', 'B'];
/** pg_dump writes the contents of large objects in transactions of their own; a body of a function may have such lines too. */
const LARGE_OBJECTS = ['BLOBS', 'BLOB'];
const OWN_TRANSACTION = ['BEGIN;', 'COMMIT;'];
const REFRESH = 'REFRESH MATERIALIZED VIEW ';
const UNDER_POLICIES = Buffer.from('SET row_security = on; ');
const COPY_END = Buffer.from('\\.');

const literally = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
