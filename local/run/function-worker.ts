/** One running copy of a function, as Lambda keeps them: one request at a time, reused while it is good. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProcess, type RunningProcess } from '../processes/start.ts';
import type { Json } from '../interpreter/language.ts';

export type FunctionError = { errorType: string; errorMessage: string; trace?: string[] };
export type FunctionAnswer = { result: Json } | { error: FunctionError };

export type FunctionSettings = {
  arn: string;
  name: string;
  /** `backup/admit-slot.handler` */
  handler: string;
  bundlePath: string;
  timeoutSeconds: number;
  memoryMiB: number;
  environment: Record<string, string>;
  onLine: (line: string) => void;
};

/** Lambda kills what does not end; there is nothing that a function could still save. */
const STOP_GRACE_MS = 500;
const CHILD = fileURLToPath(new URL('function-child.ts', import.meta.url));

type Message = { ready?: true; failedToLoad?: FunctionError; id?: string; result?: Json; error?: FunctionError };

export class FunctionWorker {
  readonly #settings: FunctionSettings;
  readonly #process: RunningProcess;
  #deliver: ((message: Message) => void) | undefined;
  /** False after a time-out, an exit or a load that failed: it answers nothing any more. */
  isUsable = true;

  constructor(settings: FunctionSettings) {
    this.#settings = settings;
    const exportName = settings.handler.slice(settings.handler.lastIndexOf('.') + 1);
    this.#process = startProcess({
      command: process.execPath,
      args: [`--max-old-space-size=${settings.memoryMiB}`, CHILD, settings.bundlePath, exportName],
      env: settings.environment,
      stopGraceMs: STOP_GRACE_MS,
      output: { onLine: settings.onLine },
      onMessage: (message) => this.#deliver?.(message as Message),
    });
  }

  /** Resolves with what the function answered, or with the error that Lambda reports for it. When it resolves, the work is over. */
  async invoke(payload: Json, signal: AbortSignal, isFirst: boolean): Promise<FunctionAnswer> {
    const id = randomUUID();
    const limitMs = this.#settings.timeoutSeconds * 1_000;
    const request = { id, payload, deadline: Date.now() + limitMs, arn: this.#settings.arn };
    const answered = new Promise<End>((resolve) => {
      this.#deliver = (message) => {
        if (message.ready) this.#process.send(request);
        else if (message.failedToLoad) resolve({ answer: { error: message.failedToLoad }, isOver: true });
        else if (message.id === id)
          resolve({ answer: message.error ? { error: message.error } : { result: message.result ?? null }, isOver: false });
      };
    });
    if (!isFirst) this.#process.send(request);
    const ended = this.#process.exited.then(
      (exit) => exitError(id, exit.signal ?? `exit status ${exit.code}`),
      (error: unknown) => exitError(id, String(error)),
    );
    const waits = new AbortController();
    const timedOut = sleep(limitMs, undefined, { signal: waits.signal }).then(() =>
      over('Sandbox.Timedout', `RequestId: ${id} Error: Task timed out after ${this.#settings.timeoutSeconds}.00 seconds`),
    );
    const aborted = once(AbortSignal.any([signal, waits.signal])).then(() => over('Aborted', 'The answer is no longer wanted'));
    try {
      const end = await Promise.race([answered, ended, timedOut, aborted]);
      if (end.isOver) await this.stop();
      return end.answer;
    } finally {
      timedOut.catch(() => {});
      waits.abort();
      this.#deliver = undefined;
    }
  }

  async stop(): Promise<void> {
    this.isUsable = false;
    await this.#process.stop().catch(() => undefined);
  }
}

/** `isOver`: the process cannot answer again. */
type End = { answer: FunctionAnswer; isOver: boolean };

const over = (errorType: string, errorMessage: string): End => ({ answer: { error: { errorType, errorMessage } }, isOver: true });
const exitError = (id: string, how: string) => over('Runtime.ExitError', `RequestId: ${id} Error: Runtime exited with error: ${how}`);

const once = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
