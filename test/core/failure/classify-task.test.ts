import { describe, expect, it } from 'vitest';
import type { FailureName } from '../../../core/failure/classes.ts';
import { classifyTaskFailure } from '../../../core/failure/classify-task.ts';
import { exitCodeOf, failureNames, failureOfExitCode } from '../../../core/failure/exit.ts';

const task = (over: object) => JSON.stringify({ Attachments: [], Cpu: '1024', LastStatus: 'STOPPED', LaunchType: 'FARGATE', ...over });
const exited = (...containers: object[]) =>
  task({ StopCode: 'EssentialContainerExited', StoppedReason: 'Essential container in task exited', Containers: containers });

describe('exit codes', () => {
  it('say one class of failure each, and lead back to it', () => {
    expect(new Set(failureNames.map(exitCodeOf)).size).toBe(failureNames.length);
    for (const name of failureNames) expect(failureOfExitCode(exitCodeOf(name))).toBe(name);
  });
  it('of nobody are no class', () => {
    for (const code of [0, 1, 2, 137, 143]) expect(failureOfExitCode(code)).toBeUndefined();
  });
});

describe('classifyTaskFailure', () => {
  const cases: [string, FailureName, string, string][] = [
    ['our own exit code', 'SourceLoginRefused', exited({ Name: 'dump', ExitCode: 12 }), 'States.TaskFailed'],
    [
      'the runner before its database',
      'CheckFailed',
      exited({ Name: 'database', ExitCode: 143 }, { Name: 'runner', ExitCode: 50 }),
      'States.TaskFailed',
    ],
    [
      'memory, by the container',
      'OutOfMemory',
      exited({ Name: 'dump', ExitCode: 137, Reason: 'OutOfMemoryError: Container killed due to memory usage' }),
      'States.TaskFailed',
    ],
    ['a signal', 'Interrupted', exited({ Name: 'dump', ExitCode: 137 }), 'States.TaskFailed'],
    ['an exception of Node', 'Unexpected', exited({ Name: 'dump', ExitCode: 1 }), 'States.TaskFailed'],
    [
      'an image that cannot be pulled',
      'TaskDidNotStart',
      task({
        StopCode: 'TaskFailedToStart',
        StoppedReason: 'CannotPullContainerError: pull image manifest has been retried 5 time(s)',
        Containers: [{ Name: 'dump' }],
      }),
      'States.TaskFailed',
    ],
    [
      'a secret that cannot be had',
      'TaskDidNotStart',
      task({ StopCode: 'TaskFailedToStart', StoppedReason: 'ResourceInitializationError: unable to pull secrets' }),
      'States.TaskFailed',
    ],
    [
      'a stop by a person',
      'Interrupted',
      task({ StopCode: 'UserInitiated', StoppedReason: 'Task stopped by user', Containers: [{ Name: 'dump', ExitCode: 137 }] }),
      'States.TaskFailed',
    ],
    [
      'a stop by a person that the task answered',
      'Interrupted',
      task({ StopCode: 'UserInitiated', Containers: [{ Name: 'dump', ExitCode: 20 }] }),
      'States.TaskFailed',
    ],
    [
      'no capacity',
      'TaskDidNotStart',
      JSON.stringify({ Failures: [{ Arn: 'arn:aws:ecs', Reason: 'RESOURCE:MEMORY' }], Tasks: [] }),
      'AmazonECS.Unknown',
    ],
    ['a refused call', 'TaskDidNotStart', 'User is not authorized to perform: ecs:RunTask', 'ECS.AccessDeniedException'],
    ['a time-out', 'TimedOut', '', 'States.Timeout'],
    ['a function’s own error', 'VaultRefused', JSON.stringify({ errorType: 'VaultRefused', errorMessage: 'x' }), 'VaultRefused'],
    ['a function’s unknown error', 'Unexpected', JSON.stringify({ errorType: 'TypeError', errorMessage: 'x' }), 'TypeError'],
    ['text that is not JSON', 'Unexpected', '{', 'States.Runtime'],
  ];
  it.each(cases)('%s → %s', (_, failure, cause, error) => {
    const answer = classifyTaskFailure(cause, error);
    expect(answer.failure).toBe(failure);
    expect(answer.detail).not.toBe('');
  });
  it('keeps the stop code of a task, and of nothing else', () => {
    expect(classifyTaskFailure(exited({ Name: 'dump', ExitCode: 12 }), 'States.TaskFailed').stopCode).toBe('EssentialContainerExited');
    expect(classifyTaskFailure('', 'States.Timeout')).not.toHaveProperty('stopCode');
  });

  it('keeps no text of a function’s error', () => {
    expect(
      classifyTaskFailure(JSON.stringify({ errorType: 'DatabaseError', errorMessage: 'Key (email)=(a@b.c)' }), 'DatabaseError').detail,
    ).not.toContain('a@b.c');
  });
});
