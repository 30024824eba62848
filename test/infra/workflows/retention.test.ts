import { describe, expect, test } from 'vitest';
import { RetentionOutput } from '../../../core/retention/contract.ts';
import type { Fields, Json } from '../../../local/interpreter/language.ts';
import { functionError, reportFailure, runMachine, type Answers } from './run-machine.ts';
import { refuse, reports } from './answers.ts';

const run = '20261121T042001Z-3fa9c1';
const PLAN = (asset: string) => `retention/ida/${asset}/${run}.jsonl`;
const EVIDENCE = (asset: string) => `evidence/ida/2026/expiry-${run}-${asset}.json`;
const SWEPT = { attempts: [], objects: 0, bytes: 0, uploads: 0, refused: 0, unreadable: [] };
const lines = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    JSON.stringify({ system: 'ida', asset: 'ida-db', point: `p${n}`, manifestSha256: 'f', reasons: ['no window keeps it'] }),
  ).join('\n');

/** Of two assets one has 25 points that expire. */
const WORKS: Answers = {
  'retention-list-assets': () => ({ run, assets: ['audit', 'ida-db'] }),
  'lock-find-due': () => ({ extend: [], settle: [], sign: [], unreadable: [], later: 0 }),
  'retention-decide-points': ({ payload }) =>
    payload['asset'] === 'ida-db'
      ? { plan: PLAN('ida-db'), expires: 25, later: 0, keeps: 3 }
      : { plan: '', expires: 0, later: 0, keeps: 3 },
  'retention-expire-points': ({ payload }) => ({ expired: (payload['Items'] as unknown[]).length, kept: [] }),
  'retention-sweep-attempts': () => SWEPT,
  'retention-mark-cold': () => ({ points: 1, marked: 0, later: 0 }),
  'retention-write-evidence': ({ payload }) =>
    payload['asset'] === 'ida-db' ? { keys: [EVIDENCE('ida-db')], expired: 25, failed: 0 } : { keys: [], expired: 0, failed: 0 },
  'evidence-sign-objects': () => ({}),
  'lock-lock-objects': () => ({}),
  'copy-copy-records': () => ({}),
  'backup-report-failure': reportFailure(),
};
const runWith = (changed: Answers = {}) =>
  runMachine('retention', {}, { ...WORKS, ...changed }, ({ Bucket, Key }) => {
    expect([Bucket, Key]).toEqual(['holdfast-ida-vault', PLAN('ida-db')]);
    return lines(25);
  });
const callsOf = (end: Awaited<ReturnType<typeof runWith>>, name: string) => end.calls.filter((call) => call.name === name);

