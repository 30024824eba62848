import { describe, expect, test } from 'vitest';
import { drillWorkflow } from '../../../infra/drill/workflow.ts';
import { StateFailed } from '../../../local/interpreter/errors.ts';
import { ANSWERS, refuse, reports } from './answers.ts';
import { DRILL_PARTS } from './definitions.ts';
import { runMachine, type Answers } from './run-machine.ts';

const MACHINE = 'arn:aws:states:eu-central-1:000000000000:stateMachine:holdfast-ida-drill';
const definition = drillWorkflow({
  ...DRILL_PARTS,
  scenarios: { wiped: { assets: ['ida-db', 'audit'], from: 'vault' }, deleted: { assets: ['audit'], from: 'vault' } },
  several: { machineArn: MACHINE, judgeScenario: 'arn:aws:lambda:eu-central-1:000000000000:function:holdfast-ida-drill-judge-scenario' },
});
const EVIDENCE = 'evidence/ida/2026/scenario-20261121T020000Z-abcdef.json';
const judged = (outcome: string, reasons: string[] = []) => ({
  outcome,
  evidence: EVIDENCE,
  keys: [EVIDENCE],
  reasons,
  run: '20261121T020000Z-abcdef',
});
const play = (input: Record<string, string>, answers: Answers) =>
  runMachine('drill', input, { ...ANSWERS.drill, ...answers }, undefined, definition);

describe('a scenario of several assets', () => {
  test('runs the machine for each, and its verdict is signed, locked and copied', async () => {
    const end = await play(
      { scenario: 'wiped' },
      { 'holdfast-ida-drill': () => ({ outcome: 'passed' }), 'drill-judge-scenario': () => judged('passed') },
    );
    expect(end).toMatchObject({
      status: 'SUCCEEDED',
      output: { outcome: 'passed', system: 'ida', scenario: 'wiped', evidence: EVIDENCE, assets: ['ida-db', 'audit'] },
    });
    const started = end.calls.filter(({ name }) => name === 'holdfast-ida-drill').map(({ payload }) => payload);
    expect(started.map(({ Input, Name }) => [Input, Name])).toEqual([
      [{ asset: 'ida-db', scenario: 'wiped' }, 'one-ida-db'],
      [{ asset: 'audit', scenario: 'wiped' }, 'one-audit'],
    ]);
    expect(end.calls.find(({ name }) => name === 'drill-judge-scenario')?.payload).toMatchObject({
      scenario: 'wiped',
      drills: [{ asset: 'ida-db', ended: { ExecutionArn: expect.stringMatching(/:one-ida-db$/) as string } }, { asset: 'audit' }],
    });
    expect(end.calls.slice(-3).map(({ state, payload }) => [state, payload['keys']])).toEqual([
      ['Sign the evidence', [EVIDENCE]],
      ['Lock the evidence', [EVIDENCE]],
      ['Copy the records', [EVIDENCE]],
    ]);
  });

  test('drills the others when one fails, and fails with what was judged; nobody is told twice', async () => {
    const end = await play(
      { scenario: 'wiped', from: 'vault' },
      {
        'holdfast-ida-drill': ({ payload }) => {
          if ((payload['Input'] as { asset: string }).asset === 'audit') return {};
          throw new StateFailed('States.TaskFailed', JSON.stringify({ ExecutionArn: 'arn:x', StartDate: 1, Cause: 'a check failed' }));
        },
        'drill-judge-scenario': () => judged('failed', ['ida-db failed: rows: 9, not 10']),
      },
    );
    expect(end).toMatchObject({
      status: 'FAILED',
      error: 'CheckFailed',
      cause: `The drill failed for the scenario wiped: ida-db failed: rows: 9, not 10 (evidence: ${EVIDENCE})`,
    });
    const judgedDrills = end.calls.find(({ name }) => name === 'drill-judge-scenario')?.payload['drills'] as { cause?: string }[];
    expect(judgedDrills.map(({ cause }) => cause !== undefined)).toEqual([true, false]);
    expect(end.calls.filter(({ name }) => name === 'backup-report-failure')).toEqual([]);
  });

  test('that cannot be judged is told by its own name, as a drill of one of its assets is', async () => {
    const several = await play(
      { scenario: 'wiped' },
      {
        'holdfast-ida-drill': () => ({ outcome: 'passed' }),
        'drill-judge-scenario': () => {
          throw new StateFailed('VaultRefused', '');
        },
      },
    );
    expect(reports(several.calls)).toMatchObject([{ stage: 'drill', step: 'Judge the scenario', asset: '', scenario: 'wiped' }]);
    const one = await play({ scenario: 'deleted', asset: 'audit' }, { 'drill-choose-point': refuse });
    expect(reports(one.calls)).toMatchObject([{ step: 'Choose the point', asset: 'audit', scenario: 'deleted' }]);
    const plain = await play({ asset: 'audit' }, { 'drill-choose-point': refuse });
    expect(reports(plain.calls)[0]).not.toHaveProperty('scenario');
  });

  test('that could not run is no failure of a point', async () => {
    const end = await play(
      { scenario: 'wiped' },
      {
        'holdfast-ida-drill': () => {
          throw new StateFailed('States.Timeout', '');
        },
        'drill-judge-scenario': () => judged('could-not-run', ['audit could not run']),
      },
    );
    expect(end).toMatchObject({ status: 'FAILED', error: 'DrillCouldNotRun' });
    // No drill of its own has told of it.
    expect(reports(end.calls)).toMatchObject([
      { asset: '', scenario: 'wiped', error: { Error: 'DrillCouldNotRun', Cause: 'audit could not run' } },
    ]);
  });

  test.each<[string, Record<string, string>]>([
    ['the drill of one of its assets', { scenario: 'wiped', asset: 'ida-db' }],
    ['a scenario of one asset', { scenario: 'deleted' }],
    ['one that the plan does not have', { scenario: 'flood' }],
    ['a plain drill', { asset: 'ida-db' }],
  ])('is not %s', async (_what, input) => {
    const { calls } = await play(input, {});
    expect(calls[0]?.state).toBe('Choose the point');
  });
});
