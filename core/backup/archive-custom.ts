/**
 * Walks along a custom archive of pg_dump as it goes by, from block to block: its head says how many blocks of data there are, and
 * each block how long its parts are. So an archive that was cut is known, though no end marker exists in this format.
 *
 * The format is that of pg_backup_archiver.c and pg_backup_custom.c, archive versions 1.14 (PostgreSQL 12 to 15), 1.15 (16) and 1.16
 * (17, 18). What a newer version brings is not known: such an archive is only looked at for its head.
 */
import type { EndWatcher } from './archive-end.ts';

const MAGIC = 'PGDMP';
const NEWEST_KNOWN_MINOR = 16;
const OLDEST_KNOWN_MINOR = 14;
const BLOCK_OF_ROWS = 1;
const BLOCK_OF_LARGE_OBJECTS = 3;
const OFFSET_NO_DATA = 3;

/** What the walk wants next: bytes to look at, or to pass over. */
type Want = { kind: 'take' | 'skip'; bytes: number };
type Walk<T> = Generator<Want, T, Uint8Array>;
type Head = { minor: number; intBytes: number; offsetBytes: number };

function* takeBytes(bytes: number): Walk<Uint8Array> {
  return bytes === 0 ? new Uint8Array() : yield { kind: 'take', bytes };
}
function* skipBytes(bytes: number): Walk<void> {
  if (bytes > 0) yield { kind: 'skip', bytes };
}
function* takeByte(): Walk<number> {
  return (yield* takeBytes(1))[0] ?? 0;
}
/** A sign byte, then the number, lowest byte first. */
function* takeInt({ intBytes }: Head): Walk<number> {
  const [sign = 0, ...bytes] = yield* takeBytes(1 + intBytes);
  const value = bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
  return sign === 0 ? value : -value;
}
/** False for the null string. */
function* skipText(head: Head): Walk<boolean> {
  const length = yield* takeInt(head);
  yield* skipBytes(Math.max(length, 0));
  return length >= 0;
}

class NotAnArchive extends Error {}

function* walkArchive(): Walk<void> {
  const magic = yield* takeBytes(MAGIC.length);
  if (Buffer.from(magic).toString('latin1') !== MAGIC) throw new NotAnArchive();
  const [major, minor = 0, , intBytes = 0, offsetBytes = 0] = yield* takeBytes(6);
  const head: Head = { minor, intBytes, offsetBytes };
  if (major !== 1 || minor > NEWEST_KNOWN_MINOR || minor < OLDEST_KNOWN_MINOR) {
    yield { kind: 'skip', bytes: Number.POSITIVE_INFINITY };
    return;
  }
  const blocks = yield* walkContents(head);
  for (let block = 0; block < blocks; block++) yield* walkBlock(head);
}

/** The table of contents. Answers how many of its entries have data. */
function* walkContents(head: Head): Walk<number> {
  if (head.minor >= 15) yield* takeByte();
  else yield* takeInt(head); // the compression
  for (let part = 0; part < 7; part++) yield* takeInt(head); // when it was made
  for (let text = 0; text < 3; text++) yield* skipText(head); // database, version of the server, version of pg_dump
  const entries = yield* takeInt(head);
  let blocks = 0;
  for (let entry = 0; entry < entries; entry++) if (yield* walkEntry(head)) blocks += 1;
  return blocks;
}

function* walkEntry(head: Head): Walk<boolean> {
  yield* takeInt(head); // dump id
  const hasData = (yield* takeInt(head)) !== 0;
  for (let text = 0; text < 4; text++) yield* skipText(head); // table oid, oid, tag, description
  yield* takeInt(head); // section
  for (let text = 0; text < 6; text++) yield* skipText(head); // definition, drop, copy, schema, tablespace, access method
  if (head.minor >= 16) yield* takeInt(head); // kind of relation
  for (let text = 0; text < 2; text++) yield* skipText(head); // owner, with oids
  while (yield* skipText(head)); // dependencies
  const offsetState = yield* takeByte();
  yield* skipBytes(head.offsetBytes);
  return hasData && offsetState !== OFFSET_NO_DATA;
}

function* walkBlock(head: Head): Walk<void> {
  const kind = yield* takeByte();
  yield* takeInt(head); // dump id
  if (kind === BLOCK_OF_ROWS) yield* walkParts(head);
  else if (kind === BLOCK_OF_LARGE_OBJECTS) while ((yield* takeInt(head)) !== 0) yield* walkParts(head);
  else throw new NotAnArchive();
}

/** Compressed parts, each after its length; a length of zero ends them. */
function* walkParts(head: Head): Walk<void> {
  for (;;) {
    const length = yield* takeInt(head);
    if (length === 0) return;
    if (length < 0) throw new NotAnArchive();
    yield* skipBytes(length);
  }
}

export function watchCustom(): EndWatcher {
  const walk = walkArchive();
  let want = walk.next();
  let taken = Buffer.alloc(0);
  let skipped = 0;
  let problem: string | undefined;

  const feed = (bytes: Uint8Array) => {
    taken = Buffer.alloc(0);
    skipped = 0;
    try {
      want = walk.next(bytes);
    } catch (error) {
      if (!(error instanceof NotAnArchive)) throw error;
      problem = 'the form of a custom archive';
    }
  };

  return {
    add(chunk) {
      let at = 0;
      while (at < chunk.length && problem === undefined) {
        if (want.done) {
          problem = 'the end: bytes follow the last block';
          return;
        }
        const { kind, bytes } = want.value;
        if (kind === 'skip') {
          const step = Math.min(chunk.length - at, bytes - skipped);
          skipped += step;
          at += step;
          if (skipped === bytes) feed(new Uint8Array());
        } else {
          const step = Math.min(chunk.length - at, bytes - taken.length);
          const piece = chunk.subarray(at, at + step);
          at += step;
          if (taken.length === 0 && step === bytes) feed(piece);
          else {
            taken = Buffer.concat([taken, piece]);
            if (taken.length === bytes) feed(taken);
          }
        }
      }
    },
    missing() {
      if (problem !== undefined) return problem;
      if (want.done || want.value.bytes === Number.POSITIVE_INFINITY) return undefined;
      return 'the end of the archive';
    },
  };
}