describe('a run of retention', () => {
  test('goes through every asset with its own policy, and expires in batches', async () => {
    const end = await runWith();
    expect(end.status === 'SUCCEEDED' && RetentionOutput.parse(end.output)).toEqual({
      run,
      assets: [
        { asset: 'audit', expired: 0, kept: 0, later: 0, sweptObjects: 0, markedCold: 0, extended: 0, settled: 0, evidence: [] },
        {
          asset: 'ida-db',
          expired: 25,
          kept: 0,
          later: 0,
          sweptObjects: 0,
          markedCold: 0,
          extended: 0,
          settled: 0,
          evidence: [EVIDENCE('ida-db')],
        },
      ],
    });
    const batches = callsOf(end, 'retention-expire-points').map(({ payload }) => payload);
    expect(batches.map(({ Items }) => (Items as unknown[]).length)).toEqual([10, 10, 5]);
    for (const { BatchInput } of batches) expect(BatchInput).toMatchObject({ asset: 'ida-db', run, policy: { keepProven: 2 } });
    expect(callsOf(end, 'retention-list-assets')[0]?.payload['assets']).toEqual(['ida-db', 'audit']);
  });

  test('signs, locks and copies evidence where there is some', async () => {
    const end = await runWith();
    const records = [EVIDENCE('ida-db'), EVIDENCE('ida-db').replace('.json', '.dsse.json')];
    expect(callsOf(end, 'evidence-sign-objects').map(({ payload }) => payload['keys'])).toEqual([[EVIDENCE('ida-db')]]);
    expect(callsOf(end, 'lock-lock-objects').map(({ payload }) => payload['keys'])).toEqual([records]);
    expect(callsOf(end, 'copy-copy-records').map(({ payload }) => payload['keys'])).toEqual([records]);
  });

  test('marks what moves to cold storage of assets whose plan has one, and says how much', async () => {
    const end = await runWith({ 'retention-mark-cold': () => ({ points: 2, marked: 7, later: 0 }) });
    expect(callsOf(end, 'retention-mark-cold').map(({ payload }) => payload)).toEqual([
      { asset: 'ida-db', run, policy: expect.objectContaining({ cold: { afterSeconds: 2_592_000, class: 'glacier-ir' } }) as object },
    ]);
    expect(end.status === 'SUCCEEDED' && RetentionOutput.parse(end.output).assets.map(({ markedCold }) => markedCold)).toEqual([0, 7]);
  });

  const POINT = '20261101T011500Z';
  const LOCKED = `catalog/ida/ida-db/${POINT}/locked-${run}.json`;
  const HELD = `catalog/ida/ida-db/${POINT}/held-20261120T042001Z-3fa9c1.json`;
  const due: Answers = {
    'lock-find-due': ({ payload }) =>
      payload['asset'] === 'audit'
        ? { extend: [], settle: [], sign: [], unreadable: [], later: 0 }
        : { extend: [{ point: POINT, until: '2027-11-01T01:15:00.000Z' }], settle: [POINT], sign: [HELD], unreadable: [], later: 0 },
    'lock-lock-objects': ({ payload }): Json => ('point' in payload ? { fact: LOCKED } : {}),
    'lock-hold-objects': (_call, earlier) => ({ held: true, objects: 9, after: earlier === 0 ? 'data/1' : '' }),
  };

  test('first locks and holds what is to stay, and signs, locks and copies what says so', async () => {
    const end = await runWith(due);
    const own = end.calls.filter(({ payload }) => payload['asset'] === 'ida-db' || 'keys' in payload).map(({ name }) => name);
    expect(own.slice(0, 5)).toEqual([
      'lock-find-due',
      'lock-lock-objects',
      'lock-hold-objects',
      'lock-hold-objects',
      'retention-decide-points',
    ]);
    const term = { mode: 'governance', lengthDays: 30 };
    expect(callsOf(end, 'lock-find-due').find(({ payload }) => payload['asset'] === 'ida-db')?.payload).toMatchObject({ run, term });
    expect(callsOf(end, 'lock-lock-objects')[0]?.payload).toEqual({
      system: 'ida',
      asset: 'ida-db',
      run,
      term,
      point: POINT,
      until: '2027-11-01T01:15:00.000Z',
      keys: [],
    });
    expect(callsOf(end, 'lock-hold-objects').map(({ payload }) => payload['after'])).toEqual([undefined, 'data/1']);
    expect(callsOf(end, 'evidence-sign-objects').map(({ payload }) => payload['keys'])).toEqual([[EVIDENCE('ida-db'), LOCKED, HELD]]);
    const signed = [EVIDENCE('ida-db'), LOCKED, HELD].flatMap((key) => [key, key.replace('.json', '.dsse.json')]);
    const copied = callsOf(end, 'copy-copy-records').flatMap(({ payload }) => payload['keys'] as string[]);
    expect(copied.toSorted()).toEqual(signed.toSorted());
    expect(end.status === 'SUCCEEDED' && RetentionOutput.parse(end.output).assets[1]).toMatchObject({ extended: 1, settled: 1 });
  });

  test('signs what says so where nothing expires, too', async () => {
    const nothing = { 'retention-write-evidence': () => ({ keys: [], expired: 0, failed: 0 }) };
    const end = await runWith({ ...due, ...nothing });
    expect(callsOf(end, 'evidence-sign-objects').map(({ payload }) => payload['keys'])).toEqual([[LOCKED, HELD]]);
  });

  test('names a point that could not be locked, and goes on with the others', async () => {
    const end = await runWith({
      'lock-find-due': ({ payload }) => ({
        extend: [],
        settle: [],
        sign: [],
        unreadable: payload['asset'] === 'audit' ? [`the lock of ${POINT} was not extended: damaged`] : [],
        later: 0,
      }),
    });
    expect(callsOf(end, 'retention-expire-points')).toHaveLength(3);
    expect(end).toMatchObject({ status: 'FAILED', cause: `Not done: audit: the lock of ${POINT} was not extended: damaged` });
  });

  const POINTS = Array.from({ length: 12 }, (_, day) => `202611${String(day + 1).padStart(2, '0')}T011500Z`);
  const [FIRST = '', SECOND = ''] = POINTS;
  const allDue: Answers[string] = ({ payload }) => {
    const points = payload['asset'] === 'ida-db' ? POINTS : [];
    const extend = points.map((point) => ({ point, until: '2027-11-01T01:15:00.000Z' }));
    return { extend, settle: points, sign: [], unreadable: [], later: 0 };
  };
  const lockBut =
    (isRefused: (point: string, earlier: number) => boolean) =>
    ({ payload }: { payload: Fields }, earlier: number): Json => {
      const { point } = payload;
      if (typeof point !== 'string') return {};
      if (isRefused(point, earlier)) throw functionError('PointMissing', 'a version of its data is gone');
      return { fact: `catalog/ida/ida-db/${point}/locked-${run}.json` };
    };

  test('names a point whose lock or holds cannot be set, and goes on with all others', async () => {
    const end = await runWith({
      'lock-find-due': allDue,
      'lock-lock-objects': lockBut((point) => point === FIRST),
      'lock-hold-objects': ({ payload }) => {
        if (payload['point'] === SECOND) throw functionError('VaultRefused', 'S3 refused the hold');
        return { held: true, objects: 9, after: '' };
      },
    });
    const locked = POINTS.slice(1).map((point) => `catalog/ida/ida-db/${point}/locked-${run}.json`);
    expect(callsOf(end, 'evidence-sign-objects')[0]?.payload['keys']).toEqual([EVIDENCE('ida-db'), ...locked]);
    expect(new Set(callsOf(end, 'lock-hold-objects').map(({ payload }) => payload['point']))).toEqual(new Set(POINTS));
    expect(callsOf(end, 'retention-expire-points')).toHaveLength(3);
    expect(end).toMatchObject({
      status: 'FAILED',
      cause: `Not done: ida-db: the lock of ${FIRST}: a version of its data is gone, the holds of ${SECOND}: S3 refused the hold`,
    });
  });

  test('asks once more for a lock that was refused, and says nothing of it when it is granted then', async () => {
    const end = await runWith({
      'lock-find-due': allDue,
      'lock-lock-objects': lockBut((_point, earlier) => earlier === 0),
      'lock-hold-objects': () => ({ held: true, objects: 9, after: '' }),
    });
    expect(end.status === 'SUCCEEDED' && RetentionOutput.parse(end.output).assets[1]).toMatchObject({ extended: 12, settled: 12 });
  });

  test('hands what stayed to the evidence, and fails for what should be gone', async () => {
    const kept = [{ point: 'p1', failed: true, why: 'an object of it is locked' }];
    const end = await runWith({
      'retention-expire-points': ({ payload }, earlier) => ({
        expired: (payload['Items'] as unknown[]).length - (earlier === 0 ? 1 : 0),
        kept: earlier === 0 ? kept : [],
      }),
      'retention-write-evidence': ({ payload }) =>
        payload['asset'] === 'ida-db' ? { keys: [EVIDENCE('ida-db')], expired: 24, failed: 1 } : { keys: [], expired: 0, failed: 0 },
    });
    expect(callsOf(end, 'retention-write-evidence').find(({ payload }) => payload['asset'] === 'ida-db')?.payload['kept']).toEqual(kept);
    expect(end).toMatchObject({
      status: 'FAILED',
      error: 'PointNotExpired',
      cause: `Not done: ida-db: 1 point that expires is still there, see ${EVIDENCE('ida-db')}`,
    });
    expect(reports(end.calls)).toMatchObject([
      { stage: 'retention', error: { Error: 'PointNotExpired', Cause: expect.stringContaining('ida-db: 1 point that expires') as string } },
    ]);
    // Signed and locked all the same.
    expect(callsOf(end, 'lock-lock-objects')).toHaveLength(1);
  });

  test.each(['retention-sweep-attempts', 'retention-mark-cold'])(
    'writes, signs and locks its evidence when %s fails for good',
    async (name) => {
      const end = await runWith({ [name]: refuse });
      expect(end).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('ida-db: ') as string });
      expect(callsOf(end, 'evidence-sign-objects').map(({ payload }) => payload['keys'])).toEqual([[EVIDENCE('ida-db')]]);
      expect(callsOf(end, 'lock-lock-objects')).toHaveLength(1);
    },
  );

  test.each(['retention-sweep-attempts', 'retention-mark-cold', 'evidence-sign-objects'])(
    'tells of points that are still there also where %s failed, of which it told when it did',
    async (name) => {
      const end = await runWith({
        'retention-write-evidence': ({ payload }) =>
          payload['asset'] === 'ida-db' ? { keys: [EVIDENCE('ida-db')], expired: 23, failed: 2 } : { keys: [], expired: 0, failed: 0 },
        [name]: ({ payload }) => (payload['asset'] === 'audit' ? SWEPT : refuse()),
      });
      const left = `ida-db: 2 points that expire are still there, see ${EVIDENCE('ida-db')}, `;
      expect(end).toMatchObject({ status: 'FAILED', cause: expect.stringContaining(left) as string });
      const told = reports(end.calls).map(({ error }) => error) as { Error: string; Cause: string }[];
      expect(told.map(({ Error }) => Error)).toEqual(['VaultRefused', 'PointNotExpired']);
      expect(told[1]?.Cause).toContain(left);
    },
  );

  test('names the slots that could not be swept', async () => {
    const why = 'the attempts beside 20261110T020000Z were not swept: damaged';
    const end = await runWith({
      'retention-sweep-attempts': ({ payload }) => ({ ...SWEPT, unreadable: payload['asset'] === 'audit' ? [why] : [] }),
    });
    expect(end).toMatchObject({ status: 'FAILED', cause: `Not done: audit: ${why}` });
    expect(callsOf(end, 'lock-lock-objects')).toHaveLength(1);
  });

  test('whose batch fails for good goes on with the others, and leaves it to the evidence', async () => {
    const end = await runWith({
      'retention-expire-points': ({ payload }, earlier) => {
        if (earlier === 0) throw functionError('VaultUnavailable', 'S3 was away');
        return { expired: (payload['Items'] as unknown[]).length, kept: [] };
      },
    });
    expect(callsOf(end, 'retention-expire-points')).toHaveLength(3);
    expect(end.status).toBe('SUCCEEDED');
  });
});

