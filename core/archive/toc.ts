/**
 * The table of contents of pg_dump's archives: read from a custom archive or a directory's toc.dat, and written as a toc.dat.
 *
 * The format is that of pg_backup_archiver.c: archive versions 1.14 (PostgreSQL 12 to 15), 1.15 (16: compression as a byte) and 1.16
 * (17, 18: kind of relation). Texts are bytes in the encoding of the dump: they are kept as latin1, one character for each byte.
 */

export type ArchiveEntry = {
  dumpId: number;
  /** Whether the archive holds bytes for it: rows of a table, large objects. */
  hasData: boolean;
  tableOid: string | null;
  oid: string | null;
  tag: string | null;
  /** As pg_dump names it: `TABLE`, `TABLE DATA`, `INDEX`, `ACL` … */
  kind: string | null;
  section: number;
  definition: string | null;
  drop: string | null;
  copy: string | null;
  schema: string | null;
  tablespace: string | null;
  accessMethod: string | null;
  /** From archive version 1.16. */
  relkind?: number | undefined;
  owner: string | null;
  withOids: string | null;
  dependencies: number[];
  /** Of a directory archive only. */
  file?: string | null | undefined;
};

export type ArchiveHead = {
  minor: number;
  revision: number;
  /** An integer level up to 1.14, a number of the algorithm from 1.15. */
  compression: number;
  /** Second, minute, hour, day, month from 0, years since 1900, whether daylight saving. */
  createdAt: number[];
  database: string | null;
  serverVersion: string | null;
  dumpVersion: string | null;
};

export type ArchiveToc = { head: ArchiveHead; entries: ArchiveEntry[] };

export const SECTION = { none: 1, preData: 2, data: 3, postData: 4 } as const;

const MAGIC = 'PGDMP';
const MAJOR = 1;
const OLDEST_MINOR = 14;
const NEWEST_MINOR = 16;
/** From here on the compression is a byte that names the algorithm. */
const COMPRESSION_BYTE_SINCE = 15;
const RELKIND_SINCE = 16;
const INT_BYTES = 4;
const OFFSET_BYTES = 8;
/** What a directory's toc.dat says of itself is the code of the tar format. */
const FORMAT = { custom: 1, directory: 3 } as const;
const ALGORITHM = { none: 0, gzip: 1, zstd: 3 } as const;
const GZIP_LEVEL = 6;
/** Nothing that pg_dump writes in one text comes near: lengths beyond are not those of an archive. */
const LONGEST_TEXT_BYTES = 1024 ** 3;

/** The bytes are not those of an archive that this release reads. */
export class NotAnArchive extends Error {}

/** More bytes are needed. */
class TooShort extends Error {}

class Cursor {
  readonly #bytes: Buffer;
  at = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  #take(count: number): number {
    const from = this.at;
    if (from + count > this.#bytes.length) throw new TooShort();
    this.at += count;
    return from;
  }
  byte(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }
  /** A sign byte, then the number, lowest byte first. */
  int(): number {
    const from = this.#take(1 + INT_BYTES);
    const value = this.#bytes.readUInt32LE(from + 1);
    return this.#bytes[from] === 0 ? value : -value;
  }
  text(): string | null {
    const length = this.int();
    if (length < 0) return null;
    if (length > LONGEST_TEXT_BYTES) throw new NotAnArchive(`a text of ${length} bytes`);
    const from = this.#take(length);
    return this.#bytes.toString('latin1', from, from + length);
  }
  skip(count: number): void {
    this.#take(count);
  }
}

/**
 * The contents at the start of `bytes`, and how many bytes they take: what follows is the data of a custom archive. Undefined when
 * more bytes are needed. Throws NotAnArchive.
 * @param wanted of either format when absent
 */
export function parseToc(bytes: Uint8Array, wanted?: keyof typeof FORMAT): { toc: ArchiveToc; length: number } | undefined {
  const cursor = new Cursor(bytes);
  try {
    const { head, format } = parseHead(cursor);
    if (wanted !== undefined && format !== FORMAT[wanted])
      throw new NotAnArchive(`its format is ${format}, and that of a ${wanted} archive ${FORMAT[wanted]}`);
    const count = cursor.int();
    if (count < 0) throw new NotAnArchive(`${count} entries`);
    const entries: ArchiveEntry[] = [];
    for (let i = 0; i < count; i++) entries.push(parseEntry(cursor, head, format));
    return { toc: { head, entries }, length: cursor.at };
  } catch (error) {
    if (error instanceof TooShort) return undefined;
    throw error;
  }
}

