/** The restore machine where it replaces a database: what comes first, what is put back, and how it ends. */
import { describe, expect, test } from 'vitest';
import { RESUME } from '../../../core/failure/steps.ts';
import { RestoreOutput } from '../../../core/restore/result.ts';
import { restoreWorkflow, type RestoreWorkflowParts } from '../../../infra/restore/workflow.ts';
import type { Block, RestoreBlocks } from '../../../infra/restore/block.ts';
import { functionTask } from '../../../infra/asl/function-task.ts';
import { expression } from '../../../infra/asl/expression.ts';
import { StateFailed } from '../../../local/interpreter/errors.ts';
import type { Json } from '../../../local/interpreter/language.ts';
import { accepted, ANSWERS, point, readable, refuse, reports, restored, run, untilRecorded } from './answers.ts';
import { RESTORE_PARTS } from './definitions.ts';
import { runMachine, taskError, type Answers } from './run-machine.ts';

const OLD = '20261121T010000Z-m3fa9c1';
const EARLIER = '20261120T010000Z-m1b2c3d';
const TASK = 'holdfast-ida-ida-db-restore';
const BACKUP = 'holdfast-ida-backup';
const inPlace = { ...accepted, target: 'in-place', database: 'ida', quiesce: true };
const replaced = { ...inPlace, target: 'drop-and-create' };

const fn = (name: string) => `arn:aws:lambda:eu-central-1:000000000000:function:holdfast-ida-${name}`;
const one = (state: string, name: string, next: string, assign = {}): Block => ({
  first: state,
  tasks: { [state]: functionTask(fn(name), {}, { assign, next }) },
  states: {},
});
/** As the folders of approvals, quiescing and validation make them: one call each. */
const blocks: RestoreBlocks = {
  approval: ({ next }) => one('Ask for approval', 'approve', next),
  quiesce: ({ next }) => ({
    ...one('Stop what uses the database', 'stop', next, { quiesced: { any: true } }),
    assign: { quiesced: { any: false }, resumed: { complete: true, message: '' } },
  }),
  resume: ({ next, failed }) => {
    const after = one('Put back what was stopped', 'resume', next, { quiesced: { any: false } });
    const failure = one('Put back what was stopped all the same', 'resume', failed, {
      quiesced: { any: false },
      resumed: expression('$states.result.Payload'),
    });
    return {
      ...after,
      tasks: { ...after.tasks, ...failure.tasks },
      states: { [RESUME.byHand]: { Type: 'Pass', Next: after.first } },
      goOn: { 'Put back what was stopped all the same': failed },
      afterFailure: failure.first,
    };
  },
  probe: ({ next }) => ({ ...one('Probe the application', 'probe', next), assign: { probed: { passed: true, message: '' } } }),
};

function start(check: object, changed: Answers = {}, parts: Partial<RestoreWorkflowParts> = { blocks }) {
  const answers: Answers = {
    ...ANSWERS.restore,
    'restore-check-request': () => check as Json,
    [BACKUP]: () => ({ committed: true, point: OLD }),
    approve: () => ({}),
    stop: () => ({}),
    resume: () => ({ complete: true, message: 'Put back: api' }),
    probe: () => ({}),
    'restore-find-safety': () => ({ isSaved: false, safety: '' }),
    // Only what has changed places is kept; whether it has is looked at after a failure alone.
    'restore-write-result': ({ payload }) => ({ ...restored, kept: payload['look'] === true ? '' : 'ida_before' }),
    ...changed,
  };
  return runMachine('restore', { asset: 'ida-db' }, answers, undefined, restoreWorkflow({ ...RESTORE_PARTS, ...parts }));
}
type End = Awaited<ReturnType<typeof start>>;
const states = ({ calls }: End) => untilRecorded(calls.map(({ state }) => state));
const KEEP = ['Write the evidence', 'Sign the evidence', 'Lock the evidence', 'Copy the records'];
const BEGIN = ['Check the request', 'Ask for approval'];
const LOOK = ['Ask for what is in cold storage', 'Look for what stands in the way'];

