import { describe, expect, test } from 'vitest';
import { ANSWERS, evidence, point, refuse, reports, restored, run, runWith, verdict } from './answers.ts';
import { functionError, reportFailure, runMachine, taskError } from './run-machine.ts';

describe('a drill', () => {
  test('of a scenario hands its name to the task, and to the judge with which point was taken, and a plain one an empty one and none', async () => {
    for (const scenario of ['deleted', undefined]) {
      const chosen = {
        found: true,
        system: 'ida',
        asset: 'ida-db',
        point,
        run,
        from: 'vault',
        isNewest: scenario === undefined,
        ...(scenario === undefined ? {} : { scenario, damagedAt: '2026-11-19T02:00:00.000Z' }),
      };
      const { calls, status } = await runWith('drill', { 'drill-choose-point': () => chosen });
      expect(status).toBe('SUCCEEDED');
      const payload = (name: string) => calls.find((call) => call.name.endsWith(name))?.payload;
      expect(payload('choose-point')).toHaveProperty('scenarios');
      expect(payload('ida-db-drill')).toMatchObject({ SCENARIO: scenario ?? '' });
      expect(payload('judge-drill')).toMatchObject({ isNewest: scenario === undefined });
      expect([payload('judge-drill')?.['scenario'], payload('judge-drill')?.['damagedAt']]).toEqual([
        scenario,
        scenario === undefined ? undefined : '2026-11-19T02:00:00.000Z',
      ]);
    }
  });

  test('without a point is judged, signed, locked, told, and could not run', async () => {
    const end = await runWith('drill', {
      'drill-choose-point': () => ({ found: false, system: 'ida', asset: 'ida-db', run, reason: 'no verified point' }),
      'drill-judge-drill': ({ payload }) => verdict('could-not-run', [payload['reason'] as string]),
    });
    expect(end).toMatchObject({
      status: 'FAILED',
      error: 'DrillCouldNotRun',
      cause: `The drill could not run for ida-db: no verified point (evidence: ${evidence})`,
    });
    expect(end.calls.map((call) => call.state)).toEqual([
      'Choose the point',
      'Judge the drill',
      'Sign the evidence',
      'Lock the evidence',
      'Copy the records',
      'Tell how the drill ended',
    ]);
    expect(reports(end.calls)[0]).toMatchObject({ step: 'Judge the drill', error: { Error: 'PointMissing', Cause: 'no verified point' } });
  });

  test('whose check failed is told as such, and has another end than one that could not run', async () => {
    const end = await runWith('drill', {
      'drill-judge-drill': () => verdict('failed', ['rows of credentials: 9, not 10', 'canary closed']),
    });
    expect(end).toMatchObject({ status: 'FAILED', error: 'CheckFailed' });
    expect('cause' in end && end.cause).toContain('rows of credentials: 9, not 10; canary closed');
    expect(reports(end.calls)).toMatchObject([{ error: { Error: 'CheckFailed' } }]);
  });

  test('whose task failed is judged with what the task said, and told once', async () => {
    const end = await runWith('drill', {
      'holdfast-ida-ida-db-drill': () => {
        throw taskError(30);
      },
      'drill-judge-drill': () => verdict('failed', ['stored bytes differ']),
    });
    expect(end).toMatchObject({ status: 'FAILED', error: 'CheckFailed' });
    const judged = end.calls.find((call) => call.name === 'drill-judge-drill')?.payload;
    expect(judged).toMatchObject({
      point,
      from: 'vault',
      reason: expect.stringMatching(/\w/) as string,
      error: { Error: 'States.TaskFailed' },
    });
    expect(reports(end.calls)).toHaveLength(1);
  });

  test('whose judge fails at first still hears of the failed task', async () => {
    const end = await runWith('drill', {
      'holdfast-ida-ida-db-drill': () => {
        throw taskError(45);
      },
      'drill-judge-drill': (_call, earlier) => {
        if (earlier === 0) throw functionError('VaultUnavailable', 'S3 was away');
        return verdict('could-not-run', ['no database']);
      },
      'backup-report-failure': reportFailure((error) => error === 'VaultUnavailable'),
    });
    expect(end).toMatchObject({ status: 'FAILED', error: 'DrillCouldNotRun' });
    const judged = end.calls.filter((call) => call.name === 'drill-judge-drill').map((call) => call.payload['error']);
    expect(judged).toHaveLength(2);
    expect(judged[1]).toEqual(judged[0]);
  });

  test('that is not passed ends so even when nobody can be told', async () => {
    const end = await runWith('drill', { 'drill-judge-drill': () => verdict('failed', ['stale']), 'backup-report-failure': refuse });
    expect(end).toMatchObject({ status: 'FAILED', error: 'CheckFailed' });
  });
});