function parseHead(cursor: Cursor): { head: ArchiveHead; format: number } {
  for (const letter of MAGIC) if (cursor.byte() !== letter.charCodeAt(0)) throw new NotAnArchive('it does not begin like one');
  const major = cursor.byte();
  const minor = cursor.byte();
  const revision = cursor.byte();
  if (major !== MAJOR || minor < OLDEST_MINOR || minor > NEWEST_MINOR)
    throw new NotAnArchive(`archive version ${major}.${minor} is not one of 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}`);
  if (cursor.byte() !== INT_BYTES || cursor.byte() !== OFFSET_BYTES) throw new NotAnArchive('its numbers have another size');
  const format = cursor.byte();
  if (format !== FORMAT.custom && format !== FORMAT.directory)
    throw new NotAnArchive(`a format ${format}, neither custom nor of a directory`);
  const compression = minor >= COMPRESSION_BYTE_SINCE ? cursor.byte() : cursor.int();
  const createdAt = Array.from({ length: 7 }, () => cursor.int());
  const head = {
    minor,
    revision,
    compression,
    createdAt,
    database: cursor.text(),
    serverVersion: cursor.text(),
    dumpVersion: cursor.text(),
  };
  return { head, format };
}

function parseEntry(cursor: Cursor, { minor }: ArchiveHead, format: number): ArchiveEntry {
  const entry: ArchiveEntry = {
    dumpId: cursor.int(),
    hasData: cursor.int() !== 0,
    tableOid: cursor.text(),
    oid: cursor.text(),
    tag: cursor.text(),
    kind: cursor.text(),
    section: cursor.int(),
    definition: cursor.text(),
    drop: cursor.text(),
    copy: cursor.text(),
    schema: cursor.text(),
    tablespace: cursor.text(),
    accessMethod: cursor.text(),
    relkind: minor >= RELKIND_SINCE ? cursor.int() : undefined,
    owner: cursor.text(),
    withOids: cursor.text(),
    dependencies: [],
  };
  for (let dependency = cursor.text(); dependency !== null; dependency = cursor.text()) entry.dependencies.push(Number(dependency));
  if (format === FORMAT.custom) cursor.skip(1 + OFFSET_BYTES);
  else entry.file = cursor.text();
  return entry;
}

/** The bytes of a toc.dat; the files of the directory are compressed as it says. */
export function serializeDirectoryToc({ head, entries }: ArchiveToc, compression: keyof typeof ALGORITHM): Buffer {
  const out = growingBytes();
  const { byte, int, text } = out;

  for (const letter of MAGIC) byte(letter.charCodeAt(0));
  for (const value of [MAJOR, head.minor, head.revision, INT_BYTES, OFFSET_BYTES, FORMAT.directory]) byte(value);
  if (head.minor >= COMPRESSION_BYTE_SINCE) byte(ALGORITHM[compression]);
  else int(compression === 'gzip' ? GZIP_LEVEL : 0);
  head.createdAt.forEach(int);
  for (const value of [head.database, head.serverVersion, head.dumpVersion]) text(value);
  int(entries.length);
  for (const entry of entries) {
    int(entry.dumpId);
    int(entry.hasData ? 1 : 0);
    for (const value of [entry.tableOid, entry.oid, entry.tag, entry.kind]) text(value);
    int(entry.section);
    for (const value of [entry.definition, entry.drop, entry.copy, entry.schema, entry.tablespace, entry.accessMethod]) text(value);
    if (head.minor >= RELKIND_SINCE) int(entry.relkind ?? 0);
    for (const value of [entry.owner, entry.withOids]) text(value);
    for (const dependency of entry.dependencies) text(String(dependency));
    text(null);
    text(entry.file ?? '');
  }
  return out.whole();
}

const FIRST_BYTES = 64 * 1024;

/** One buffer: contents of 200,000 large objects are millions of numbers and texts, and a buffer for each takes over a gigabyte. */
function growingBytes() {
  let bytes = Buffer.alloc(FIRST_BYTES);
  let size = 0;
  /** Where so many more bytes go. */
  const grow = (count: number): number => {
    const at = size;
    size += count;
    if (size > bytes.length) {
      const larger = Buffer.alloc(Math.max(size, bytes.length * 2));
      bytes.copy(larger, 0, 0, at);
      bytes = larger;
    }
    return at;
  };
  const byte = (value: number) => {
    const at = grow(1);
    bytes[at] = value;
  };
  const int = (value: number) => {
    byte(value < 0 ? 1 : 0);
    const at = grow(INT_BYTES);
    bytes.writeUInt32LE(Math.abs(value), at);
  };
  const text = (value: string | null | undefined) => {
    if (value === null || value === undefined) {
      int(-1);
      return;
    }
    int(value.length);
    const at = grow(value.length);
    bytes.write(value, at, 'latin1');
  };
  return { byte, int, text, whole: () => bytes.subarray(0, size) };
}
