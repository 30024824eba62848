/** Runs a definition with tasks that a test writes, on a clock that never waits. */
import { runExecution, type ExecutionResult } from '../../../local/interpreter/execution.ts';
import type { Clock, Host, TaskCall } from '../../../local/interpreter/host.ts';
import type { Json } from '../../../local/interpreter/language.ts';
import { readDefinition } from '../../../local/interpreter/lint.ts';

export const RESOURCE = 'arn:aws:states:::test:call';
export const READER = 'arn:aws:states:::s3:getObject';
export const ABLE: Pick<Host, 'resources' | 'readers'> = { resources: new Set([RESOURCE]), readers: new Set([READER]) };

export type TestTask = (parameters: Json, call: TaskCall) => Promise<Json> | Json;

/** Sleeps are noted instead of slept; timers of time-outs are real, in milliseconds for seconds. */
export function testClock(): Clock & { slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(),
    async sleep(milliseconds, signal) {
      signal.throwIfAborted();
      slept.push(milliseconds);
    },
    after(milliseconds, callback) {
      const timer = setTimeout(callback, milliseconds / 100);
      return () => clearTimeout(timer);
    },
    random: () => 0.5,
  };
}

export type RunOptions = {
  task?: TestTask;
  /** What an ItemReader reads. */
  readText?: (parameters: Json) => Promise<string> | string;
  clock?: Clock;
  signal?: AbortSignal;
};

/** @param definition the machine, without its QueryLanguage */
export function runMachine(definition: object, input: Json, options: RunOptions = {}): Promise<ExecutionResult> {
  const { task = (parameters) => parameters, clock = testClock() } = options;
  const host: Host = {
    ...ABLE,
    task: async (_resource, parameters, call) => task(parameters, call),
    readText: async (_resource, parameters) => (options.readText ?? unread)(parameters),
  };
  const machine = readDefinition('test', JSON.stringify({ QueryLanguage: 'JSONata', ...definition }), ABLE);
  return runExecution({
    machine,
    input,
    host,
    clock,
    machineArn: 'arn:aws:states:eu-central-1:000000000000:stateMachine:test',
    machineName: 'test',
    roleArn: 'arn:aws:iam::000000000000:role/test',
    executionArn: 'arn:aws:states:eu-central-1:000000000000:execution:test:one',
    executionName: 'one',
    ...(options.signal && { signal: options.signal }),
  });
}

const unread = () => {
  throw new Error('the test did not expect that anything is read');
};

/** A machine of one state that ends it. */
export const single = (state: object) => ({ StartAt: 'Only', States: { Only: { End: true, ...state } } });
export const taskState = (fields: object = {}) => ({ Type: 'Task', Resource: RESOURCE, Arguments: {}, ...fields });
