/** Drills and restores of points in cold storage, and how retention sends them there. */
import { describe, expect, test } from 'vitest';
import { point, readable, refuse, reports, retrieving, runWith } from './answers.ts';
import { DEFINITIONS } from './definitions.ts';
import { functionError, reportFailure } from './run-machine.ts';

const HOURS = 3600;

describe.each(['drill', 'restore'] as const)('%s of a point in cold storage', (stage) => {
  const task = `holdfast-ida-ida-db-${stage}`;

  test('asks for the data, waits as retrieving, and starts its task when all is there', async () => {
    const end = await runWith(stage, {
      'restore-retrieve-point': (_call, earlier) =>
        earlier < 3 ? { ...retrieving, seconds: earlier * 600 } : { ...readable, seconds: 1800 },
    });
    expect(end.status).toBe('SUCCEEDED');
    const looks = end.calls.filter(({ name }) => name === 'restore-retrieve-point').map(({ payload }) => payload);
    expect(looks).toHaveLength(4);
    expect(looks[0]).toEqual({ asset: 'ida-db', point, since: '' });
    expect(looks[3]).toEqual({ asset: 'ida-db', point, since: readable.since });
    expect(end.slept).toEqual([600_000, 600_000, 600_000]);
    expect(end.calls.filter(({ name }) => name === task)).toHaveLength(1);
  });

  test('takes no time of the task: its deadline moves with the wait', async () => {
    const looks = 4 * 6;
    const end = await runWith(stage, {
      'restore-retrieve-point': (_call, earlier) =>
        earlier < looks ? { ...retrieving, seconds: earlier * 600 } : { ...readable, seconds: looks * 600 },
    });
    // Four hours are over, and the longest run is one.
    expect(end.status).toBe('SUCCEEDED');
    const { TimeoutSeconds } = DEFINITIONS[stage];
    expect(TimeoutSeconds).toBeGreaterThan(24 * HOURS);
  });

  test('is not given up for looks that fail now and then', async () => {
    const looks = 24 * 6;
    const failing = new Set([5, 50, 51, 100]);
    const end = await runWith(stage, {
      'backup-report-failure': reportFailure(() => true),
      'restore-retrieve-point': (_call, earlier) => {
        if (failing.has(earlier)) throw functionError('VaultUnavailable', 'S3 did not answer');
        return earlier < looks ? retrieving : { ...readable, seconds: looks * 600 };
      },
    });
    expect(end.status).toBe('SUCCEEDED');
    // Two in a row are a first and a second try.
    expect(reports(end.calls).map(({ tries }) => tries)).toEqual([1, 1, 2, 1]);
  });

  test('of a point that is not there is not waited for', async () => {
    const end = await runWith(stage);
    expect(end.slept).toEqual([]);
    expect(end.calls.filter(({ name }) => name === 'restore-retrieve-point')).toHaveLength(1);
  });
});

test('the wait is a part of what the drill measures', async () => {
  const end = await runWith('drill', {
    'restore-retrieve-point': (_call, earlier) => (earlier < 1 ? retrieving : { ...readable, seconds: 600 }),
  });
  const judged = end.calls.find(({ name }) => name === 'drill-judge-drill');
  expect(judged?.payload['retrievalSeconds']).toBe(600);
  const hot = (await runWith('drill')).calls.find(({ name }) => name === 'drill-judge-drill');
  expect(hot?.payload).not.toHaveProperty('retrievalSeconds');
});

test('a drill whose data cannot be retrieved could not run, and there is a verdict on it', async () => {
  const end = await runWith('drill', { 'restore-retrieve-point': refuse });
  expect(end).toMatchObject({ status: 'FAILED', error: 'DrillCouldNotRun' });
  expect(end.calls.filter(({ name }) => name === 'drill-judge-drill')).toHaveLength(1);
});
