/** The restore machine with the states that stop, put back and probe: what a person is told when something stays stopped. */
import { describe, expect, test } from 'vitest';
import { StartRequest } from '../../../core/quiesce/contract.ts';
import type { Json } from '../../../local/interpreter/language.ts';
import { accepted, ANSWERS, refuse, reports, restored, run, untilRecorded } from './answers.ts';
import { runMachine, taskError, type Answers } from './run-machine.ts';

const TASK = 'holdfast-ida-ida-db-restore';
const inPlace = { ...accepted, target: 'in-place', database: 'ida', quiesce: true };
const FLOW = [
  'Swap the databases',
  'Put back what was stopped',
  'Ask the application',
  'Write the evidence',
  'Sign the evidence',
  'Lock the evidence',
  'Copy the records',
];

/** Two steps of the plan, each stopped after one look, and put back one a call. */
const around: Answers = {
  'quiesce-stop': () => ({ told: true, waitSeconds: 10, progress: {} }),
  'quiesce-check': ({ payload }) => ({ stopped: true, next: payload['number'] === 0 ? 1 : -1, waitSeconds: 10, progress: {} }),
  'quiesce-start': (_, earlier) => putBack(earlier, true, 'Put back: worker (it runs); api (it runs)'),
  'validation-probe': () => ({ done: true, waitSeconds: 0, since: '2026-11-21T02:00:00.000Z', results: [], passed: true, message: '' }),
};
const putBack = (earlier: number, complete: boolean, message: string): Json =>
  earlier < 1
    ? { done: false, waitSeconds: 0, progress: { turn: 0 }, complete: false, message: '' }
    : { done: true, waitSeconds: 0, progress: {}, complete, message };
const halfPutBack: Answers = {
  'quiesce-start': (_, earlier) => putBack(earlier, false, 'Put back: worker (it runs). Not put back: api (it refuses)'),
};

const NOT_BACK = {
  step: 'See that all is put back',
  run,
  error: { Error: 'NotResumed', Cause: 'Put back: worker (it runs). Not put back: api (it refuses)' },
};

async function start(changed: Answers, input: Json = { asset: 'ida-db' }, check: object = inPlace) {
  const end = await runMachine('restore', input, {
    ...ANSWERS.restore,
    'restore-check-request': () => check as Json,
    'holdfast-ida-backup': () => ({ committed: true, point: '20261121T010000Z-m3fa9c1' }),
    'restore-write-result': ({ payload }) => ({ ...restored, kept: payload['look'] === true ? '' : 'ida_before' }),
    ...around,
    ...changed,
  });
  const states = untilRecorded(end.calls.map(({ state }) => state));
  return { end, states, written: end.calls.find(({ name }) => name === 'restore-write-result')?.payload };
}
const failed = (error: string, cause: RegExp) => ({ status: 'FAILED', error, cause: expect.stringMatching(cause) as string });

