/** The main thread's end of a reading thread. */
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { PostgresFailed } from '../../../adapters/postgres/errors.ts';
import type { SegmentSessionSettings } from '../../../adapters/postgres/segment-session.ts';
import { FAILURES } from '../../../core/failure/classes.ts';
import { HoldfastError } from '../../../core/failure/error.ts';
import { channel } from './channel.ts';
import type { Channel } from './channel.ts';
import type { FromReader, ReaderSettings, ToReader } from './messages.ts';

/** A thread ended that nobody told to. What it died of may quote rows: only the name of the error is told. */
class ReaderDied extends HoldfastError {
  readonly failure = 'Unexpected';
  constructor(tried: string, why: string) {
    super(
      `A thread of the dump that was to ${tried} ended by itself (${why}): what it had read was thrown away`,
      `Start the dump again; if it repeats, give the task more memory. ${FAILURES.Unexpected.advice}`,
    );
  }
}

export type SegmentRead = { rows: number; uncompressedBytes: number; sha256: string };
export type SegmentReading = {
  /** Parts of the object. Throws PostgresFailed. */
  parts: AsyncIterable<Uint8Array>;
  /** Of each part, so that the thread goes on. @param isFree false when somebody may still read it: it is left to them */
  giveBack(part: Uint8Array, isFree: boolean): void;
  /** Nobody stores the parts anymore, neither those that are there nor those to come: the thread makes others for what it reads next. */
  abandon(): void;
  /** Resolves when everything was read, which is before everything is stored. Never rejects: `parts` does. */
  ended: Promise<SegmentRead | undefined>;
};

export type ReaderThread = {
  /** Connects, again if need be, imports the snapshot and locks. What was being read is given up. Throws PostgresFailed. */
  connect(session: SegmentSessionSettings): Promise<void>;
  /** One at a time. When `signal` aborts, `parts` throws its reason. */
  read(tried: string, sql: string, signal: AbortSignal): SegmentReading;
  close(): Promise<void>;
};

/** What an isolate needs that gathers buffers which are outside of its heap. */
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };

export function startReader(settings: ReaderSettings, moved: (bytes: number) => void): ReaderThread {
  const compileCache = getCompileCacheDir();
  const worker = new Worker(new URL('./segment-thread.ts', import.meta.url), {
    workerData: settings,
    resourceLimits: HEAP_LIMITS,
    // Nothing of the task's credentials is the thread's business. What was compiled before need not be compiled again.
    env: compileCache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(compileCache) },
  });
  let connecting: PromiseWithResolvers<void> | undefined;
  let reading: { parts: Channel<Uint8Array>; add: (part: Uint8Array) => void; end: (read: SegmentRead | undefined) => void } | undefined;
  let connection = 0;
  let doing = 'start';
  let isClosing = false;
  let died: ReaderDied | undefined;
  const exited = Promise.withResolvers<void>();

  const say = (message: ToReader, transfer: ArrayBuffer[] = []) => worker.postMessage(message, transfer);
  const failWith = (error: unknown) => {
    connecting?.reject(error);
    connecting = undefined;
    reading?.parts.fail(error);
    reading?.end(undefined);
    reading = undefined;
  };
  const die = (why: string) => {
    if (isClosing || died !== undefined) return;
    died = new ReaderDied(doing, why);
    failWith(died);
  };

  worker.on('message', (message: FromReader) => {
    switch (message.kind) {
      case 'connected':
        connecting?.resolve();
        connecting = undefined;
        return;
      case 'moved':
        return moved(message.bytes);
      case 'part':
        reading?.add(new Uint8Array(message.buffer, 0, message.bytes));
        return;
      case 'read':
        reading?.parts.end();
        reading?.end(message);
        reading = undefined;
        return;
      case 'failed':
        return failWith(new PostgresFailed(message.tried, message.finding));
      case 'closed':
        return;
      default:
        message satisfies never;
    }
  });
  worker.on('error', (error) => die(error instanceof Error ? error.name : 'unknown'));
  worker.on('exit', (code) => {
    die(`exit code ${code}`);
    exited.resolve();
  });

  return {
    connect(session) {
      if (died !== undefined) return Promise.reject(died);
      // Nobody waits for parts that will not come.
      failWith(new PostgresFailed('read on after a new connection', { failure: 'DumpInterruptedByServer' }));
      connecting = Promise.withResolvers<void>();
      doing = `connect to ${session.login.host}:${session.login.port}/${session.login.database}`;
      say({ kind: 'connect', session, connection: ++connection });
      return connecting.promise;
    },
    read(tried, sql, signal) {
      const parts = channel<Uint8Array>();
      doing = tried;
      const readBy = connection;
      const { promise, resolve } = Promise.withResolvers<SegmentRead | undefined>();
      const leave = () => say({ kind: 'free', buffer: undefined, connection: readBy });
      let away = 0;
      let isAbandoned = false;
      const add = (part: Uint8Array) => {
        if (isAbandoned) return leave();
        away += 1;
        parts.push(part);
      };
      reading = { parts, add, end: resolve };
      const onAbort = () => parts.fail(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      void promise.then(() => signal.removeEventListener('abort', onAbort));
      if (died === undefined) say({ kind: 'read', tried, sql });
      else failWith(died);
      return {
        parts,
        ended: promise,
        giveBack({ buffer }, isFree) {
          if (isAbandoned) return;
          away -= 1;
          if (isFree && buffer instanceof ArrayBuffer) say({ kind: 'free', buffer, connection: readBy }, [buffer]);
          else leave();
        },
        abandon() {
          isAbandoned = true;
          for (; away > 0; away--) leave();
        },
      };
    },
    async close() {
      isClosing = true;
      const force = setTimeout(() => void worker.terminate(), CLOSE_MILLISECONDS);
      say({ kind: 'close' });
      await exited.promise;
      clearTimeout(force);
    },
  };
}

/** Within what the task has to stop. */
const CLOSE_MILLISECONDS = 2_000;
