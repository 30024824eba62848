/** The blocks of states that stop and put back, in a machine of nothing else. */
import { describe, expect, it } from 'vitest';
import { QUIESCE, RESUME } from '../../../core/failure/steps.ts';
import type { Json, StateMachineDefinition } from '../../../infra/asl/definition.ts';
import { expression } from '../../../infra/asl/expression.ts';
import { MACHINE_SCOPE, nothingFailed, withFailureStates } from '../../../infra/asl/failure-states.ts';
import { quiesceBlock, resumeBlock } from '../../../infra/quiesce/states.ts';
import { functionError, reportFailure, runMachine, type Answers } from '../workflows/run-machine.ts';

const fn = (name: string) => `arn:aws:lambda:eu-central-1:000000000000:function:holdfast-ida-${name}`;
const RUN = '20261121T020000Z-0a1b2c';
const QUIESCED = JSON.stringify({
  steps: [{ kind: 'manual', name: 'people', what: 'Tell them all {% to go %}', putBack: 'Tell them to return' }],
});

/** Stop, replace (a function here), put back. */
function machine(): StateMachineDefinition {
  const quiesce = quiesceBlock(
    { functions: { stop: fn('quiesce-stop'), check: fn('quiesce-check') }, stops: { 'ida-db': QUIESCED } },
    { next: 'Replace' },
  );
  const resume = resumeBlock(
    { functions: { start: fn('quiesce-start') } },
    { next: 'Done', failed: 'Failed', reportFailure: fn('backup-report-failure') },
  );
  const steps = {
    ...quiesce.tasks,
    ...resume.tasks,
    Replace: {
      Type: 'Task' as const,
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: fn('replace'), Payload: {} },
      TimeoutSeconds: 60,
      Output: {},
      Next: resume.first,
    },
  };
  return {
    Comment: 'Stops, replaces and puts back',
    QueryLanguage: 'JSONata',
    StartAt: 'Begin',
    TimeoutSeconds: 3600,
    States: {
      Begin: {
        Type: 'Pass',
        Assign: {
          deadline: 0,
          asset: expression('$states.input.asset'),
          run: RUN,
          point: '',
          execution: 'arn',
          ...nothingFailed(MACHINE_SCOPE),
          ...quiesce.assign,
          ...resume.assign,
        },
        Output: {},
        Next: 'Choose',
      },
      Choose: {
        Type: 'Choice',
        Choices: [{ Condition: expression("$asset = 'by-hand'"), Next: RESUME.byHand }],
        Default: quiesce.first,
      },
      ...quiesce.states,
      ...resume.states,
      ...withFailureStates(
        {
          stage: 'restore',
          reportFailure: fn('backup-report-failure'),
          goOn: { ...quiesce.goOn, ...resume.goOn },
          endings: [{ Condition: expression('$quiesced.any'), Next: resume.afterFailure }],
        },
        steps,
      ),
      Done: { Type: 'Succeed', Output: { quiesced: expression('$quiesced'), resumed: expression('$resumed') } },
      Failed: { Type: 'Fail', Error: expression('$report.failure'), Cause: expression("$report.message & ' ' & $resumed.message") },
    },
  };
}

/** Two steps, each of which stops at the second look; the first has to be told twice. */
const ANSWERS: Answers = {
  'quiesce-stop': ({ payload }, earlier) => ({ told: payload['number'] === 1 || earlier > 0, waitSeconds: 5, progress: { told: earlier } }),
  'quiesce-check': ({ payload }, earlier) => {
    const stopped = earlier % 2 === 1;
    const number = payload['number'] as number;
    return { stopped, next: stopped ? (number === 0 ? 1 : -1) : number, waitSeconds: 7, progress: { looked: earlier } };
  },
  replace: () => ({}),
  'quiesce-start': (_call, earlier): Json =>
    earlier < 2
      ? { done: false, waitSeconds: earlier * 9, progress: { at: earlier }, complete: false, message: '' }
      : { done: true, waitSeconds: 0, progress: {}, complete: true, message: 'Put back: people (runs)' },
  'backup-report-failure': reportFailure(),
};
async function run(answers: Answers = {}, asset = 'ida-db') {
  const result = await runMachine('restore', { asset }, { ...ANSWERS, ...answers }, undefined, machine());
  const { status, calls, slept } = result;
  return {
    status,
    calls,
    slept,
    output: 'output' in result ? result.output : undefined,
    ended: 'error' in result ? [result.error, result.cause] : undefined,
  };
}
const names = (calls: { name: string }[]) => calls.map(({ name }) => name).filter((name) => name !== 'backup-report-failure');