describe('a restore in place', () => {
  test('puts back what it has stopped, asks the application, and its evidence has both', async () => {
    const { end, states, written } = await start({});
    expect(end.status).toBe('SUCCEEDED');
    expect(states.slice(-8)).toEqual([FLOW[0], FLOW[1], ...FLOW.slice(1)]);
    expect(written).toMatchObject({ resumed: { complete: true, message: 'Put back: worker (it runs); api (it runs)' } });
  });

  test('tells each function which execution it is, and whether a person asks', async () => {
    const { end } = await start({});
    const byHand = await start({}, { resume: run, asset: 'ida-db' }, { ...inPlace, action: 'resume', run });
    const asked = (calls: typeof end.calls, name: string) => calls.filter((call) => call.name === name).map(({ payload }) => payload);
    const [execution] = new Set(asked(end.calls, 'quiesce-start').map((payload) => payload['execution']));
    expect(execution).toMatch(/^arn:aws:states:.*:execution:holdfast-ida-restore:/);
    for (const payload of asked(end.calls, 'quiesce-stop')) expect(payload).toMatchObject({ execution });
    for (const payload of asked(end.calls, 'quiesce-start')) expect(StartRequest.parse(payload)).toMatchObject({ byHand: false });
    for (const payload of asked(byHand.end.calls, 'quiesce-start')) expect(StartRequest.parse(payload)).toMatchObject({ byHand: true });
    expect(asked(byHand.end.calls, 'quiesce-start')).not.toEqual([]);
  });

  test('that cannot put all of it back has its evidence, asks nothing, and says what is back, what is not and why', async () => {
    const { end, states, written } = await start(halfPutBack);
    expect(states.slice(-4)).toEqual(FLOW.slice(-4));
    expect(states).not.toContain('Ask the application');
    expect(written).toMatchObject({ resumed: { complete: false } });
    expect(reports(end.calls)).toMatchObject([NOT_BACK]);
    expect(end).toMatchObject(
      failed(
        'NotResumed',
        /^The restore worked: the point \w+ stands in the database ida\. Put back: worker .* Not put back: api \(it refuses\).*Evidence: evidence\//,
      ),
    );
  });

  test('whose putting back fails itself says so, and how it is done by hand', async () => {
    const { end } = await start({ 'quiesce-start': refuse });
    expect(end).toMatchObject(failed('NotResumed', new RegExp(`What was stopped is not put back: .*npx holdfast restore resume ${run}`)));
  });

  test('on which the application does not work is kept, says how it is undone, and fails', async () => {
    const { end, states } = await start({
      'validation-probe': () => ({
        done: true,
        waitSeconds: 0,
        since: '2026-11-21T02:00:00.000Z',
        results: [],
        passed: false,
        message: 'health answered 500 where 200 was expected',
      }),
    });
    expect(states.slice(-4)).toEqual(FLOW.slice(-4));
    const Cause = 'health answered 500 where 200 was expected';
    expect(reports(end.calls)).toMatchObject([{ step: 'See that the application answers', run, error: { Error: 'CheckFailed', Cause } }]);
    expect(end).toMatchObject(
      failed('CheckFailed', new RegExp(`health answered 500.*kept as ida_before: npx holdfast restore undo ${run} puts it back`)),
    );
  });

  test.each(['Swap the databases', 'Look whether it has stopped'])(
    'that fails at "%s" puts back first, and ends with that failure, with what is back and what is not',
    async (step) => {
      const { end, states } = await start({
        ...halfPutBack,
        [TASK]: ({ state }) => {
          if (state === step) throw taskError(43);
          return {};
        },
        ...(step === 'Swap the databases' ? {} : { 'quiesce-check': refuse }),
      });
      expect(states.slice(-2)).toEqual(['Put back what was stopped', NOT_BACK.step]);
      expect(reports(end.calls).at(-1)).toMatchObject(NOT_BACK);
      expect(states).not.toContain('Write the evidence');
      expect(end.status === 'FAILED' && end.cause).toMatch(new RegExp(`^${step}: .*Put back: worker .*Not put back: api`));
      const told = end.calls.findLast(({ name }) => name === 'quiesce-start')?.payload;
      expect(told).toMatchObject({ failed: true });
    },
  );
});

describe('what a restore has left stopped', () => {
  const input = { resume: run, asset: 'ida-db' };
  const check = { ...accepted, action: 'resume', point: '', database: '' };

  test('is put back by hand, and nothing else is done', async () => {
    const { end, states } = await start({}, input, check);
    expect(states).toEqual(['Check the request', 'Put back what was stopped', 'Put back what was stopped']);
    expect(end).toMatchObject({
      status: 'SUCCEEDED',
      output: { asset: 'ida-db', run, message: expect.stringMatching(/^Put back/) as string },
    });
  });

  test('and stays so is told as that', async () => {
    const { end } = await start(halfPutBack, input, check);
    expect(reports(end.calls)).toMatchObject([{ ...NOT_BACK, action: 'resume' }]);
    const untold = await start({ ...halfPutBack, 'backup-report-failure': refuse }, input, check);
    expect(untold.end).toMatchObject(failed('NotResumed', /Not put back: api/));
    expect(end).toMatchObject(failed('NotResumed', /^Put back: worker .*Not put back: api/));
  });
});
