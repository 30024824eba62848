/** The restore machine after a step that failed for good: what had come through all the same is recorded, and told with how it is undone. */
import { describe, expect, test } from 'vitest';
import { StateFailed } from '../../../local/interpreter/errors.ts';
import type { Json } from '../../../local/interpreter/language.ts';
import { accepted, ANSWERS, point, refuse, reports, restored, run, untilRecorded } from './answers.ts';
import { functionError, reportFailure, runMachine, taskError, type Answers, type Call } from './run-machine.ts';

const TASK = 'holdfast-ida-ida-db-restore';
const KEPT = 'ida_before_20261121t020001z_3fa9c1';
const OLD = '20261121T010000Z-m3fa9c1';
const OF = '20261121T011500Z-3fa9c1';
const inPlace = { ...accepted, target: 'in-place', database: 'ida', quiesce: true };
const undo = { ...inPlace, action: 'undo', of: OF };
const replaced = { ...inPlace, target: 'drop-and-create' };
const KEEP = ['Write the evidence', 'Sign the evidence', 'Lock the evidence', 'Copy the records'];
const SETTLE = 'Open what the restore has closed';
const LOOK = 'See whether they have changed places';

const answers = (check: object, changed: Answers): Answers => ({
  ...ANSWERS.restore,
  'restore-check-request': () => check as Json,
  'restore-find-safety': () => ({ isSaved: false, safety: '' }),
  'holdfast-ida-backup': () => ({ committed: true, point: OLD }),
  'quiesce-stop': () => ({ told: true, waitSeconds: 10, progress: {} }),
  'quiesce-check': () => ({ stopped: true, next: -1, waitSeconds: 10, progress: {} }),
  'quiesce-start': () => ({ done: true, waitSeconds: 0, progress: {}, complete: true, message: 'Put back: api (it runs)' }),
  'validation-probe': () => ({ done: true, waitSeconds: 0, since: '2026-11-21T02:00:00.000Z', results: [], passed: true, message: '' }),
  'restore-write-result': ({ payload }) => ({ ...(payload['look'] === true ? { evidence: '', signature: '' } : restored), kept: KEPT }),
  ...changed,
});
async function start(check: object, changed: Answers = {}) {
  const end = await runMachine('restore', { asset: 'ida-db' }, answers(check, changed));
  return {
    ...end,
    states: untilRecorded(end.calls.map(({ state }) => state)),
    cause: end.status === 'FAILED' ? end.cause : '',
    written: end.calls.find(({ state }) => state === 'Write the evidence')?.payload,
    failed: end.calls.find(({ state }) => state === 'Write down how it failed')?.payload,
  };
}
const failAt = (...steps: string[]): Answers => ({
  [TASK]: ({ state }) => {
    if (steps.includes(state)) throw taskError(41);
    return {};
  },
});
const noneKept: Answers['x'] = ({ payload }: Call) => ({ ...restored, kept: payload['look'] === true ? '' : KEPT });

/** What a probe of the application answers that nothing answered. */
const silent = {
  done: true,
  waitSeconds: 0,
  since: '2026-11-21T02:00:00.000Z',
  results: [],
  passed: false,
  message: 'health answered 500',
};

describe('a swap whose task failed', () => {
  test('and that had come through is put back, probed and recorded, fails, and says how it is undone', async () => {
    const end = await start(inPlace, failAt('Swap the databases'));
    const after = [SETTLE, LOOK, 'Put back what was stopped', 'Ask the application'];
    expect(end.states.slice(-10)).toEqual(['Swap the databases', 'Report the failure', ...after, ...KEEP]);
    expect(end.calls.find(({ state }) => state === 'Put back what was stopped')?.payload).toMatchObject({ failed: false });
    expect(end.written).toMatchObject({ failed: { message: expect.stringMatching(/^Swap the databases/) as string } });
    expect(end).toMatchObject({ status: 'FAILED', error: 'Unexpected' });
    expect(end.cause).toMatch(
      new RegExp(
        `^Swap the databases: .*\\. The swap came through: the point \\w+ stands in the database ida\\. Put back: api .*\\. The old database is kept as ${KEPT}: npx holdfast restore undo ${run} puts it back\\..*Evidence: evidence/`,
      ),
    );
  });

  test('and that had not come through ends with the failure, and records nothing', async () => {
    const end = await start(inPlace, { ...failAt('Swap the databases'), 'restore-write-result': noneKept });
    expect(end.states.slice(-3)).toEqual([SETTLE, LOOK, 'Put back what was stopped']);
    expect(end.calls.findLast(({ name }) => name === 'quiesce-start')?.payload).toMatchObject({ failed: true });
    expect(end.failed).toMatchObject({ settled: '', failed: { step: 'Swap the databases' } });
    expect(end.cause).not.toContain('undo');
  });

  test('and that could not be settled is recorded all the same, with what is not as it should be', async () => {
    const end = await start(inPlace, failAt('Swap the databases', SETTLE));
    expect(end.states.slice(-4)).toEqual(KEEP);
    expect(end.cause).toMatch(new RegExp(`^Swap the databases: .*The swap came through: .*${SETTLE}: .*restore undo ${run}`));
    expect(reports(end.calls).map(({ step }) => step)).toEqual(['Swap the databases', SETTLE]);
  });

  test('and of which nobody can say how it ended says that, and records nothing', async () => {
    const end = await start(inPlace, {
      ...failAt('Swap the databases'),
      'restore-write-result': ({ payload }) => (payload['look'] === true ? refuse() : restored),
    });
    expect(end.states.at(-1)).toBe('Put back what was stopped');
    expect(end.failed).toMatchObject({ settled: expect.stringContaining('is not known') as string });
    expect(end.cause).toMatch(/^Swap the databases: .*Whether the databases changed places is not known: /);
  });

  test('and came through, on which the application does not answer, says that too', async () => {
    const end = await start(inPlace, { ...failAt('Swap the databases'), 'validation-probe': () => silent });
    expect(end.cause).toMatch(/The swap came through: .*health answered 500\..*restore undo/);
  });
});