test('a restore that cannot be met ends with the message of the check, and starts nothing', async () => {
  const message = "There is no point 'x': the points are 20261121T020000Z";
  const end = await runWith('restore', { 'restore-check-request': () => ({ accepted: false, problems: [message], message }) });
  expect(end).toMatchObject({ status: 'FAILED', error: 'BadInput', cause: message });
  expect(end.calls).toHaveLength(1);
});

describe('a restore whose database stands', () => {
  const RESTORED = `The restore worked: the point ${point} stands in the new database ida_restored. Its evidence is incomplete: `;
  const steps = [
    ['restore-write-result', 'Write the evidence'],
    ['evidence-sign-objects', 'Sign the evidence'],
    ['lock-lock-objects', 'Lock the evidence'],
    ['copy-copy-records', 'Copy the records'],
  ] as const;

  test('signs, locks and copies the record of it, in this order', async () => {
    const end = await runWith('restore');
    const result = `evidence/ida/2026/restore-result-${run}.json`;
    const signature = `evidence/ida/2026/restore-result-${run}.dsse.json`;
    expect(end.calls.slice(1).map(({ state, payload }) => [state, payload['keys']])).toEqual([
      ['Ask for what is in cold storage', undefined],
      ['Restore into a new database', undefined],
      ['Write the evidence', undefined],
      ['Sign the evidence', [result]],
      ['Lock the evidence', [result, signature]],
      ['Copy the records', [result, signature]],
    ]);
  });

  test.each(steps)('says so when %s fails, and what did not work', async (name, step) => {
    const end = await runWith('restore', { [name]: refuse });
    expect(end).toMatchObject({ status: 'FAILED', error: 'VaultRefused', cause: `${RESTORED}${step}: VaultRefused` });
    expect(reports(end.calls)).toMatchObject([{ stage: 'restore', step, point, run }]);
  });

  test.each(steps)('says so when nobody can be told that %s failed', async (name, step) => {
    const end = await runWith('restore', { [name]: refuse, 'backup-report-failure': refuse });
    expect(end).toMatchObject({
      status: 'FAILED',
      cause: expect.stringContaining(`${RESTORED}${step} failed with VaultRefused, and nobody`) as string,
    });
  });

  test.each(steps)('is not restored again when %s is tried again', async (name) => {
    const end = await runWith('restore', {
      [name]: (_call, earlier) => (earlier < 2 ? refuse() : restored),
      'backup-report-failure': reportFailure(() => true),
    });
    expect(end.status).toBe('SUCCEEDED');
    expect(end.calls.filter((call) => call.state === 'Restore into a new database')).toHaveLength(1);
  });
});

test('a request that could not be checked is told by its own words', async () => {
  const input = { resume: '20261121T091500Z-3fa9c1', asset: 'ida-db' };
  const end = await runMachine('restore', input, { ...ANSWERS.restore, 'restore-check-request': refuse });
  expect(reports(end.calls)).toMatchObject([{ step: 'Check the request', action: 'resume', of: input.resume, asset: 'ida-db' }]);
});

test.each([
  [{ withoutKeys: true }, { withoutKeys: true }],
  [{}, undefined],
] as const)('a restore that failed is told as it was asked for: %j', async (asked, told) => {
  const input = { asset: 'ida-db', to: 'ida_restored', ...asked };
  const end = await runMachine('restore', input, { ...ANSWERS.restore, 'holdfast-ida-ida-db-restore': refuse });
  expect(reports(end.calls)[0]?.['withoutKeys']).toBe(told?.withoutKeys);
});

test('a restore that failed signs, locks and copies evidence of that', async () => {
  const end = await runWith('restore', {
    'holdfast-ida-ida-db-restore': () => {
      throw taskError(40);
    },
  });
  expect(end).toMatchObject({ status: 'FAILED', cause: expect.not.stringContaining('The restore worked') as string });
  expect(reports(end.calls)[0]).toMatchObject({ database: 'ida_restored', selection: expect.any(Object) as object });
  const keys = [restored.evidence, restored.signature];
  expect(end.calls.slice(-4).map(({ state, payload }) => [state, payload['keys']])).toEqual([
    ['Write down how it failed', undefined],
    ['Sign how it failed', [restored.evidence]],
    ['Lock how it failed', keys],
    ['Copy how it failed', keys],
  ]);
  expect(end.calls.at(-4)?.payload).toMatchObject({ stands: false, failed: { step: 'Restore into a new database' } });
});