describe('the states that stop and put back', () => {
  it('go through every step, hand on its progress and wait as long as they are told', async () => {
    const { status, output, calls, slept } = await run();
    expect(status).toBe('SUCCEEDED');
    expect(output).toEqual({
      quiesced: { any: true, seconds: expect.any(Number) as number },
      resumed: { complete: true, message: 'Put back: people (runs)', seconds: expect.any(Number) as number },
    });
    expect(calls.map(({ name, payload }) => [name, payload['number'], payload['progress']])).toEqual([
      ['quiesce-stop', 0, {}],
      ['quiesce-stop', 0, { told: 0 }],
      ['quiesce-check', 0, { told: 1 }],
      ['quiesce-check', 0, { looked: 0 }],
      ['quiesce-stop', 1, { looked: 1 }],
      ['quiesce-check', 1, { told: 2 }],
      ['quiesce-check', 1, { looked: 2 }],
      ['replace', undefined, undefined],
      ['quiesce-start', undefined, {}],
      ['quiesce-start', undefined, { at: 0 }],
      ['quiesce-start', undefined, { at: 1 }],
    ]);
    // Texts of the plan arrive as they were written, whatever stands in them.
    expect(calls[0]?.payload['quiesce']).toBe(QUIESCED);
    expect(slept.map((milliseconds) => milliseconds / 1000)).toEqual([5, 5, 7, 5, 7, 9]);
  });

  it('leave an asset alone whose plan stops nothing', async () => {
    const { status, output, calls } = await run({}, 'audit');
    expect([status, names(calls)]).toEqual(['SUCCEEDED', ['replace']]);
    expect(output).toMatchObject({ quiesced: { any: false } });
  });

  it('put back after a failure of what comes between, and say both', async () => {
    const { status, ended, calls } = await run({
      replace: () => {
        throw functionError('RestoreFailed', 'no');
      },
    });
    expect([status, ended]).toEqual(['FAILED', ['RestoreFailed', 'Replace: RestoreFailed Put back: people (runs)']]);
    expect(calls.at(-1)?.payload).toMatchObject({ run: RUN, failed: true });
  });

  it('put back what was stopped when a later step does not stop', async () => {
    const { ended, calls } = await run({
      'quiesce-check': () => {
        throw functionError('QuiesceFailed', 'no');
      },
    });
    expect(ended).toEqual(['QuiesceFailed', `${QUIESCE.check}: QuiesceFailed Put back: people (runs)`]);
    expect(names(calls)).not.toContain('replace');
  });

  it('try again what may succeed the next time', async () => {
    const { status, calls } = await run({
      'quiesce-stop': (call, earlier) => {
        if (earlier === 0) throw functionError('AwsUnreachable', 'no');
        return ANSWERS['quiesce-stop']?.(call, earlier) ?? {};
      },
      'backup-report-failure': reportFailure((failure) => failure === 'AwsUnreachable'),
    });
    expect([status, names(calls).filter((name) => name === 'quiesce-stop').length]).toEqual(['SUCCEEDED', 3]);
  });

  it('say what to do when putting back fails, and go on to the same end', async () => {
    const start = () => {
      throw functionError('VaultRefused', 'no');
    };
    const { status, output } = await run({ 'quiesce-start': start });
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({
      resumed: {
        complete: false,
        message: `What was stopped is not put back: ${RESUME.start}: VaultRefused. Once that is put right: npx holdfast restore resume ${RUN}`,
      },
    });
  });

  it('put back by hand, and end by what became of it', async () => {
    const done = await run({}, 'by-hand');
    expect([done.status, done.output]).toEqual(['SUCCEEDED', { asset: 'by-hand', run: RUN, message: 'Put back: people (runs)' }]);
    const not = { done: true, waitSeconds: 0, progress: {}, complete: false, message: 'Not put back: people (gone)' };
    const failed = await run({ 'quiesce-start': () => not }, 'by-hand');
    expect([failed.status, failed.ended]).toEqual(['FAILED', ['NotResumed', 'Not put back: people (gone)']]);
  });
});
