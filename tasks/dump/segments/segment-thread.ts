/**
 * A thread that reads segments, one after the other, and compresses them as they come: the main thread only stores what is done. It
 * loads the driver of the database and next to nothing else.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { PostgresFailed } from '../../../adapters/postgres/errors.ts';
import { openSegmentSession } from '../../../adapters/postgres/segment-session.ts';
import type { SegmentSession, SegmentSessionSettings } from '../../../adapters/postgres/segment-session.ts';
import { END_OF_ROWS } from '../../../core/backup/segment-sql.ts';
import { blockWriter } from './block-writer.ts';
import type { FromReader, ReaderSettings, ToReader } from './messages.ts';

const { compression, partBytes, parts } = workerData as ReaderSettings;
const port = parentPort;
if (port === null) throw new Error('this file is a thread of the dump task');

/** How often the main thread is told that rows move. */
const TOLD_BYTES = 4 * 1024 ** 2;

const say = (message: FromReader, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
let connection = 0;
/** Undefined stands for one that is still to be made. */
let free: (ArrayBuffer | undefined)[] = [];
const writer = blockWriter(compression, {
  partBytes,
  take: () => (free.length === 0 ? undefined : (free.pop() ?? new ArrayBuffer(partBytes))),
  send: (buffer, bytes) => say({ kind: 'part', buffer, bytes }, [buffer]),
});
let session: SegmentSession | undefined;
let whenFree: () => void = () => undefined;

async function connect(settings: SegmentSessionSettings, number: number): Promise<void> {
  const before = session;
  session = undefined;
  connection = number;
  whenFree = () => undefined;
  await before?.close();
  free = Array.from({ length: parts }, () => undefined);
  writer.reset();
  session = await openSegmentSession(settings);
  say({ kind: 'connected' });
}

async function read(tried: string, sql: string): Promise<void> {
  const reading = session;
  if (reading === undefined) throw new PostgresFailed(tried, { failure: 'DumpInterruptedByServer', sqlstate: '08003' });
  whenFree = () => {
    if (!writer.isFull()) reading.resume();
  };
  // The segment before may have ended while it was paused, in the bytes that brought its end, and its parts may all be back by now.
  whenFree();
  let moved = 0;
  const rows = await reading.copy(tried, sql, (bytes) => {
    writer.add(bytes);
    moved += bytes.length;
    if (moved >= TOLD_BYTES) {
      say({ kind: 'moved', bytes: moved });
      moved = 0;
    }
    if (writer.isFull()) reading.pause();
  });
  writer.add(Buffer.from(END_OF_ROWS));
  writer.finish();
  while (writer.isFull()) {
    const { promise, resolve } = Promise.withResolvers<void>();
    whenFree = resolve;
    await promise;
  }
  whenFree = () => undefined;
  say({ kind: 'moved', bytes: moved });
  say({ kind: 'read', rows, ...writer.close() });
}

async function readOrTell(tried: string, sql: string): Promise<void> {
  const reading = connection;
  try {
    await read(tried, sql);
  } catch (error) {
    // Given up for a new connection: that this one ended is no news.
    if (reading === connection) throw error;
  }
}

const fail = (error: unknown) => {
  // What nobody foresaw ends the thread, and is told by its end.
  if (!(error instanceof PostgresFailed)) throw error;
  const { failure, sqlstate, object } = error;
  say({ kind: 'failed', tried: error.tried, finding: { failure, sqlstate, object } });
};

port.on('message', (message: ToReader) => {
  switch (message.kind) {
    case 'connect':
      void connect(message.session, message.connection).catch(fail);
      return;
    case 'read':
      void readOrTell(message.tried, message.sql).catch(fail);
      return;
    case 'free':
      if (message.connection !== connection) return;
      free.push(message.buffer);
      writer.goOn();
      whenFree();
      return;
    case 'close':
      void Promise.resolve(session?.close()).then(() => {
        say({ kind: 'closed' });
        port.close();
      });
      return;
    default:
      message satisfies never;
  }
});
