/**
 * Reads a custom archive of pg_dump as it goes by: its contents, then the data of each entry, in the order in which pg_dump wrote
 * it. The archive is one made with `-Z0`: what is inside of it is not compressed. Format: pg_backup_custom.c.
 */
import { NotAnArchive, parseToc, SECTION, type ArchiveToc } from './toc.ts';

export type ArchiveEvent =
  | { kind: 'toc'; toc: ArchiveToc }
  | { kind: 'table'; dumpId: number; chunks: AsyncIterable<Uint8Array> }
  | { kind: 'largeObjects'; dumpId: number }
  | { kind: 'largeObject'; dumpId: number; oid: number; chunks: AsyncIterable<Uint8Array> };

const BLOCK_OF_ROWS = 1;
const BLOCK_OF_LARGE_OBJECTS = 3;
const INT_BYTES = 5;

/**
 * `chunks` of an event are read before the next event is asked for; what was not read is passed over. Throws NotAnArchive when the
 * bytes end early, go on after the end, or are not those of an archive; or what `source` throws.
 */
export async function* readCustomArchive(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEvent> {
  const reader = new BlockReader(source);
  try {
    const toc = await reader.readToc();
    yield { kind: 'toc', toc };
    const awaited = new Set(toc.entries.filter(({ hasData, section }) => hasData && section === SECTION.data).map(({ dumpId }) => dumpId));
    while (awaited.size > 0) {
      const kind = await reader.byte();
      const dumpId = await reader.int();
      if (!awaited.delete(dumpId)) throw new NotAnArchive(`the data of entry ${dumpId} was not expected`);
      if (kind === BLOCK_OF_ROWS) yield* reader.piece((chunks) => ({ kind: 'table', dumpId, chunks }));
      else if (kind === BLOCK_OF_LARGE_OBJECTS) {
        yield { kind: 'largeObjects', dumpId };
        for (let oid = await reader.int(); oid !== 0; oid = await reader.int())
          yield* reader.piece((chunks) => ({ kind: 'largeObject', dumpId, oid, chunks }));
      } else throw new NotAnArchive(`a block of kind ${kind}`);
    }
    if (await reader.hasMore()) throw new NotAnArchive('bytes follow the last block');
  } finally {
    await reader.end();
  }
}

class BlockReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);
  #at = 0;
  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  /** Adds the next chunk behind what is held and not yet read. False at the end of the source. */
  async #more(): Promise<boolean> {
    const next = await this.#iterator.next();
    if (next.done) return false;
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    this.#held = this.#at < this.#held.length ? Buffer.concat([this.#held.subarray(this.#at), chunk]) : chunk;
    this.#at = 0;
    return true;
  }

  async #need(count: number): Promise<void> {
    while (this.#held.length - this.#at < count) if (!(await this.#more())) throw new NotAnArchive('it ends before its end');
  }

  async readToc(): Promise<ArchiveToc> {
    // Parsed again only when twice as much has arrived: contents of thousands of entries are not parsed thousands of times.
    let size = 64 * 1024;
    for (;;) {
      let isEnd = false;
      while (!isEnd && this.#held.length - this.#at < size) isEnd = !(await this.#more());
      const parsed = parseToc(this.#held.subarray(this.#at), 'custom');
      if (parsed !== undefined) {
        this.#at += parsed.length;
        return parsed.toc;
      }
      if (isEnd) throw new NotAnArchive('it ends before its contents do');
      size *= 2;
    }
  }

  async hasMore(): Promise<boolean> {
    while (this.#at >= this.#held.length) if (!(await this.#more())) return false;
    return true;
  }

  async byte(): Promise<number> {
    await this.#need(1);
    return this.#held[this.#at++] ?? 0;
  }

  async int(): Promise<number> {
    await this.#need(INT_BYTES);
    return this.#nextInt();
  }

  /** Of bytes that are there. */
  #nextInt(): number {
    const value = this.#held.readUInt32LE(this.#at + 1);
    const isNegative = this.#held[this.#at] !== 0;
    this.#at += INT_BYTES;
    return isNegative ? -value : value;
  }

  /** One event whose chunks are read to their end before the next one, by whoever asked or else here. */
  async *piece(event: (chunks: AsyncIterable<Uint8Array>) => ArchiveEvent): AsyncGenerator<ArchiveEvent> {
    const chunks = this.#parts();
    // Without `return`: whoever breaks off must not end what is passed over here.
    yield event({ [Symbol.asyncIterator]: () => ({ next: () => chunks.next() }) });
    for (let next = await chunks.next(); !next.done; next = await chunks.next());
  }

  /** Rows come one by one, each behind its length: they are handed on as much at a time as has arrived. */
  async *#parts(): AsyncGenerator<Uint8Array> {
    for (let left = await this.int(); left !== 0;) {
      if (this.#at >= this.#held.length) await this.#need(1);
      const gathered = Buffer.allocUnsafe(this.#held.length - this.#at);
      let size = 0;
      let isAtLength = false;
      while (left > 0) {
        const count = Math.min(left, this.#held.length - this.#at);
        this.#held.copy(gathered, size, this.#at, this.#at + count);
        size += count;
        this.#at += count;
        left -= count;
        isAtLength = left === 0;
        if (!isAtLength || this.#held.length - this.#at < INT_BYTES) break;
        left = this.#nextInt();
        isAtLength = false;
      }
      if (left < 0) throw new NotAnArchive('a part of negative length');
      if (size > 0) yield gathered.subarray(0, size);
      if (isAtLength) left = await this.int();
    }
  }

  async end(): Promise<void> {
    await this.#iterator.return?.();
  }
}
