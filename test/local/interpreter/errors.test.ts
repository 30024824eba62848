/** Retry and Catch: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
import { describe, expect, test } from 'vitest';
import { isMatch, StateFailed } from '../../../local/interpreter/errors.ts';
import { runMachine, single, taskState, testClock } from './run-machine.ts';

const failing = (error: string, times = Number.POSITIVE_INFINITY) => {
  let calls = 0;
  const task = () => {
    calls += 1;
    if (calls <= times) throw new StateFailed(error, 'the cause');
    return { calls };
  };
  return { task, calls: () => calls };
};

describe('which errors a rule takes', () => {
  test.each([
    [['Mine'], 'Mine', true],
    [['Mine'], 'Other', false],
    [['States.ALL'], 'Mine', true],
    [['States.ALL'], 'States.Timeout', true],
    [['States.ALL'], 'States.QueryEvaluationError', true],
    [['States.ALL'], 'States.DataLimitExceeded', false],
    [['States.DataLimitExceeded'], 'States.DataLimitExceeded', true],
    [['States.ALL'], 'States.Runtime', false],
    [['States.Runtime'], 'States.Runtime', false],
    [['States.TaskFailed'], 'Mine', true],
    [['States.TaskFailed'], 'States.Timeout', false],
    [['States.TaskFailed'], 'States.HeartbeatTimeout', false],
    [['States.TaskFailed'], 'States.DataLimitExceeded', false],
    [['States.Timeout'], 'States.HeartbeatTimeout', true],
    [['States.HeartbeatTimeout'], 'States.Timeout', false],
  ])('%j and %s: %s', (errorEquals, error, expected) => {
    expect(isMatch(errorEquals, error)).toBe(expected);
  });
});

describe('Retry', () => {
  const delays = async (retry: object[], times: number, error = 'Mine') => {
    const clock = testClock();
    const { task, calls } = failing(error, times);
    const result = await runMachine(single(taskState({ Retry: retry })), {}, { task, clock });
    return { status: result.status, delays: clock.slept, calls: calls() };
  };
  test.each([
    ['its defaults: after 1, 2 and 4 s', { ErrorEquals: ['Mine'] }, 3, 'SUCCEEDED', [1_000, 2_000, 4_000]],
    ['at most three times unless it is told otherwise', { ErrorEquals: ['Mine'] }, 4, 'FAILED', [1_000, 2_000, 4_000]],
    [
      'MaxDelaySeconds bounds the back-off',
      { ErrorEquals: ['Mine'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4, MaxDelaySeconds: 10 },
      4,
      'SUCCEEDED',
      [2_000, 6_000, 10_000, 10_000],
    ],
    ['full jitter is a part of the delay', { ErrorEquals: ['Mine'], JitterStrategy: 'FULL' }, 2, 'SUCCEEDED', [500, 1_000]],
    ['no attempts: fails at once', { ErrorEquals: ['Mine'], MaxAttempts: 0 }, 1, 'FAILED', []],
    ['another error is not retried', { ErrorEquals: ['Other'] }, 1, 'FAILED', []],
  ])('%s', async (_what, retrier, times, status, expected) => {
    expect(await delays([retrier], times)).toMatchObject({ status, delays: expected });
  });
  test('each rule counts its own attempts', async () => {
    const errors = ['A', 'B', 'A', 'B'];
    let calls = 0;
    const clock = testClock();
    const rules = ['A', 'B'].map((name) => ({ ErrorEquals: [name], MaxAttempts: 2, IntervalSeconds: name === 'A' ? 1 : 10 }));
    const result = await runMachine(
      single(taskState({ Retry: rules })),
      {},
      {
        clock,
        task() {
          const error = errors[calls];
          calls += 1;
          if (error) throw new StateFailed(error, '');
          return calls;
        },
      },
    );
    expect([result.status, clock.slept]).toEqual(['SUCCEEDED', [1_000, 10_000, 2_000, 20_000]]);
  });
  test('RetryCount is what the expressions see', async () => {
    const seen: unknown[] = [];
    await runMachine(
      single(taskState({ Arguments: '{% $states.context.State.RetryCount %}', Retry: [{ ErrorEquals: ['States.ALL'] }] })),
      {},
      {
        task(parameters) {
          seen.push(parameters);
          if (seen.length < 3) throw new StateFailed('Mine', '');
          return null;
        },
      },
    );
    expect(seen).toEqual([0, 1, 2]);
  });
});

describe('Catch', () => {
  const caught = (catcher: object, state: object = taskState()) => ({
    StartAt: 'T',
    States: {
      T: { ...state, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C', ...catcher }], Next: 'C' },
      C: { Type: 'Pass', Output: { in: '{% $states.input %}', v: '{% $exists($v) ? $v : null %}' }, End: true },
    },
  });
  test('its output is the error, unless it has an Output of its own', async () => {
    const { task } = failing('Mine');
    expect(await runMachine(caught({}), { a: 1 }, { task })).toMatchObject({ output: { in: { Error: 'Mine', Cause: 'the cause' } } });
    const own = {
      Output: { e: '{% $states.errorOutput.Error %}', i: '{% $states.input.a %}' },
      Assign: { v: '{% $states.errorOutput.Cause %}' },
    };
    expect(await runMachine(caught(own), { a: 1 }, { task })).toMatchObject({ output: { in: { e: 'Mine', i: 1 }, v: 'the cause' } });
  });
  test('retries come first', async () => {
    const { task, calls } = failing('Mine');
    const state = taskState({ Retry: [{ ErrorEquals: ['Mine'], MaxAttempts: 2 }] });
    expect((await runMachine(caught({}, state), {}, { task })).status).toBe('SUCCEEDED');
    expect(calls()).toBe(3);
  });
  test('an expression of the state that fails is caught too', async () => {
    const result = await runMachine(caught({}, taskState({ Arguments: '{% $none %}' })), {});
    expect(result).toMatchObject({ output: { in: { Error: 'States.QueryEvaluationError' } } });
  });
  test('an expression of the Catch that fails ends the machine', async () => {
    const { task } = failing('Mine');
    expect(await runMachine(caught({ Output: '{% $none %}' }), {}, { task })).toMatchObject({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
    });
  });
  test('an error inside a Map is caught by the Map', async () => {
    const { task } = failing('Mine');
    const map = { Type: 'Map', Items: [1], ItemProcessor: { StartAt: 'I', States: { I: { ...taskState(), End: true } } } };
    expect(await runMachine(caught({}, map), {}, { task })).toMatchObject({ output: { in: { Error: 'Mine' } } });
  });
});

describe('payloads', () => {
  test.each([
    ['262144 bytes pass', 262_142, 'SUCCEEDED'],
    ['one more is States.DataLimitExceeded, which States.ALL does not catch', 262_143, 'FAILED'],
  ])('%s', async (_what, length, status) => {
    const machine = {
      StartAt: 'T',
      States: { T: taskState({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }], Output: {}, Next: 'C' }), C: { Type: 'Succeed' } },
    };
    const result = await runMachine(machine, {}, { task: () => 'x'.repeat(length) });
    expect(result.status).toBe(status);
    if (result.status !== 'SUCCEEDED') expect(result.error).toBe('States.DataLimitExceeded');
  });
  test('bytes count, not characters', async () => {
    expect((await runMachine(single(taskState()), {}, { task: () => 'é'.repeat(140_000) })).status).toBe('FAILED');
  });
});

describe('time', () => {
  const neverUntilAborted =
    (onEnd: () => void) =>
    async (_: unknown, { signal }: { signal: AbortSignal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await new Promise((resolve) => setTimeout(resolve, 30));
      onEnd();
      throw new Error('stopped');
    };
  test('past TimeoutSeconds the work has ended before the Catch goes on', async () => {
    let hasEnded = false;
    const machine = {
      StartAt: 'T',
      States: {
        T: taskState({ TimeoutSeconds: 2, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'C' }], Next: 'C' }),
        C: taskState({ Arguments: 'after', End: true }),
      },
    };
    const result = await runMachine(
      machine,
      {},
      {
        task: async (parameters, call) =>
          parameters === 'after' ? hasEnded : neverUntilAborted(() => (hasEnded = true))(parameters, call),
      },
    );
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: true });
    expect(result.history.map(({ type }) => type)).toContain('TaskTimedOut');
  });
  test('without a heartbeat in time it is States.HeartbeatTimeout; with one it goes on', async () => {
    const state = single(taskState({ TimeoutSeconds: 100, HeartbeatSeconds: 3 }));
    expect(await runMachine(state, {}, { task: neverUntilAborted(() => {}) })).toMatchObject({
      status: 'FAILED',
      error: 'States.HeartbeatTimeout',
    });
    const beating = await runMachine(
      state,
      {},
      {
        async task(_, { heartbeat }) {
          for (let beat = 0; beat < 4; beat += 1) {
            await new Promise((resolve) => setTimeout(resolve, 15));
            heartbeat();
          }
          return 'done';
        },
      },
    );
    expect(beating.status).toBe('SUCCEEDED');
  });
  test('the machine’s own time-out cannot be caught', async () => {
    const machine = { TimeoutSeconds: 2, ...single(taskState({ Retry: [{ ErrorEquals: ['States.ALL'] }] })) };
    let hasEnded = false;
    const result = await runMachine(machine, {}, { task: neverUntilAborted(() => (hasEnded = true)) });
    expect(result).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
    expect(hasEnded).toBe(true);
  });
  test('an execution that is stopped ends its work', async () => {
    const stop = new AbortController();
    let hasEnded = false;
    setTimeout(() => stop.abort(), 10);
    const result = await runMachine(single(taskState()), {}, { task: neverUntilAborted(() => (hasEnded = true)), signal: stop.signal });
    expect([result.status, hasEnded]).toEqual(['ABORTED', true]);
  });
});