/** The one that fails, of the tasks of this step. */
const failing = (step: string, exitCode = 43): Answers => ({
  [TASK]: ({ state }) => {
    if (state === step) throw taskError(exitCode);
    return {};
  },
});

describe('in place', () => {
  test('is saved, restored beside, checked, stopped, swapped, put back and probed, in this order', async () => {
    const saves: Answers = { [BACKUP]: ({ timing }) => (timing.pass(90), { committed: true, point: OLD }) };
    const end = await start({ ...inPlace, selection: { noOwner: true } }, saves);
    expect(states(end)).toEqual([
      ...BEGIN,
      ...LOOK,
      'Make a safety backup first',
      'Restore into a new database',
      'Check the restored database',
      'Stop what uses the database',
      'Swap the databases',
      'Put back what was stopped',
      'Probe the application',
      ...KEEP,
    ]);
    expect(RestoreOutput.parse('output' in end ? end.output : end)).toMatchObject({ target: 'in-place', safety: OLD, kept: 'ida_before' });
    const saved = end.calls.find(({ name }) => name === BACKUP)?.payload;
    expect(saved).toMatchObject({ Name: `before-${run}-1`, Input: { asset: 'ida-db' } });
    expect(end.calls.find(({ name }) => name === 'restore-write-result')?.payload).toMatchObject({
      safety: OLD,
      target: 'in-place',
      selection: { noOwner: true },
      times: { safetySeconds: 90 },
    });
    const phases = end.calls
      .filter(({ name }) => name === TASK)
      .map(({ payload }) => [payload['PHASE'], payload['TARGET'], payload['DATABASE']]);
    expect(phases).toEqual(['preflight', 'restore', 'validate', 'swap'].map((phase) => [phase, 'in-place', 'ida']));
  });

  test('is refused when the safety backup fails, with why, and touches nothing', async () => {
    const end = await start(inPlace, {
      [BACKUP]: () => {
        throw new StateFailed(
          'States.TaskFailed',
          JSON.stringify({ StateMachineArn: 'arn', Status: 'FAILED', Error: 'DumpFailed', Cause: 'why' }),
        );
      },
    });
    expect(end.status).toBe('FAILED');
    expect(end.calls.map(({ state }) => state)).toContain('Write down how it failed');
    expect(states(end)).toEqual([...BEGIN, ...LOOK, 'Make a safety backup first', 'Report the failure']);
    const none = await start(inPlace, { [BACKUP]: () => ({ committed: false, reason: 'another run holds the slot' }) });
    expect(states(none).slice(-2)).toEqual(['Make a safety backup first', 'See that there is a safety backup']);
    expect(none).toMatchObject({ status: 'FAILED', error: 'NotSaved' });
    expect(reports(none.calls)).toMatchObject([
      {
        step: 'See that there is a safety backup',
        target: 'in-place',
        database: 'ida',
        point,
        run,
        error: { Error: 'NotSaved', Cause: 'The safety backup made no point, so nothing was replaced' },
      },
    ]);
  });

  test.each(['Look for what stands in the way', 'Restore into a new database', 'Check the restored database'])(
    'that fails at %s has stopped nothing',
    async (step) => {
      const end = await start(inPlace, failing(step));
      expect(end.status).toBe('FAILED');
      expect(states(end).at(-1)).toBe('Report the failure');
      expect(states(end)).not.toContain('Stop what uses the database');
    },
  );

  test('whose swap fails is opened, put back, and ends with the first failure', async () => {
    const end = await start(inPlace, failing('Swap the databases'));
    expect(states(end).slice(-5)).toEqual([
      'Swap the databases',
      'Report the failure',
      'Open what the restore has closed',
      'See whether they have changed places',
      'Put back what was stopped all the same',
    ]);
    expect(end).toMatchObject({
      status: 'FAILED',
      cause: expect.stringMatching(
        new RegExp(`^Swap the databases: .*The safety backup is the point ${OLD}. Put back: api. Evidence: evidence/`),
      ) as string,
    });
    const twice = await start(inPlace, { [TASK]: ({ state }) => (/Swap|Open/.test(state) ? refuse() : {}) });
    expect(states(twice).at(-1)).toBe('Put back what was stopped all the same');
    expect(twice).toMatchObject({ cause: expect.stringMatching(/^Swap the databases.*Open what the restore has closed/) as string });
    expect(reports(twice.calls).map(({ step }) => step)).toEqual(['Swap the databases', 'Open what the restore has closed']);
  });

  test('whose stopping fails is put back, and ends even when that fails', async () => {
    const half: RestoreBlocks = {
      ...blocks,
      quiesce: (to) => ({
        ...(blocks.quiesce?.(to) as Block),
        assign: { quiesced: { any: true }, resumed: { complete: true, message: '' } },
      }),
    };
    const end = await start(inPlace, { stop: refuse, resume: refuse }, { blocks: half });
    expect(states(end)).not.toContain('Swap the databases');
    expect(states(end).filter((state) => state === 'Put back what was stopped all the same')).toHaveLength(1);
    expect(end).toMatchObject({ status: 'FAILED', cause: expect.stringMatching(/^Stop what uses the database/) as string });
  });

  test('is told of by its target', async () => {
    const end = await start(inPlace, failing('Swap the databases'));
    expect(reports(end.calls)[0]).toMatchObject({ target: 'in-place', database: 'ida' });
  });
});

