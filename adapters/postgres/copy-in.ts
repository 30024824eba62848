/**
 * Rows into `COPY … FROM STDIN`, a large frame at a time: the driver has no COPY of its own, and its messages are a row each. No
 * more than one chunk waits for the socket.
 */
import type { Client, Connection, Submittable } from 'pg';
import { queryFailed } from './connection.ts';

const HEADER_BYTES = 5;
/** The server gathers a whole frame before it reads a row of it: what fits its cache is read at once. */
const FRAME_BYTES = 64 * 1024;
const [QUERY, COPY_DATA, COPY_DONE, COPY_FAIL] = [0x51, 0x64, 0x63, 0x66];
const NUL = Uint8Array.of(0);

export type CopyInOrder = {
  tried: string;
  /** In the session's client_encoding, as the names in it may not be text of ours. */
  statement: Uint8Array;
  chunks: AsyncIterable<Uint8Array>;
  endedBy: () => string | undefined;
};

/**
 * Answers how many rows the server took. When `chunks` throws, the server is told to forget what it has got and the error is thrown
 * on, the session being as good as before. Throws PostgresFailed.
 */
export async function copyIn(client: Client, { tried, statement, chunks, endedBy }: CopyInOrder): Promise<number> {
  const copy = new CopyIn(statement);
  client.query(copy);
  try {
    await copy.accepted;
  } catch (error) {
    throw queryFailed(tried, error, endedBy());
  }
  try {
    for await (const chunk of chunks) await copy.send(chunk);
  } catch (error) {
    if (copy.failure !== undefined) throw queryFailed(tried, copy.failure, endedBy());
    await copy.giveUp();
    throw error;
  }
  try {
    return await copy.end();
  } catch (error) {
    throw queryFailed(tried, error, endedBy());
  }
}

class CopyIn implements Submittable {
  readonly accepted: Promise<void>;
  /** What the server, or the way to it, said no with. */
  failure: unknown;
  readonly #statement: Uint8Array;
  readonly #done = Promise.withResolvers<number>();
  readonly #accept: () => void;
  readonly #refuse: (error: unknown) => void;
  #connection: Connection | undefined;
  #tag = '';
  #wake: () => void = () => undefined;

  constructor(statement: Uint8Array) {
    this.#statement = statement;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    [this.accepted, this.#accept, this.#refuse] = [promise, resolve, reject];
    // Each is waited for in its turn, and only when the one before it went well.
    this.accepted.catch(() => undefined);
    this.#done.promise.catch(() => undefined);
  }

  submit(connection: Connection): void {
    this.#connection = connection;
    connection.stream.write(frame(QUERY, this.#statement, NUL));
  }

  /** Resolves when nothing of the chunk is needed anymore, or the server has said no. */
  async send(chunk: Uint8Array): Promise<void> {
    this.#throwIfFailed();
    if (chunk.length === 0) return;
    const { stream } = this.#open();
    const isSent = Promise.withResolvers<void>();
    this.#wake = isSent.resolve;
    stream.cork();
    for (let from = 0; from < chunk.length; from += FRAME_BYTES) {
      const part = chunk.subarray(from, from + FRAME_BYTES);
      stream.write(header(COPY_DATA, part.length));
      stream.write(part, from + FRAME_BYTES < chunk.length ? undefined : () => isSent.resolve());
    }
    stream.uncork();
    await isSent.promise;
    this.#throwIfFailed();
  }

  end(): Promise<number> {
    if (this.failure === undefined) this.#open().stream.write(frame(COPY_DONE));
    return this.#done.promise;
  }

  /** Resolves when the server has forgotten what it got, or is gone. */
  async giveUp(): Promise<void> {
    if (this.failure === undefined) this.#open().stream.write(frame(COPY_FAIL, Buffer.from('given up'), NUL));
    await this.#done.promise.catch(() => undefined);
  }

  #open(): Connection {
    if (this.#connection === undefined) throw new Error('the statement was not sent');
    return this.#connection;
  }

  #throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure as Error;
  }

  handleCopyInResponse(): void {
    this.#accept();
  }
  handleCommandComplete({ text }: { text: string }): void {
    this.#tag = text;
  }
  handleReadyForQuery(): void {
    this.#done.resolve(Number(/^COPY (\d+)$/.exec(this.#tag)?.[1]));
  }
  handleError(error: unknown): void {
    this.failure ??= error;
    this.#refuse(error);
    this.#done.reject(error);
    this.#wake();
  }
}

function header(type: number, bytes: number): Buffer {
  const head = Buffer.allocUnsafe(HEADER_BYTES);
  head[0] = type;
  head.writeUInt32BE(bytes + 4, 1);
  return head;
}

const frame = (type: number, ...parts: Uint8Array[]): Buffer =>
  Buffer.concat([
    header(
      type,
      parts.reduce((sum, { length }) => sum + length, 0),
    ),
    ...parts,
  ]);
