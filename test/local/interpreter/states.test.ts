/** Each type of state, as the Amazon States Language describes it for JSONata. */
import { describe, expect, test } from 'vitest';
import { RESOURCE, runMachine, single, taskState, testClock } from './run-machine.ts';

const statusAndOutput = (result: Awaited<ReturnType<typeof runMachine>>) => [
  result.status,
  result.status === 'SUCCEEDED' ? result.output : result.error,
];

describe('Pass, Succeed, Fail', () => {
  test('Pass hands its input on when it has no Output', async () => {
    expect(statusAndOutput(await runMachine(single({ Type: 'Pass' }), { a: 1 }))).toEqual(['SUCCEEDED', { a: 1 }]);
  });
  test('Succeed ends the machine with its Output', async () => {
    const machine = { StartAt: 'S', States: { S: { Type: 'Succeed', Output: '{% $states.input.a %}' } } };
    expect(statusAndOutput(await runMachine(machine, { a: 1 }))).toEqual(['SUCCEEDED', 1]);
  });
  test('Fail ends the machine with an error and a cause that may be expressions', async () => {
    const machine = { StartAt: 'F', States: { F: { Type: 'Fail', Error: "{% 'E' & $states.input %}", Cause: 'why' } } };
    expect(await runMachine(machine, 'x')).toMatchObject({ status: 'FAILED', error: 'Ex', cause: 'why' });
  });
});

describe('Choice', () => {
  const machine = (choices: object[], rest: object = {}) => ({
    StartAt: 'C',
    States: {
      C: { Type: 'Choice', Choices: choices, ...rest },
      A: { Type: 'Pass', Output: { at: 'A', in: '{% $states.input %}' }, End: true },
      B: { Type: 'Pass', Output: { at: 'B', v: '{% $exists($v) ? $v : 0 %}' }, End: true },
    },
  });
  test('the first rule that is true decides, with its own Assign and Output', async () => {
    const choices = [
      { Condition: '{% $states.input = 2 %}', Next: 'A' },
      { Condition: '{% $states.input = 1 %}', Assign: { v: 9 }, Output: 'changed', Next: 'B' },
      { Condition: '{% true %}', Next: 'A' },
    ];
    expect(statusAndOutput(await runMachine(machine(choices), 1))).toEqual(['SUCCEEDED', { at: 'B', v: 9 }]);
    expect(statusAndOutput(await runMachine(machine(choices), 3))).toEqual(['SUCCEEDED', { at: 'A', in: 3 }]);
  });
  test('Default takes what no rule takes, with the Assign of the state', async () => {
    const rest = { Default: 'B', Assign: { v: 4 } };
    expect(statusAndOutput(await runMachine(machine([{ Condition: '{% false %}', Next: 'A' }], rest), 1))).toEqual([
      'SUCCEEDED',
      { at: 'B', v: 4 },
    ]);
  });
  test('nothing to take is States.Runtime, and a condition that is no boolean States.QueryEvaluationError', async () => {
    const onlyA = {
      StartAt: 'C',
      States: { C: { Type: 'Choice', Choices: [{ Condition: '{% $states.input %}', Next: 'A' }] }, A: { Type: 'Succeed' } },
    };
    expect(statusAndOutput(await runMachine(onlyA, false))).toEqual(['FAILED', 'States.Runtime']);
    expect(statusAndOutput(await runMachine(onlyA, 'true'))).toEqual(['FAILED', 'States.QueryEvaluationError']);
  });
});

describe('Wait', () => {
  test.each([
    ['seconds', { Seconds: 3 }, 3_000],
    ['seconds from an expression', { Seconds: '{% 2 * 3 %}' }, 6_000],
    ['a timestamp in the past', { Timestamp: '2016-08-18T17:33:00Z' }, 0],
  ])('%s', async (_what, fields, expected) => {
    const clock = testClock();
    expect((await runMachine(single({ Type: 'Wait', ...fields }), {}, { clock })).status).toBe('SUCCEEDED');
    expect(clock.slept).toEqual([expected]);
  });
  test('half a second is no whole number', async () => {
    expect(statusAndOutput(await runMachine(single({ Type: 'Wait', Seconds: '{% 0.5 %}' }), {}))).toEqual([
      'FAILED',
      'States.QueryEvaluationError',
    ]);
  });
});

