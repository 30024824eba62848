/** Expressions, as https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html describes them. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { runMachine, single } from './run-machine.ts';

const outputOf = async (output: unknown, input: object = {}) => {
  const result = await runMachine(single({ Type: 'Pass', Output: output }), input as never);
  return result.status === 'SUCCEEDED' ? result.output : { error: result.error, cause: result.cause };
};

describe('templates', () => {
  test.each([
    ['a literal stays as it is', 'plain', 'plain'],
    ['an expression anywhere in a structure', { a: [1, '{% 1 + 1 %}', { b: '{% $states.input.x %}' }] }, { a: [1, 2, { b: 7 }] }],
    ['an expression that is not the whole string is text', 'x {% 1 %}', 'x {% 1 %}'],
    ['null and false are values', { a: '{% null %}', b: '{% false %}' }, { a: null, b: false }],
    ['a field without a value is left out of an object that JSONata makes', '{% {"a": 1, "b": $states.input.none} %}', { a: 1 }],
    ['one item of a list in the input stays a list', '{% $states.input.one %}', [5]],
    ['names of variables and functions are not confused', '{% $sum($states.input.many) %}', 6],
  ])('%s', async (_what, template, expected) => {
    expect(await outputOf(template, { x: 7, one: [5], many: [1, 2, 3] })).toEqual(expected);
  });

  test.each([
    ['nothing', '{% $states.input.none %}', /returned nothing \(undefined\)/],
    ['a variable that was never assigned', '{% $never %}', /returned nothing/],
    ['a type error', "{% 1 + 'a' %}", /threw an error during evaluation/],
    ['a function', '{% $sum %}', /unsupported result type/],
    ['a lambda inside a structure', '{% {"f": function($x){$x}} %}', /unsupported result type/],
  ])('%s is States.QueryEvaluationError', async (_what, template, cause) => {
    expect(await outputOf(template)).toEqual({ error: 'States.QueryEvaluationError', cause: expect.stringMatching(cause) as string });
  });

  test('the cause names the field', async () => {
    const result = await outputOf({ list: [{ deep: '{% $none %}' }] });
    expect(result).toMatchObject({ cause: expect.stringContaining("'Output/list[0]/deep'") as string });
  });
});

describe('functions of Step Functions', () => {
  test.each([
    ['$partition([1,2,3,4,5,6,7,8,9], 4)', [[1, 2, 3, 4], [5, 6, 7, 8], [9]]],
    ['$partition([1], 4)', [[1]]],
    ['$range(0, 10, 2)', [0, 2, 4, 6, 8, 10]],
    ['$range(9, 1, -4)', [9, 5, 1]],
    ['$range(1, 0, 1)', []],
    ["$hash('Amazon', 'SHA-256')", createHash('sha256').update('Amazon').digest('hex')],
    ["$hash({'a': 1}, 'MD5')", createHash('md5').update('{"a":1}').digest('hex')],
    ['$parse(\'{"foo": [true, null]}\')', { foo: [true, null] }],
    ['$random(7) = $random(7)', true],
    ['$random() >= 0 and $random() < 1', true],
    ['$length($uuid())', 36],
  ])('%s', async (expression, expected) => {
    expect(await outputOf(`{% ${expression} %}`)).toEqual(expected);
  });

  test.each(['$partition([1], 0)', '$partition([1], 1.5)', '$range(0, 5000, 1)', '$range(0, 1, 0)', "$hash('a', 'CRC32')", "$parse('{')"])(
    '%s is an error',
    async (expression) => {
      expect(await outputOf(`{% ${expression} %}`)).toMatchObject({ error: 'States.QueryEvaluationError' });
    },
  );
});

test('the context object', async () => {
  const result = await runMachine(single({ Type: 'Pass', Output: '{% $states.context %}' }), { a: 1 });
  expect(result).toMatchObject({
    status: 'SUCCEEDED',
    output: {
      Execution: {
        Id: 'arn:aws:states:eu-central-1:000000000000:execution:test:one',
        Name: 'one',
        Input: { a: 1 },
        StartTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      },
      StateMachine: { Name: 'test' },
      State: { Name: 'Only', RetryCount: 0, EnteredTime: expect.any(String) as string },
    },
  });
});