describe.each(['drop-and-create', 'clean-replay'])('%s', (target) => {
  test('is stopped, saved, replaced, checked, put back and probed, in this order', async () => {
    const end = await start({ ...replaced, target });
    expect(states(end)).toEqual([
      ...BEGIN,
      ...LOOK,
      'Stop what uses the database',
      'Mark what is to be replaced',
      'Look for an earlier safety backup',
      'Make a safety backup first',
      'Replace the database',
      'Check the restored database',
      'Put back what was stopped',
      'Probe the application',
      ...KEEP,
    ]);
  });

  test('tells the task that replaces which point has what it replaces', async () => {
    const end = await start({ ...replaced, target });
    expect(end.calls.find(({ state }) => state === 'Replace the database')?.payload).toMatchObject({ PHASE: 'replace', SAFETY: OLD });
  });

  test.each([EARLIER, ''])(
    'saves nothing where an earlier run has dropped what is to be saved, and goes by its point (%j)',
    async (safety) => {
      const end = await start({ ...replaced, target }, { 'restore-find-safety': () => ({ isSaved: true, safety }) });
      expect(end.status).toBe('SUCCEEDED');
      expect(states(end)).not.toContain('Make a safety backup first');
      expect(end.calls.find(({ state }) => state === 'Replace the database')?.payload).toMatchObject({ SAFETY: safety });
      expect(end.calls.find(({ name }) => name === 'restore-write-result')?.payload).toMatchObject({ safety });
    },
  );

  test.each(['Mark what is to be replaced', 'Look for an earlier safety backup'])(
    'that fails at %s saves and replaces nothing',
    async (step) => {
      const broken: Answers = step.startsWith('Mark') ? failing(step) : { 'restore-find-safety': refuse };
      const end = await start({ ...replaced, target }, broken);
      expect(end.status).toBe('FAILED');
      expect(states(end)).not.toContain('Make a safety backup first');
      expect(states(end)).not.toContain('Replace the database');
      expect(states(end).at(-1)).toBe('Put back what was stopped all the same');
    },
  );

  test('that fails to be replaced is opened, put back, and names what it was', async () => {
    const end = await start({ ...replaced, target }, failing('Replace the database'));
    expect(states(end).slice(-2)).toEqual(['Open what the restore has closed', 'Put back what was stopped all the same']);
    expect(end).toMatchObject({ status: 'FAILED', cause: expect.stringContaining(`stands in the point ${OLD}`) as string });
  });

  test('whose check fails once it is replaced is put back and recorded, and fails', async () => {
    const end = await start({ ...replaced, target }, failing('Check the restored database', 50));
    expect(states(end).slice(-5)).toEqual(['Put back what was stopped all the same', ...KEEP]);
    expect(end.calls.find(({ name }) => name === 'restore-write-result')?.payload).toMatchObject({
      failed: { failure: 'Unexpected', message: expect.stringMatching(/^Check the restored database/) as string },
    });
    expect(end).toMatchObject({
      status: 'FAILED',
      cause: expect.stringMatching(
        new RegExp(
          `^Check the restored database: .*The database is replaced: .* database ida\\. .*What the database was stands in the point ${OLD}`,
        ),
      ) as string,
    });
  });

  test('whose safety backup fails is put back as it was', async () => {
    const end = await start({ ...replaced, target }, { [BACKUP]: refuse });
    expect(states(end)).not.toContain('Replace the database');
    expect(states(end).at(-1)).toBe('Put back what was stopped all the same');
  });
});

