/**
 * The deployed machines, wherever they run: on AWS by Step Functions, on this machine by the interpreter of local/. A verb starts
 * one and watches it; it never runs a step of one by itself.
 */
import type { Stage } from '../core/names.ts';

/** Something that a state of an execution did. Times are the machine's own. */
export type StateEvent = {
  at: Date;
  kind: 'entered' | 'exited' | 'failed' | 'noted' | 'told';
  /** The state's name: a sentence. */
  state: string;
  /** Only what takes time is worth a line: tasks, maps and waits. */
  isWork: boolean;
  /** Why it failed, what it says of its progress, or what it has to tell of a try that failed. */
  detail?: string | undefined;
};

export type ExecutionEnd =
  | { status: 'succeeded'; output: unknown }
  | { status: 'failed'; error: string; cause: string }
  | (CutOff & { error: string; cause: string });

/** No state of the machine has seen its end: what it has left, nobody has told. */
export type CutOff = {
  status: 'timed-out' | 'stopped';
  /** Where it is known. */
  startedAt?: Date | undefined;
};

type WatchOptions = { onEvent: (event: StateEvent) => void; signal: AbortSignal };

export type Machines = {
  /** Whether an execution goes on when this process ends. */
  readonly outlivesUs: boolean;
  /** Answers with the execution's ARN. `name`: one that was given for it; else it gets its own. Throws SystemNotDeployed, AwsLoginMissing, AwsUnreachable. */
  start(stage: Stage, input: object, name?: string): Promise<string>;
  /** Follows an execution to its end. Undefined when `signal` ended the watching first. */
  watch(execution: string, options: WatchOptions): Promise<ExecutionEnd | undefined>;
  stop(execution: string, why: string): Promise<void>;
};