describe('an undo whose task failed', () => {
  test('and that had come through is put back and recorded', async () => {
    const end = await start(undo, failAt('Put the old database back'));
    expect(end.states.slice(-7)).toEqual([SETTLE, LOOK, 'Put back what was stopped', ...KEEP]);
    expect(end.written).toMatchObject({ action: 'undo', of: OF });
    expect(end.cause).toMatch(new RegExp(`^Put the old database back: .*The undo came through: the kept database of the run ${OF}`));
    expect(end.cause).not.toContain('npx holdfast restore undo');
  });
});

describe('evidence that is incomplete', () => {
  test('hides neither that the application does not answer nor how the restore is undone', async () => {
    const end = await start(inPlace, { 'validation-probe': () => silent, 'lock-lock-objects': refuse });
    expect(end.cause).toMatch(
      new RegExp(
        `^The restore worked: .*Its evidence is incomplete: .*health answered 500\\. Put back: .*restore undo ${run} puts it back`,
      ),
    );
  });

  test('that was not written names what is kept, and how it is undone all the same', async () => {
    const end = await start(inPlace, { 'restore-write-result': refuse });
    expect(end.cause).toContain('The old database is kept, closed, as ida_before_');
    expect(end.cause).toContain(
      `restore undo ${run} puts it back once its record is written: docs/runbook.md, heading Evidence of a restore`,
    );
  });

  test('of a restore that came through and failed begins with why', async () => {
    const end = await start(inPlace, { ...failAt('Swap the databases'), 'evidence-sign-objects': refuse });
    expect(end.cause).toMatch(
      new RegExp(`^Swap the databases: .*The swap came through: .*Its evidence is incomplete: .*restore undo ${run}`),
    );
  });
});

