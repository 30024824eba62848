import { describe, expect, test } from 'vitest';
import type { Json } from '../../../local/interpreter/language.ts';
import { READER, RESOURCE, runMachine, single } from './run-machine.ts';

const map = (fields: object, states: object) => ({
  Type: 'Map',
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'Work',
    States: states,
  },
  ...fields,
});
const work = (fields: object = {}) => ({
  Work: { Type: 'Task', Resource: RESOURCE, Arguments: '{% $states.input %}', End: true, ...fields },
});
const lines = { Resource: READER, ReaderConfig: { InputType: 'JSONL' }, Arguments: { Bucket: 'vault', Key: '{% $states.input.key %}' } };

const outputOf = (result: Awaited<ReturnType<typeof runMachine>>) => {
  if (result.status !== 'SUCCEEDED') throw new Error(`${result.error}: ${result.cause}`);
  return result.output;
};

describe('what each execution gets', () => {
  test('batches of the lines of an object, with what they share', async () => {
    const asked: Json[] = [];
    const state = map(
      { ItemReader: lines, ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { run: '{% $states.input.run %}' } }, MaxConcurrency: 1 },
      work(),
    );
    const result = await runMachine(
      single(state),
      { key: 'plan.jsonl', run: 'r1' },
      {
        task: (given) => (asked.push(given), { done: (given as { Items: Json[] }).Items.length }),
        readText: (parameters) => {
          expect(parameters).toEqual({ Bucket: 'vault', Key: 'plan.jsonl' });
          return '{"point":"a"}\n{"point":"b"}\n\n{"point":"c"}\n';
        },
      },
    );
    expect(outputOf(result)).toEqual([{ done: 2 }, { done: 1 }]);
    expect(asked).toEqual([
      { BatchInput: { run: 'r1' }, Items: [{ point: 'a' }, { point: 'b' }] },
      { BatchInput: { run: 'r1' }, Items: [{ point: 'c' }] },
    ]);
  });

  test('items of an array, each chosen from', async () => {
    const state = map(
      { Items: "{% ['a', 'b'] %}", ItemSelector: { asset: '{% $states.context.Map.Item.Value %}', n: '{% $states.input.n %}' } },
      work(),
    );
    expect(outputOf(await runMachine(single(state), { n: 7 }))).toEqual([
      { asset: 'a', n: 7 },
      { asset: 'b', n: 7 },
    ]);
  });

  test('no item, no execution', async () => {
    const state = map({ ItemReader: lines }, work());
    const result = await runMachine(single(state), { key: 'k' }, { readText: () => '' });
    expect(outputOf(result)).toEqual([]);
  });

  test('an execution of its own: its input, its name, and no variable of the one that started it', async () => {
    const inner = {
      Work: {
        Type: 'Pass',
        Output: { input: '{% $states.context.Execution.Input %}', id: '{% $states.context.Execution.Id %}', sees: '{% $exists($outer) %}' },
        End: true,
      },
    };
    const result = await runMachine(
      {
        StartAt: 'Assign',
        States: { Assign: { Type: 'Pass', Assign: { outer: 1 }, Output: [5], Next: 'Map' }, Map: { ...map({}, inner), End: true } },
      },
      {},
    );
    const [only] = outputOf(result) as { input: Json; id: string; sees: boolean }[];
    expect(only).toMatchObject({ input: 5, sees: false });
    expect(only?.id).toMatch(/^arn:aws:states:eu-central-1:000000000000:execution:test\/[0-9a-f-]{36}:[0-9a-f-]{36}$/);
  });

  test('what an inner scope may call its variables', async () => {
    const inner = { Work: { Type: 'Pass', Assign: { run: 2 }, End: true } };
    const definition = {
      StartAt: 'Assign',
      States: { Assign: { Type: 'Pass', Assign: { run: 1 }, Output: [5], Next: 'Map' }, Map: { ...map({}, inner), End: true } },
    };
    expect(outputOf(await runMachine(definition, {}))).toEqual([5]);
  });

  test('a map within a map', async () => {
    const inner = map({}, { Add: { Type: 'Pass', Output: '{% $states.input + 1 %}', End: true } });
    const state = map({}, { Work: { ...inner, ItemProcessor: { ...inner.ItemProcessor, StartAt: 'Add' }, End: true } });
    expect(outputOf(await runMachine(single(state), [[1, 2], [3]]))).toEqual([[2, 3], [4]]);
  });
});

describe('what fails', () => {
  test('one execution ends the others, and the map by its own error', async () => {
    const seen: AbortSignal[] = [];
    const state = map({ Items: [1, 2, 3], MaxConcurrency: 2 }, work());
    const result = await runMachine(
      single(state),
      {},
      {
        task: async (given, { signal }) => {
          seen.push(signal);
          if (given === 1) throw new Error('broken');
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          throw signal.reason;
        },
      },
    );
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    expect(seen).toHaveLength(2);
    expect(seen.every((signal) => signal.aborted)).toBe(true);
  });

  test.each([
    ['a line that is no JSON', () => '{"point":"a"}\n{', /Line 2/],
    [
      'what cannot be read',
      () => {
        throw new Error('gone');
      },
      /gone/,
    ],
  ])('%s', async (_, readText, cause) => {
    const result = await runMachine(single(map({ ItemReader: lines }, work())), { key: 'k' }, { readText });
    expect(result).toMatchObject({ status: 'FAILED', cause: expect.stringMatching(cause) as string });
  });

  test('a batch, or results, larger than a payload', async () => {
    const long = 'x'.repeat(150_000);
    const batches = map({ Items: [long, long], ItemBatcher: { MaxItemsPerBatch: 2 } }, work());
    const results = map({ Items: [1, 2] }, { Work: { Type: 'Pass', Output: long, End: true } });
    expect(await runMachine(single(results), {})).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect((await runMachine(single(batches), {})).status).toBe('FAILED');
  });
});