describe('variables', () => {
  test('Assign and Output of one state see the variables as they were', async () => {
    const machine = {
      StartAt: 'One',
      States: {
        One: { Type: 'Pass', Assign: { x: 1, y: 2 }, Next: 'Two' },
        Two: { Type: 'Pass', Assign: { x: '{% $y %}', y: '{% $x %}' }, Output: '{% $x %}', Next: 'Three' },
        Three: { Type: 'Pass', Output: ['{% $states.input %}', '{% $x %}', '{% $y %}'], End: true },
      },
    };
    expect(statusAndOutput(await runMachine(machine, {}))).toEqual(['SUCCEEDED', [1, 2, 1]]);
  });
  test('an inner scope reads outer variables, and what it assigns stays inside', async () => {
    const iteration = {
      StartAt: 'In',
      States: {
        In: { Type: 'Pass', Assign: { inner: '{% $states.input + $outer %}' }, Next: 'Out' },
        Out: { Type: 'Pass', Output: '{% $inner %}', End: true },
      },
    };
    const machine = {
      StartAt: 'Set',
      States: {
        Set: { Type: 'Pass', Assign: { outer: 10 }, Next: 'Each' },
        Each: { Type: 'Map', Items: [1, 2], ItemProcessor: iteration, Next: 'After' },
        After: { Type: 'Pass', Output: { results: '{% $states.input %}', seen: '{% $exists($inner) %}' }, End: true },
      },
    };
    expect(statusAndOutput(await runMachine(machine, {}))).toEqual(['SUCCEEDED', { results: [11, 12], seen: false }]);
  });
});

describe('Map', () => {
  const map = (fields: object, inner: object = taskState()) =>
    single({ Type: 'Map', ItemProcessor: { StartAt: 'I', States: { I: { End: true, ...inner } } }, ...fields });
  test('results stand in the order of the items; ItemSelector sees item and index', async () => {
    const fields = {
      Items: '{% $states.input.items %}',
      ItemSelector: {
        v: '{% $states.context.Map.Item.Value %}',
        i: '{% $states.context.Map.Item.Index %}',
        all: '{% $count($states.input.items) %}',
      },
    };
    const inner = taskState({ Arguments: '{% $states.input %}' });
    const result = await runMachine(
      map(fields, inner),
      { items: ['a', 'b'] },
      {
        task: async (parameters) => {
          if ((parameters as { i: number }).i === 0) await new Promise((resolve) => setTimeout(resolve, 20));
          return parameters;
        },
      },
    );
    expect(statusAndOutput(result)).toEqual([
      'SUCCEEDED',
      [
        { v: 'a', i: 0, all: 2 },
        { v: 'b', i: 1, all: 2 },
      ],
    ]);
  });
  test.each([
    ['MaxConcurrency', 3, 3],
    ['at most 40 when there is none', 0, 40],
  ])('%s', async (_what, MaxConcurrency, expected) => {
    let [now, most] = [0, 0];
    await runMachine(
      map({ Items: Array.from({ length: 60 }, (_, index) => index), MaxConcurrency }),
      {},
      {
        async task() {
          now += 1;
          most = Math.max(most, now);
          await new Promise((resolve) => setTimeout(resolve, 1));
          now -= 1;
          return null;
        },
      },
    );
    expect(most).toBe(expected);
  });
  test('no items, no iterations', async () => {
    expect(statusAndOutput(await runMachine(map({ Items: [] }), {}))).toEqual(['SUCCEEDED', []]);
  });
  test('items that are no list are an error', async () => {
    expect(statusAndOutput(await runMachine(map({ Items: "{% 'x' %}" }), {}))).toEqual(['FAILED', 'States.QueryEvaluationError']);
  });
  test('the first failure ends the other iterations and waits until they have ended', async () => {
    let ended = 0;
    const result = await runMachine(
      map({ Items: [0, 1, 2], MaxConcurrency: 3 }, taskState({ Arguments: '{% $states.input %}' })),
      {},
      {
        async task(parameters, { signal }) {
          if (parameters === 0) throw Object.assign(new Error('broken'), { name: 'x' });
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          await new Promise((resolve) => setTimeout(resolve, 20));
          ended += 1;
          throw new Error('stopped');
        },
      },
    );
    expect([result.status, ended]).toEqual(['FAILED', 2]);
    expect(result.history.filter(({ type }) => type === 'MapIterationAborted')).toHaveLength(2);
  });
});

test('Parallel gives every branch its Arguments and collects their outputs in order', async () => {
  const branch = (name: string, output: string) => ({ StartAt: name, States: { [name]: { Type: 'Pass', Output: output, End: true } } });
  const machine = single({
    Type: 'Parallel',
    Arguments: { n: '{% $states.input + 1 %}' },
    Branches: [branch('A', '{% $states.input.n %}'), branch('B', '{% -$states.input.n %}')],
  });
  expect(statusAndOutput(await runMachine(machine, 1))).toEqual(['SUCCEEDED', [2, -2]]);
});

test('Task: Arguments in, result in Output and Assign', async () => {
  const machine = {
    StartAt: 'T',
    States: {
      T: {
        Type: 'Task',
        Resource: RESOURCE,
        Arguments: { n: '{% $states.input %}' },
        Assign: { r: '{% $states.result.n %}' },
        Output: {},
        Next: 'P',
      },
      P: { Type: 'Pass', Output: ['{% $r %}', '{% $states.input %}'], End: true },
    },
  };
  expect(statusAndOutput(await runMachine(machine, 5))).toEqual(['SUCCEEDED', [5, {}]]);
});