const STEPS = [
  'lock-find-due',
  'retention-decide-points',
  'retention-sweep-attempts',
  'retention-mark-cold',
  'retention-write-evidence',
  'evidence-sign-objects',
  'copy-copy-records',
];

describe.each(STEPS)('when %s fails', (name) => {
  const failsFor: Answers[string] = (call, earlier) => {
    if (call.payload['asset'] !== 'audit') return refuse();
    return WORKS[name]?.(call, earlier) ?? {};
  };

  test('it is told with the asset, the other asset is done, and the end names it', async () => {
    const end = await runWith({ [name]: failsFor });
    expect(end).toMatchObject({ status: 'FAILED', error: 'PointNotExpired', cause: expect.stringContaining('ida-db: ') as string });
    expect('cause' in end && end.cause).not.toContain('audit:');
    expect(reports(end.calls)).toMatchObject([{ stage: 'retention', asset: 'ida-db', run, tries: 1, error: { Error: 'VaultRefused' } }]);
    expect(callsOf(end, 'retention-write-evidence').some(({ payload }) => payload['asset'] === 'audit')).toBe(true);
  });

  test('it is tried again while that is worth it', async () => {
    const end = await runWith({
      [name]: (call, earlier) => (earlier < 2 ? refuse() : (WORKS[name]?.(call, earlier) ?? {})),
      'backup-report-failure': reportFailure(() => true),
    });
    expect(end.status).toBe('SUCCEEDED');
  });
});

test('an input that names no asset of the plan ends before anything is decided', async () => {
  const end = await runWith({
    'retention-list-assets': () => {
      throw functionError('BadInput', 'the assets are ida-db and audit');
    },
  });
  expect(end).toMatchObject({ status: 'FAILED', error: 'BadInput' });
  expect(callsOf(end, 'retention-decide-points')).toEqual([]);
});
