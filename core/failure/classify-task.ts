/**
 * Why a task of ECS ended, from what Step Functions tells of it. `ecs:runTask.sync` fails with `States.TaskFailed` and the task as
 * JSON in its cause; a request that ECS refused has another name and either the reasons per resource or plain text.
 */
import * as z from 'zod';
import type { FailureName } from './classes.ts';
import { failureOfExitCode, isFailureName } from './exit.ts';
import { parseJson } from '../parse-json.ts';

const Container = z.object({ Name: z.string().default(''), ExitCode: z.int().optional(), Reason: z.string().optional() });
const StoppedTask = z.object({
  StopCode: z.string().optional(),
  StoppedReason: z.string().optional(),
  Containers: z.array(Container).default([]),
});
const RefusedRequest = z.object({ Failures: z.array(z.object({ Reason: z.string().default(''), Detail: z.string().optional() })).min(1) });
/** Another machine that was run to its end: its own error, which is a class where it is one of ours. */
const FailedMachine = z.object({ StateMachineArn: z.string(), Status: z.string(), Error: z.string().default('') });
/** What Lambda tells: the name of the error's class and its message. */
const FailedFunction = z.object({ errorType: z.string(), errorMessage: z.string().default('') });

/** `stopCode`: ECS's own word for why a task ended, which its documentation and its support ask for first. */
export type TaskFailure = { failure: FailureName; detail: string; stopCode?: string };

/** The names that Step Functions gives a state or task that ran out of time. */
const TIMEOUTS = new Set(['States.Timeout', 'States.HeartbeatTimeout']);
const SIGKILLED = 128 + 9;
const SIGTERMED = 128 + 15;
/** Somebody or something outside stopped a task that was doing its work. */
const STOPPED_FROM_OUTSIDE = new Set(['UserInitiated', 'SpotInterruption', 'TerminationNotice', 'ServiceSchedulerInitiated']);

/**
 * @param causeJson the state's `Cause`: JSON of the stopped task, or any text
 * @param errorName the state's `Error`
 */
export function classifyTaskFailure(causeJson: string, errorName: string): TaskFailure {
  if (TIMEOUTS.has(errorName)) return { failure: 'TimedOut', detail: 'The state ran longer than its timeout' };
  const cause = parseJson(causeJson);

  const refused = RefusedRequest.safeParse(cause);
  if (refused.success)
    return {
      failure: 'TaskDidNotStart',
      detail: `ECS did not take the task: ${refused.data.Failures.map((f) => f.Detail ?? f.Reason).join('; ')}`,
    };
  const failedMachine = FailedMachine.safeParse(cause);
  if (failedMachine.success) return classifyFunction(failedMachine.data.Error || failedMachine.data.Status);
  const failedFunction = FailedFunction.safeParse(cause);
  if (failedFunction.success) return classifyFunction(failedFunction.data.errorType);
  const task = StoppedTask.safeParse(cause);
  if (task.success && (task.data.StopCode !== undefined || task.data.Containers.length > 0))
    return { ...classifyStoppedTask(task.data), ...(task.data.StopCode === undefined ? {} : { stopCode: task.data.StopCode }) };
  if (/^(Amazon)?ECS\./i.test(errorName)) return { failure: 'TaskDidNotStart', detail: `ECS answered ${errorName}` };
  return classifyFunction(errorName);
}

/** Our own errors are named after their class of failure, so the name alone says it. Text of the error is not kept: it may quote data. */
const classifyFunction = (errorType: string): TaskFailure => ({
  failure: isFailureName(errorType) ? errorType : 'Unexpected',
  detail: `It ended with the error ${errorType}`,
});

function classifyStoppedTask(task: z.infer<typeof StoppedTask>): TaskFailure {
  const stopped = task.StoppedReason ?? 'no reason given';
  const outOfMemory = [stopped, ...task.Containers.map((c) => c.Reason ?? '')].find((reason) => /OutOfMemory/i.test(reason));
  if (outOfMemory !== undefined) return { failure: 'OutOfMemory', detail: outOfMemory };

  // The container that did the work speaks first: a helper beside it is ended by ECS, with a signal, once the work has ended.
  const ended = task.Containers.filter((c) => c.ExitCode !== undefined && c.ExitCode !== 0);
  for (const { Name, ExitCode } of ended) {
    const failure = failureOfExitCode(ExitCode ?? 0);
    if (failure !== undefined) return { failure, detail: `Container ${Name} ended with exit code ${ExitCode}` };
  }
  if (task.StopCode === 'TaskFailedToStart') return { failure: 'TaskDidNotStart', detail: startFailure(task, stopped) };
  if (task.StopCode !== undefined && STOPPED_FROM_OUTSIDE.has(task.StopCode))
    return { failure: 'Interrupted', detail: `${task.StopCode}: ${stopped}` };

  const first = ended[0];
  if (first === undefined)
    return { failure: task.Containers.every((c) => c.ExitCode === undefined) ? 'TaskDidNotStart' : 'Unexpected', detail: stopped };
  const detail = `Container ${first.Name} ended with exit code ${first.ExitCode}: ${first.Reason ?? stopped}`;
  if (first.ExitCode === SIGTERMED || first.ExitCode === SIGKILLED) return { failure: 'Interrupted', detail };
  return { failure: 'Unexpected', detail };
}

const startFailure = (task: z.infer<typeof StoppedTask>, stopped: string) =>
  [stopped, ...task.Containers.flatMap((c) => (c.Reason === undefined || c.Reason === stopped ? [] : [c.Reason]))].join('; ');