describe('a restore that did not come through', () => {
  const steps = ['Swap the databases', SETTLE];

  test('has evidence of that: the first failure, what stays stopped, what was saved, and where nobody knows how it stands', async () => {
    const half = { done: true, waitSeconds: 0, progress: {}, complete: false, message: 'Not put back: api' };
    const end = await start(inPlace, { ...failAt(...steps), 'restore-write-result': noneKept, 'quiesce-start': () => half });
    expect(end.failed).toMatchObject({
      stands: false,
      action: 'restore',
      target: 'in-place',
      safety: OLD,
      failed: { failure: 'Unexpected', message: 'Swap the databases: States.TaskFailed', step: 'Swap the databases' },
      settled: expect.stringContaining(SETTLE) as string,
      resumed: { complete: false, message: 'Not put back: api' },
    });
    expect(end.cause).toMatch(/Not put back: api\. Evidence: evidence\//);
  });

  test.each(['Write down', 'Sign', 'Lock', 'Copy'])(
    'says so when it could not %s how it failed, and ends with the first failure',
    async (verb) => {
      const step = `${verb} how it failed`;
      const fails: Answers = Object.fromEntries(
        ['restore-write-result', 'evidence-sign-objects', 'lock-lock-objects', 'copy-copy-records'].map((name) => [
          name,
          ({ state }: Call) => (state === step ? refuse() : restored),
        ]),
      );
      const end = await runMachine(
        'restore',
        { asset: 'ida-db' },
        answers(accepted, { ...failAt('Restore into a new database'), ...fails }),
      );
      expect(end).toMatchObject({ status: 'FAILED', error: 'Unexpected' });
      expect(end.status === 'FAILED' && end.cause).toMatch(
        new RegExp(`^Restore into a new database: .*Its evidence is incomplete: ${step}: VaultRefused`),
      );
    },
  );

  test('has none when it had not begun', async () => {
    const end = await start({ ...accepted, accepted: false, problems: ['x'], message: 'no such point' });
    expect(end.status).toBe('FAILED');
    expect(end.failed).toBeUndefined();
    const unread = await start(accepted, { 'restore-check-request': refuse });
    expect(unread.status).toBe('FAILED');
    expect(unread.failed).toBeUndefined();
  });

  test('for want of time is told like any failure, with what it is about, and put back all the same when nobody could be told', async () => {
    const slow: Answers = {
      [TASK]: ({ state, timing: { pass } }) => {
        if (state === 'Mark what is to be replaced') pass(2000);
        return {};
      },
    };
    const end = await start(replaced, slow);
    const about = { step: 'See that there is time to replace it', point, run, database: 'ida', target: 'drop-and-create' };
    expect(reports(end.calls)).toMatchObject([{ ...about, error: { Error: 'TooLittleTime' } }]);
    expect(end.failed).toMatchObject({ failed: { failure: 'TooLittleTime', step: about.step } });
    const untold = await start(replaced, { ...slow, 'backup-report-failure': refuse });
    expect(untold.states.at(-1)).toBe('Put back what was stopped');
    expect(untold).toMatchObject({ error: 'TooLittleTime', cause: expect.stringContaining('so nothing was replaced') as string });
  });
});

describe('the time of a restore that replaces', () => {
  const LOOK_FOR = 'Look for what stands in the way';
  const REPLACE = 'Replace the database';
  const SEE_TIME = 'See that there is time to replace it';
  const longest = 3600;

  test('is none that people took to stop what uses the database', async () => {
    let limit = 0;
    const end = await start(replaced, {
      'quiesce-check': (_, earlier) => ({ stopped: earlier >= 20, next: earlier >= 20 ? -1 : 0, waitSeconds: 600, progress: {} }),
      [TASK]: ({ state, timing: { limitSeconds } }) => {
        if (state === REPLACE) limit = limitSeconds;
        return {};
      },
    });
    expect(end.status).toBe('SUCCEEDED');
    expect(end.slept.reduce((sum, milliseconds) => sum + milliseconds, 0)).toBeGreaterThan(3 * longest * 1000);
    expect(limit).toBe(longest);
  });

  test('is not begun with too little of it: nothing is stopped and nothing replaced', async () => {
    const end = await start(replaced, {
      [TASK]: ({ state, timing: { pass } }) => {
        if (state === LOOK_FOR) pass(0.6 * longest);
        return {};
      },
    });
    expect(end.states.slice(-2)).toEqual([LOOK_FOR, SEE_TIME]);
    expect(end).toMatchObject({ status: 'FAILED', error: 'TooLittleTime' });
  });

  test('that the safety backup used up is not begun either, and what was stopped is put back', async () => {
    const end = await start(replaced, {
      'backup-report-failure': reportFailure(() => true),
      'holdfast-ida-backup': ({ timing: { pass } }, earlier) => {
        pass(0.6 * longest);
        // The time of the one that came through is not the restore's own; that of the one that failed is.
        if (earlier === 0) throw functionError('DumpInterrupted', 'once');
        return { committed: true, point: OLD };
      },
    });
    expect(end.states).not.toContain(REPLACE);
    expect(end.states.at(-1)).toBe('Put back what was stopped');
    expect(end).toMatchObject({
      error: 'TooLittleTime',
      cause: expect.stringMatching(/^See that there is time .*Put back: api/) as string,
    });
  });

  test('that the replacement used up leaves enough to look at what it has made', async () => {
    let limit = 0;
    const end = await start(replaced, {
      [TASK]: ({ state, timing }) => {
        if (state === REPLACE) timing.pass(longest - 5);
        if (state === 'Check the restored database') limit = timing.limitSeconds;
        return {};
      },
    });
    expect(end.status).toBe('SUCCEEDED');
    expect(limit).toBe(1800);
  });

  test('that is over while the database is replaced leaves nothing closed', async () => {
    const end = await start(replaced, {
      [TASK]: ({ state }) => {
        if (state === REPLACE) throw new StateFailed('States.Timeout', 'too long');
        return {};
      },
    });
    expect(end.states.slice(-4)).toEqual([REPLACE, 'Report the failure', SETTLE, 'Put back what was stopped']);
    expect(end.cause).toMatch(/^Replace the database: States.Timeout\. What the database was stands in the point/);
  });
});
