/**
 * Rows of `COPY … TO STDOUT`, out of the socket: the protocol puts every row into a message of its own, and a table has millions of
 * them. The frames are taken off in place and the rows handed on by the buffer, not by the row.
 */
import { Socket } from 'node:net';
import type { Client, Connection, Submittable } from 'pg';
import { queryFailed } from './connection.ts';
import { PostgresFailed } from './errors.ts';

/** Fewer turns of the event loop than with 64 KiB, and still in the cache of a core when the rows are copied. */
const READ_BYTES = 256 * 1024;
const HEADER_BYTES = 5;
/** The length of a message counts itself. */
const LENGTH_BYTES = 4;
const [COPY_DATA, COPY_OUT_RESPONSE, NOTICE, PARAMETER_STATUS, NOTIFICATION] = ['d', 'H', 'N', 'S', 'A'].map((type) => type.charCodeAt(0));

/**
 * A socket that reads into one buffer, over and over. Listeners of `data` that were not put there by `copyOut` get a copy: the
 * driver keeps what it has not understood yet.
 */
export function copySocket(): Socket {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const socket = new Socket({
    onread: {
      buffer,
      callback: (count) => {
        const bytes = buffer.subarray(0, count);
        const [listener] = socket.listeners('data');
        socket.emit('data', listener !== undefined && diversions.has(listener) ? bytes : Buffer.from(bytes));
        return true;
      },
    },
  });
  return socket;
}
const diversions = new WeakSet<object>();

/** Gives `take` the rows' bytes, which are its own only until it returns. Answers how many rows the server counted. Throws PostgresFailed, or what `take` throws. */
export async function copyOut(
  client: Client,
  { tried, sql, take, endedBy }: { tried: string; sql: string; take: (rows: Buffer) => void; endedBy: () => string | undefined },
): Promise<number> {
  const query = new CopyOut(sql, take);
  client.query(query);
  const tag = await query.ended.catch((error: unknown) => {
    throw error instanceof RowsNotTaken ? error.cause : queryFailed(tried, error, endedBy());
  });
  const rows = /^COPY (\d+)$/.exec(tag)?.[1];
  if (rows === undefined) throw new PostgresFailed(`${tried}, whose end does not say how many rows there were`, { failure: 'DumpFailed' });
  return Number(rows);
}

/** The cause is ours: neither the server nor the way to it failed. */
class RowsNotTaken extends Error {
  constructor(cause: unknown) {
    super('the rows were not taken', { cause });
  }
}

class CopyOut implements Submittable {
  readonly ended: Promise<string>;
  readonly #sql: string;
  readonly #unframe: Unframe;
  #tag = '';
  #finish: (tag: string) => void;
  #fail: (error: unknown) => void;
  #restore: () => void = () => undefined;

  constructor(sql: string, take: (rows: Buffer) => void) {
    this.#sql = sql;
    this.#unframe = unframe(take);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    [this.ended, this.#finish, this.#fail] = [promise, resolve, reject];
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    const drivers = stream.listeners('data') as ((bytes: Buffer) => void)[];
    const divert = (bytes: Buffer) => {
      try {
        const rest = this.#unframe(bytes);
        if (rest === undefined) return;
        this.#restore();
        for (const listener of drivers) listener.call(stream, rest);
      } catch (error) {
        // What `take` threw ends this query and, as the rows that follow are nobody's, the connection.
        this.#fail(new RowsNotTaken(error));
        stream.destroy();
      }
    };
    this.#restore = () => {
      stream.removeListener('data', divert);
      for (const listener of drivers) stream.on('data', listener);
      this.#restore = () => undefined;
    };
    diversions.add(divert);
    stream.removeAllListeners('data');
    stream.on('data', divert);
    connection.query(this.#sql);
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#tag = text;
  }
  handleReadyForQuery(): void {
    this.#finish(this.#tag);
  }
  handleError(error: unknown): void {
    this.#restore();
    this.#fail(error);
  }
  handleCopyData(): void {}
}

/** What follows the rows, a copy, is the driver's: undefined while rows may follow. */
type Unframe = (bytes: Buffer) => Buffer | undefined;

function unframe(take: (rows: Buffer) => void): Unframe {
  /** Of the message under way, what is still to come. */
  let left = 0;
  let isRow = false;
  /** A header that was cut by the end of a buffer. */
  let cut = Buffer.alloc(0);

  return (received) => {
    let bytes = received;
    if (cut.length > 0) {
      bytes = Buffer.concat([cut, received]);
      cut = Buffer.alloc(0);
    }
    const end = bytes.length;
    let at = 0;
    let kept = 0;
    while (at < end) {
      if (left === 0) {
        if (end - at < HEADER_BYTES) {
          cut = Buffer.from(bytes.subarray(at));
          break;
        }
        const type = bytes[at];
        isRow = type === COPY_DATA;
        if (!isRow && type !== COPY_OUT_RESPONSE && type !== NOTICE && type !== PARAMETER_STATUS && type !== NOTIFICATION) {
          const rest = Buffer.from(bytes.subarray(at));
          if (kept > 0) take(bytes.subarray(0, kept));
          return rest;
        }
        left = bytes.readUInt32BE(at + 1) - LENGTH_BYTES;
        if (left < 0) throw new RangeError('a message of the server is shorter than its own length');
        at += HEADER_BYTES;
        continue;
      }
      const count = Math.min(left, end - at);
      if (isRow) {
        bytes.copyWithin(kept, at, at + count);
        kept += count;
      }
      at += count;
      left -= count;
    }
    if (kept > 0) take(bytes.subarray(0, kept));
    return undefined;
  };
}
