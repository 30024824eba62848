import { describe, expect, test } from 'vitest';
import { DefinitionRefused, readDefinition } from '../../../local/interpreter/lint.ts';
import { ABILITIES } from '../../../local/run/host.ts';
import { DEFINITIONS } from '../../infra/workflows/definitions.ts';
import { ABLE, READER, single, taskState, RESOURCE } from './run-machine.ts';

const problems = (definition: object) => {
  try {
    readDefinition('test', JSON.stringify({ QueryLanguage: 'JSONata', ...definition }), ABLE);
    return [];
  } catch (error) {
    if (error instanceof DefinitionRefused) return error.problems;
    throw error;
  }
};
const pass = { Type: 'Pass', End: true };
const reader = (fields: object = {}) => ({ Resource: READER, ReaderConfig: { InputType: 'JSONL' }, Arguments: {}, ...fields });
const distributed = (fields: object = {}, config: object = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }) => ({
  Type: 'Map',
  ItemProcessor: { ProcessorConfig: config, StartAt: 'Inner', States: { Inner: pass } },
  ...fields,
});

test.each(Object.entries(DEFINITIONS))('the %s machine runs here', (name, definition) => {
  expect(() => readDefinition(name, JSON.stringify(definition), ABILITIES)).not.toThrow();
});

describe('refused before the run', () => {
  test.each<[string, object, RegExp]>([
    ['JSONPath', { QueryLanguage: 'JSONPath', ...single(pass) }, /only JSONata/],
    ['a field of JSONPath', single({ ...pass, ResultPath: '$.x' }), /ResultPath/],
    ['a field that nobody knows', single({ ...pass, Outputs: 1 }), /Outputs/],
    ['a field of another type of state', single({ ...pass, TimeoutSeconds: 1 }), /TimeoutSeconds/],
    ['an unknown type of state', single({ Type: 'Activity' }), /Type/],
    ['Credentials', single(taskState({ Credentials: {} })), /Credentials/],
    ['an unknown resource', single(taskState({ Resource: 'arn:aws:states:::sqs:sendMessage' })), /does not run here/],
    ['a task token', single(taskState({ Resource: `${RESOURCE}.waitForTaskToken` })), /does not run here/],
    ['a distributed map of no kind', single(distributed({}, { Mode: 'DISTRIBUTED' })), /only Standard executions/],
    ['Express executions', single(distributed({}, { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' })), /only Standard executions/],
    ['tolerated failures', single(distributed({ ToleratedFailurePercentage: 5 })), /ToleratedFailurePercentage/],
    ['a writer of results', single(distributed({ ResultWriter: {} })), /ResultWriter/],
    ['a label', single(distributed({ Label: 'x' })), /Label/],
    [
      'a reader of an inline map',
      single({ Type: 'Map', ItemReader: reader(), ItemProcessor: single(pass) }),
      /ItemReader is for distributed/,
    ],
    [
      'batches of an inline map',
      single({ Type: 'Map', ItemBatcher: { MaxItemsPerBatch: 2 }, ItemProcessor: single(pass) }),
      /ItemBatcher is for/,
    ],
    ['items and a reader', single(distributed({ Items: [], ItemReader: reader() })), /exclude each other/],
    ['another reader', single(distributed({ ItemReader: reader({ Resource: 'arn:aws:states:::s3:listObjectsV2' }) })), /does not run here/],
    ['lines of another kind', single(distributed({ ItemReader: reader({ ReaderConfig: { InputType: 'CSV' } }) })), /JSONL/],
    [
      'a bound on what is read',
      single(distributed({ ItemReader: reader({ ReaderConfig: { InputType: 'JSONL', MaxItems: 1 } }) })),
      /MaxItems/,
    ],
    [
      'batches by bytes',
      single(distributed({ ItemBatcher: { MaxItemsPerBatch: 2, MaxInputBytesPerBatch: 100 } })),
      /MaxInputBytesPerBatch/,
    ],
    [
      'tolerated failures of an inline map',
      single({ Type: 'Map', ToleratedFailureCount: 1, ItemProcessor: single(pass) }),
      /ToleratedFailureCount/,
    ],
    ['no such first state', { StartAt: 'None', States: { A: pass } }, /StartAt names no state/],
    ['no such next state', { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } }, /leads to 'B', which does not exist/],
    ['a state that nothing leads to', { StartAt: 'A', States: { A: pass, B: pass } }, /B: no state leads to it/],
    ['neither Next nor End', { StartAt: 'A', States: { A: { Type: 'Pass' } } }, /either Next or End/],
    ['both', { StartAt: 'A', States: { A: { Type: 'Pass', End: true, Next: 'A' } } }, /either Next or End/],
    ['the same name in two scopes', single({ Type: 'Map', ItemProcessor: single(pass) }), /two states have this name/],
    ['States.ALL beside another error', single(taskState({ Retry: [{ ErrorEquals: ['States.ALL', 'X'] }] })), /has to stand alone/],
    [
      'States.ALL before another rule',
      single(taskState({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['X'] }] })),
      /last rule/,
    ],
    ['a heartbeat longer than the time-out', single(taskState({ TimeoutSeconds: 5, HeartbeatSeconds: 5 })), /less than TimeoutSeconds/],
    ['two ways to wait', single({ Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z' }), /either Seconds or Timestamp/],
    ['an assignment to $states', single({ ...pass, Assign: { states: 1 } }), /reserved/],
    ['a name that is none', single({ ...pass, Assign: { '1x': 1 } }), /no name of a variable/],
    [
      'an assignment to an outer variable',
      {
        StartAt: 'A',
        States: {
          A: { Type: 'Pass', Assign: { v: 1 }, Next: 'M' },
          M: { Type: 'Map', End: true, ItemProcessor: { StartAt: 'I', States: { I: { ...pass, Assign: { v: 2 } } } } },
        },
      },
      /\$v, which belongs to the scope around it/,
    ],
    ['what is not JSONata', single({ ...pass, Output: '{% 1 + %}' }), /is not JSONata/],
    ['$eval', single({ ...pass, Output: "{% $eval('1') %}" }), /\$eval is not available/],
    ['$states.result in Arguments', single(taskState({ Arguments: '{% $states.result %}' })), /\$states\.result is not available here/],
    ['$states.result in a Pass', single({ ...pass, Output: '{% $states.result %}' }), /\$states\.result is not available here/],
    [
      '$states.errorOutput outside a Catch',
      single(taskState({ Output: '{% $states.errorOutput %}' })),
      /\$states\.errorOutput is not available here/,
    ],
    ['a state name of 81 characters', { StartAt: 'x'.repeat(81), States: { ['x'.repeat(81)]: pass } }, /80 characters/],
  ])('%s', (_what, definition, expected) => {
    expect(problems(definition).join('\n')).toMatch(expected);
  });
  test('all at once', () => {
    expect(problems(single({ Type: 'Pass', Next: 'None', Assign: { states: 1 }, Output: '{% ( %}' })).length).toBeGreaterThanOrEqual(4);
  });
});
