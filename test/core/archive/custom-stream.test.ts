/** A custom archive as it goes by: the same however it is cut into chunks, and never taken for whole when it is not. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readCustomArchive } from '../../../core/archive/custom-stream.ts';
import { NotAnArchive, parseToc } from '../../../core/archive/toc.ts';
import { smallArchives, type SmallArchive } from './small-archive.ts';

let archives: SmallArchive[];
beforeAll(async () => {
  archives = await smallArchives();
}, 60_000);

type Seen = { kind: string; dumpId?: number; oid?: number; text?: string };

async function* inChunks(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

/** What the archive holds; of each piece at most `most` chunks are read. */
async function seenIn(chunks: AsyncIterable<Uint8Array>, most = Infinity): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const event of readCustomArchive(chunks)) {
    if (event.kind === 'toc') seen.push({ kind: event.toc.entries.map(({ dumpId, kind }) => `${dumpId} ${kind}`).join() });
    else if (event.kind === 'largeObjects') seen.push({ kind: event.kind, dumpId: event.dumpId });
    else {
      const { chunks: pieces, ...named } = event;
      const parts: Uint8Array[] = [];
      if (most > 0) for await (const piece of pieces) if (parts.push(piece) >= most) break;
      seen.push({ ...named, text: Buffer.concat(parts).toString('latin1') });
    }
  }
  return seen;
}

/** As much is read before the contents are looked at. */
const FIRST_READ_BYTES = 64 * 1024;

/** The same archive with contents of just that size, so that its data arrives as it is cut: a name in the head is made longer. */
function padContents(bytes: Buffer): Buffer {
  const { toc, length } = parseToc(bytes)!;
  const version = Buffer.from(toc.head.dumpVersion!, 'latin1');
  const first = bytes.indexOf(version);
  // The server's version may be the same text, right before it.
  const at = toc.head.serverVersion === toc.head.dumpVersion ? bytes.indexOf(version, first + 1) : first;
  const padded = Buffer.alloc(version.length + FIRST_READ_BYTES - length, 'x');
  const size = Buffer.alloc(5);
  size.writeUInt32LE(padded.length, 1);
  return Buffer.concat([bytes.subarray(0, at - 5), size, padded, bytes.subarray(at + version.length)]);
}

const END = '\\.\n\n\n';

describe.each([15, 16, 18])('an archive by pg_dump %i', (major) => {
  let bytes: Buffer;
  let tocBytes: number;
  let whole: Seen[];
  let positions: number[];

  beforeAll(async () => {
    bytes = padContents(archives.find((one) => one.major === major)!.custom);
    tocBytes = parseToc(bytes)!.length;
    whole = await seenIn(inChunks(bytes));
    expect(tocBytes).toBe(FIRST_READ_BYTES);
    const inContents = Array.from({ length: 200 }, (_, index) => Math.floor((index * tocBytes) / 200));
    positions = [...inContents, ...Array.from({ length: bytes.length - tocBytes }, (_, index) => tocBytes + index)];
  });

  it('holds the rows of each table, then its large objects', () => {
    const texts = whole.filter(({ kind }) => kind === 'table').map(({ text }) => text);
    expect(texts).toHaveLength(3);
    expect(new Set(texts)).toEqual(new Set([END, `1\tone\n2\ttwo\\n\\t\\\\\n3\t\\N\n${END}`, `2026-01-01\t\\\\x00ff0a5c\n${END}`]));
    expect(whole.filter(({ kind }) => kind === 'largeObject').map(({ oid, text }) => [oid, text])).toEqual([
      [4711, 'large '.repeat(40)],
      [4712, ''],
    ]);
    expect(whole.map(({ kind }) => kind).slice(1)).toEqual(['table', 'table', 'table', 'largeObjects', 'largeObject', 'largeObject']);
  });

  it('is the same wherever a chunk ends', async () => {
    for (const at of positions) expect([at, await seenIn(inChunks(bytes.subarray(0, at), bytes.subarray(at)))]).toEqual([at, whole]);
  });

  it('is the same byte by byte, with empty chunks between', async () => {
    const nothing = Buffer.alloc(0);
    const single = Array.from(bytes.subarray(tocBytes), (_, at) => [bytes.subarray(tocBytes + at, tocBytes + at + 1), nothing]).flat();
    expect(await seenIn(inChunks(nothing, bytes.subarray(0, tocBytes), ...single))).toEqual(whole);
  });

  it('is passed over where nobody reads on', async () => {
    const head = bytes.subarray(0, tocBytes);
    const single = [head, ...Array.from(bytes.subarray(tocBytes), (_, at) => bytes.subarray(tocBytes + at, tocBytes + at + 1))];
    const names = (all: Seen[]) => all.map(({ kind, dumpId, oid }) => [kind, dumpId, oid]);
    for (const most of [0, 1]) expect(names(await seenIn(inChunks(...single), most))).toEqual(names(whole));
  });

  it('is refused when it ends at any byte before its end', async () => {
    for (const end of positions) {
      const error = await seenIn(inChunks(bytes.subarray(0, end))).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect([end, error instanceof NotAnArchive]).toEqual([end, true]);
      expect((error as Error).message).toBe(end < tocBytes ? 'it ends before its contents do' : 'it ends before its end');
    }
  });

  it('is refused when anything follows, in its last chunk or after it', async () => {
    const more = Buffer.alloc(1);
    await expect(seenIn(inChunks(Buffer.concat([bytes, more])))).rejects.toThrow('bytes follow the last block');
    await expect(seenIn(inChunks(bytes, Buffer.alloc(0), more))).rejects.toThrow('bytes follow the last block');
    await expect(seenIn(inChunks(bytes, bytes))).rejects.toThrow('bytes follow the last block');
  });

  it('is refused when a block is no block of its contents', async () => {
    const changed = (at: number, value: number) => {
      const other = Buffer.from(bytes);
      other[at] = value;
      return seenIn(inChunks(other));
    };
    await expect(changed(tocBytes, 7)).rejects.toThrow('a block of kind 7');
    const id = bytes.readUInt32LE(tocBytes + 2);
    await expect(changed(tocBytes + 1, 1)).rejects.toThrow(`the data of entry -${id} was not expected`);
    await expect(changed(tocBytes + 6, 1)).rejects.toThrow('a part of negative length');
    await expect(changed(10, 3)).rejects.toThrow('its format is 3, and that of a custom archive 1');
    await expect(changed(6, 12)).rejects.toThrow('archive version 1.12 is not one of 1.14 to 1.16');
  });

  it('closes its source when nobody wants the rest', async () => {
    let isClosed = false;
    async function* source() {
      try {
        yield* inChunks(bytes.subarray(0, tocBytes + 20), bytes.subarray(tocBytes + 20));
      } finally {
        isClosed = true;
      }
    }
    for await (const event of readCustomArchive(source())) if (event.kind === 'table') break;
    expect(isClosed).toBe(true);
  });

  it('hands on what its source throws', async () => {
    async function* source() {
      yield* inChunks(bytes.subarray(0, tocBytes + 8));
      throw new Error('the store is gone');
    }
    await expect(seenIn(source())).rejects.toThrow('the store is gone');
  });
});