describe('what an earlier restore has kept', () => {
  test('is put back by an undo, with everything stopped meanwhile', async () => {
    const end = await start({ ...inPlace, action: 'undo', of: 'earlier' });
    expect(states(end)).toEqual([
      ...BEGIN,
      'Stop what uses the database',
      'Put the old database back',
      'Put back what was stopped',
      ...KEEP,
    ]);
    expect(end.calls.find(({ state }) => state === 'Put the old database back')?.payload).toMatchObject({ PHASE: 'undo', OF: 'earlier' });
  });

  test('is opened again when the undo fails', async () => {
    const end = await start({ ...inPlace, action: 'undo', of: 'earlier' }, failing('Put the old database back'));
    expect(states(end).slice(-3)).toEqual([
      'Open what the restore has closed',
      'See whether they have changed places',
      'Put back what was stopped all the same',
    ]);
    expect(end.calls.find(({ state }) => state === 'Open what the restore has closed')?.payload).toMatchObject({ OF: 'earlier' });
    expect(reports(end.calls)[0]).toMatchObject({ of: 'earlier' });
  });

  test('is dropped by a finish, and nothing is stopped for it', async () => {
    const end = await start({ ...inPlace, action: 'finish', of: 'earlier', quiesce: false });
    expect(states(end)).toEqual([...BEGIN, 'Drop the database that was kept', ...KEEP]);
  });
});

test('without blocks nobody is asked and nothing stopped, and all the rest is the same', async () => {
  const end = await start(inPlace, {}, {});
  expect(end.status).toBe('SUCCEEDED');
  expect(states(end)).toContain('Swap the databases');
  expect((await start(replaced, failing('Replace the database'), {})).status).toBe('FAILED');
});

test('the second region, which makes no backups, has only what restores beside', async () => {
  const { safetyBackup: _, ...parts } = RESTORE_PARTS;
  const { States } = restoreWorkflow({ ...parts });
  expect(Object.keys(States).filter((name) => /Swap|Replace|was kept|safety|stopped/.test(name))).toEqual([]);
  const end = await runMachine(
    'restore',
    { asset: 'ida-db' },
    { ...ANSWERS.restore, 'restore-retrieve-point': () => readable },
    undefined,
    restoreWorkflow(parts),
  );
  expect(end).toMatchObject({ status: 'SUCCEEDED', output: { point, target: 'beside' } });
});

test.each(['undo', 'finish', 'resume'])('what was accepted there by mistake (%s) restores nothing', async (action) => {
  const { safetyBackup: _, ...parts } = RESTORE_PARTS;
  const check = { ...inPlace, action, of: 'earlier' };
  const end = await runMachine(
    'restore',
    { asset: 'ida-db' },
    { ...ANSWERS.restore, 'restore-check-request': () => check },
    undefined,
    restoreWorkflow(parts),
  );
  expect(end).toMatchObject({ status: 'FAILED', error: 'BadInput', cause: expect.stringContaining(`${action} is for that of`) as string });
  expect(states(end)).toEqual(['Check the request']);
});
