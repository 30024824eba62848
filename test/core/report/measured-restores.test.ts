import { expect, test } from 'vitest';
import { describeTimes, measureRestores, placeOf, stands } from '../../../core/report/measured-restores.ts';
import type { RestoreFollowUp, RestoreResult } from '../../../core/restore/result.ts';
import { recoverySeconds } from '../../../core/restore/times.ts';
import type { SignOff } from '../../../core/sign-off/records.ts';
import { session } from '../approval/records.ts';
import { restoreResult } from '../restore/results.ts';

const result = (run: string, change: Partial<RestoreResult> = {}) => restoreResult({ run, ...change });
const signOff = (run: string, change: Partial<SignOff> = {}): SignOff => ({
  format: 'holdfast/sign-off/v1',
  system: 'ida',
  asset: 'postgres',
  point: '20261121T011500Z',
  run,
  target: 'in-place',
  database: 'ida',
  resultSha256: 'a'.repeat(64),
  checks: [],
  followUps: [],
  by: session('requester', 'ann'),
  at: '2026-11-21T11:00:00.000Z',
  ...change,
});

test('a recovery lasts from the loss until the asset could be used: the machine’s time once, and people’s besides', () => {
  const machine = { approvalSeconds: 300, restoreSeconds: 600, validationSeconds: 60 };
  expect(recoverySeconds({ ...machine, elapsedSeconds: 1200 })).toBe(1200);
  expect(recoverySeconds({ ...machine, elapsedSeconds: 1200, detectionSeconds: 900, followUpSeconds: 1500 })).toBe(3600);
  expect(recoverySeconds(machine)).toBe(960);
  expect(recoverySeconds({ followUpSeconds: 60 })).toBeUndefined();
  expect(recoverySeconds(undefined)).toBeUndefined();
});

test('what people said in the sign-off counts, and a restore of an earlier release is listed without a time', () => {
  const times = { restoreSeconds: 600, elapsedSeconds: 1200, followUpSeconds: 60 };
  const [newest, old] = measureRestores(
    [result('old', { finishedAt: '2026-01-01T00:00:00.000Z' }), result('new', { target: 'in-place', times, kept: 'ida_before' })],
    [signOff('new', { times: { ...times, detectionSeconds: 300, followUpSeconds: 1500 } }), signOff('another')],
  );
  expect(newest).toMatchObject({ run: 'new', target: 'in-place', seconds: 3000, signed: { by: 'ann' }, kept: 'ida_before' });
  expect(old).toMatchObject({ run: 'old', target: 'beside', seconds: undefined, signed: undefined });
  expect(describeTimes(newest?.times ?? {})).toBe('detection 5 min, restore 10 min, follow-ups 25 min');
  expect(describeTimes({})).toBe('');
  expect(describeTimes({ safetySeconds: 11, restoreSeconds: 3.2, validationSeconds: 0.3, quiesceSeconds: 0 })).toBe(
    'safety backup 11 s, restore 3 s, validation less than a second',
  );
  expect(describeTimes({ validationSeconds: 0 })).toBe('validation less than a second');
});

test('one that failed or was undone is told from a good one, and nobody waits for its sign-off', () => {
  const failed = {
    validation: { checks: [{ name: 'rows', kind: 'row-count', outcome: 'failed', expected: '2', measured: '1' } as const] },
  };
  const undo: RestoreFollowUp = {
    format: 'holdfast/restore-follow-up/v1',
    action: 'undo',
    system: 'ida',
    asset: 'postgres',
    run: 'u',
    of: 'undone',
    database: 'ida',
    startedAt: '2026-11-21T12:00:00.000Z',
    finishedAt: '2026-11-21T12:01:00.000Z',
    notes: [],
  };
  const measured = measureRestores(
    [result('good'), result('failed', failed), result('forgiven', failed), result('undone')],
    [signOff('forgiven')],
    [undo, { ...undo, action: 'finish', of: 'good' }],
  );
  expect(measured.map((one) => [one.run, one.outcome.word, one.undoneAt !== undefined, stands(one)])).toEqual([
    ['good', 'Restored', false, true],
    ['failed', 'Restored, a check failed', false, false],
    ['forgiven', 'Restored, a check failed', false, true],
    ['undone', 'Restored', true, false],
  ]);
});

test('one of a part of a point is named so, and is no time of a recovery', () => {
  const times = { restoreSeconds: 4, elapsedSeconds: 5 };
  const of = (selection: RestoreResult['selection']) => result(JSON.stringify(selection), { times, ...(selection && { selection }) });
  const measured = measureRestores(
    [
      of({ tables: ['public.users', 'public.roles'] }),
      of({ exclude: ['a.a', 'a.b', 'a.c', 'a.d', 'a.e', 'a.f', 'a.g'] }),
      of({ schemaOnly: true }),
      of({ noOwner: true, noPrivileges: true }),
      of(undefined),
    ],
    [],
  );
  expect(measured.map(({ part, seconds, outcome: { word } }) => [part, seconds, word])).toEqual([
    ['only public.users, public.roles', undefined, 'Restored in part'],
    ['without a.a, a.b, a.c, a.d, a.e and 2 more', undefined, 'Restored in part'],
    ['no rows', undefined, 'Restored in part'],
    [undefined, 5, 'Restored'],
    [undefined, 5, 'Restored'],
  ]);
  expect(measured.map(placeOf).slice(2, 4)).toEqual([
    'a part (no rows): a new database on the server of the source',
    'a new database on the server of the source',
  ]);
});
