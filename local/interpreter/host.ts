/** What the interpreter asks of the world around it. */
import type { Json } from './language.ts';

export type TaskCall = {
  /** Aborts when the answer is no longer wanted (time-out, a failed sibling, the end of the execution): the work must stop then. */
  signal: AbortSignal;
  /** Says that the work goes on; only for states with HeartbeatSeconds. */
  heartbeat: () => void;
  /** Name of the state that calls. */
  state: string;
};

/** A token that somebody may answer, once. */
export type OpenToken = { token: string; sent(signal: AbortSignal): Promise<Json>; settle(): void };

export type Host = {
  /** Every resource that `task` knows; a definition that names another is refused before the run. */
  resources: ReadonlySet<string>;
  /**
   * Does the work of one Task state and resolves with its result. Throws StateFailed with the error's name. After the signal aborts it
   * settles only when nothing of the work is left running: the state machine goes on as soon as it does.
   */
  task(resource: string, parameters: Json, call: TaskCall): Promise<Json>;
  /** Opens a token for a state that waits for one; absent where no resource does. */
  openToken?(): OpenToken;
  /** Every resource that `readText` knows. */
  readers: ReadonlySet<string>;
  /** The text that the ItemReader of a distributed map names. Throws StateFailed. */
  readText(resource: string, parameters: Json, call: Pick<TaskCall, 'signal' | 'state'>): Promise<string>;
};

export type Clock = {
  now(): Date;
  /** Rejects with the signal's reason when it aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Calls back once after the time; the answer takes it back. */
  after(milliseconds: number, callback: () => void): () => void;
  /** From 0 to below 1. */
  random(): number;
};
