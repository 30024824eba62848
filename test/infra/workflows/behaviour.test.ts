import { describe, expect, test } from 'vitest';
import { BackupOutput } from '../../../core/backup/contract.ts';
import { DrillOutput } from '../../../core/drill/contract.ts';
import { EscrowOutput } from '../../../core/escrow/contract.ts';
import { RestoreOutput } from '../../../core/restore/contract.ts';
import { StateFailed } from '../../../local/interpreter/errors.ts';
import type { Json } from '../../../local/interpreter/language.ts';
import { functionError, reportFailure, runMachine, taskError } from './run-machine.ts';
import type { Answers, Call } from './run-machine.ts';

const point = '20261121T020000Z';
const run = '20261121T020001Z-3fa9c1';
const attempt = { system: 'ida', asset: 'ida-db', slot: point, point, claim: 2, run };
const evidence = `evidence/ida/2026/drill-${run}.json`;
const batch = { key: 'data/x', versionId: 'v1', uploadId: 'u1', sizeBytes: 9, firstPart: 1, lastPart: 1, partBytes: 16 };
const verdict = (outcome: string, reasons: string[]) => ({ outcome, evidence, keys: [evidence], reasons });

const ANSWERS = {
  backup: {
    'backup-admit-slot': () => ({ admitted: true, ...attempt }),
    'holdfast-ida-ida-db-dump': () => ({}),
    'holdfast-ida-ida-db-verify': () => ({}),
    'lock-lock-objects': () => ({}),
    'copy-plan-copy': () => ({ batches: [batch, { ...batch, firstPart: 2, lastPart: 2 }] }),
    'copy-copy-parts': () => ({}),
    'copy-complete-copy': () => ({}),
    'evidence-sign-objects': () => ({}),
    'record-record-point': () => ({ link: 'chain/ida/ida-db/000000001.json' }),
    'copy-copy-records': () => ({}),
    'backup-report-failure': reportFailure(),
  },
  escrow: {
    'escrow-list-versions': () => ({ run, versions: ['a', 'b', 'c'].map((secretVersion) => ({ key: 'wallet-key', secretVersion, run })) }),
    'escrow-escrow-version': ({ payload }) => ({
      key: 'wallet-key',
      fingerprint: `f-${payload['secretVersion'] as string}`,
      run,
      created: true,
    }),
    'escrow-read-back': () => ({}),
    'backup-report-failure': reportFailure(),
  },
  drill: {
    'drill-choose-point': () => ({ found: true, system: 'ida', asset: 'ida-db', point, run, from: 'vault' }),
    'holdfast-ida-ida-db-drill': () => ({}),
    'drill-judge-drill': ({ payload }) =>
      payload['error'] === undefined ? verdict('passed', []) : verdict('could-not-run', ['the task failed']),
    'evidence-sign-objects': () => ({}),
    'lock-lock-objects': () => ({}),
    'copy-copy-records': () => ({}),
    'backup-report-failure': reportFailure(),
  },
  restore: {
    'restore-check-request': () => ({ accepted: true, system: 'ida', asset: 'ida-db', point, run, database: 'ida_restored' }),
    'holdfast-ida-ida-db-restore': () => ({}),
    'backup-report-failure': reportFailure(),
  },
} satisfies Record<string, Answers>;

type Stage = keyof typeof ANSWERS;
const STAGES = Object.keys(ANSWERS) as Stage[];
const INPUT = { backup: { asset: 'ida-db' }, escrow: {}, drill: { asset: 'ida-db' }, restore: { asset: 'ida-db' } };
const runWith = (stage: Stage, changed: Answers = {}) => runMachine(stage, INPUT[stage], { ...ANSWERS[stage], ...changed });
const reports = (calls: Call[]) => calls.filter((call) => call.name === 'backup-report-failure').map((call) => call.payload);

describe('when nothing fails', () => {
  test('backup makes one point, in order, and copies every batch', async () => {
    const { calls, ...end } = await runWith('backup');
    expect(BackupOutput.parse('output' in end ? end.output : end)).toMatchObject({
      committed: true,
      point,
      link: 'chain/ida/ida-db/000000001.json',
    });
    expect(calls.map((call) => call.state)).toEqual([
      'Admit the slot',
      'Dump the database',
      'Verify every byte',
      'Lock the point',
      'Plan the copy',
      'Copy one batch of parts',
      'Copy one batch of parts',
      'Complete the copy',
      'Sign the manifest',
      'Record the point',
      'Lock the records',
      'Copy the records',
    ]);
    expect(calls[1]?.payload).toEqual({ POINT: point, CLAIM: '2', TRY: '1', RUN: run });
  });

  test('a point without bytes to copy in parts is copied all the same', async () => {
    const end = await runWith('backup', { 'copy-plan-copy': () => ({ batches: [] }) });
    expect(end.status).toBe('SUCCEEDED');
    expect(end.calls.find((call) => call.name === 'copy-complete-copy')?.payload).toMatchObject({ batches: [] });
  });

  test('escrow, drill and restore end with what they are for', async () => {
    const [escrow, drill, restore] = await Promise.all([runWith('escrow'), runWith('drill'), runWith('restore')]);
    expect(EscrowOutput.parse('output' in escrow ? escrow.output : escrow).versions).toHaveLength(3);
    expect(escrow.calls.filter((call) => call.name === 'escrow-read-back').map((call) => call.payload['place'])).toEqual(
      expect.arrayContaining(['vault', 'replica', 'vault', 'replica', 'vault', 'replica']),
    );
    expect(DrillOutput.parse('output' in drill ? drill.output : drill)).toMatchObject({ outcome: 'passed', evidence });
    expect(RestoreOutput.parse('output' in restore ? restore.output : restore)).toMatchObject({
      database: 'ida_restored',
      result: `evidence/ida/2026/restore-result-${run}.json`,
    });
  });

  test('a slot that belongs to another run is left to it, and that is no failure', async () => {
    const end = await runWith('backup', { 'backup-admit-slot': () => ({ admitted: false, reason: 'held by another' }) });
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: { committed: false, reason: 'held by another' } });
    expect(end.calls).toHaveLength(1);
  });
});

/** The function or task that each step calls. */
const steps = STAGES.flatMap((stage) =>
  Object.keys(ANSWERS[stage])
    .filter((name) => name !== 'backup-report-failure')
    .map((name) => [stage, name] as const),
);
const refuse = () => {
  throw functionError('VaultRefused', 'no');
};

describe.each(steps)('%s, when %s fails', (stage, name) => {
  /** The task of a drill is judged whatever became of it. */
  const ends = name === 'holdfast-ida-ida-db-drill' ? 'DrillCouldNotRun' : 'VaultRefused';

  test('tells it once and ends with its class and a cause', async () => {
    const end = await runWith(stage, { [name]: refuse });
    expect(end).toMatchObject({ status: 'FAILED', error: ends, cause: expect.stringMatching(/\w/) as string });
    const told = reports(end.calls);
    // Each of the three versions of a key fails by itself.
    expect(told).toHaveLength(stage === 'escrow' && name !== 'escrow-list-versions' ? 3 : 1);
    expect(told[0]).toMatchObject({ stage, tries: 1, error: { Error: 'VaultRefused' } });
  });

  test('ends with the original failure when it cannot be told', async () => {
    const end = await runWith(stage, {
      [name]: refuse,
      'backup-report-failure': () => {
        throw functionError('Unexpected', 'the topic is gone');
      },
    });
    expect(end).toMatchObject({ status: 'FAILED', error: ends });
    if (ends === 'VaultRefused') expect(end).toMatchObject({ cause: expect.stringContaining('nobody could be told') as string });
  });

  test('is tried again while that is worth it, and goes on from there', async () => {
    const works: Answers = ANSWERS[stage];
    const failsTwice: Answers[string] = (call, earlier) => (earlier < 2 ? refuse() : (works[name]?.(call, earlier) ?? {}));
    const end = await runWith(stage, {
      // One of each, so that the calls of one step are its tries.
      'copy-plan-copy': () => ({ batches: [batch] }),
      'escrow-list-versions': () => ({ run, versions: [{ key: 'wallet-key', secretVersion: 'a', run }] }),
      [name]: failsTwice,
      'backup-report-failure': reportFailure(() => true),
    });
    expect(end.status).toBe('SUCCEEDED');
    const tries = reports(end.calls).map((told) => told['tries']);
    expect(tries.slice(0, 2)).toEqual([1, 2]);
    expect(end.slept).toEqual(expect.arrayContaining([30_000, 60_000]));
  });
});

test('each try of a dump has a number of its own, and verify begins to count anew', async () => {
  const twice: Answers[string] = (_call, earlier) => {
    if (earlier < 2) throw taskError(18);
    return {};
  };
  const end = await runWith('backup', {
    'holdfast-ida-ida-db-dump': twice,
    'holdfast-ida-ida-db-verify': twice,
    'backup-report-failure': reportFailure(() => true),
  });
  expect(end.status).toBe('SUCCEEDED');
  expect(end.calls.filter((call) => call.name.endsWith('dump')).map((call) => call.payload['TRY'])).toEqual(['1', '2', '3']);
  expect(reports(end.calls).map(({ step, tries }) => [step, tries])).toEqual([
    ['Dump the database', 1],
    ['Dump the database', 2],
    ['Verify every byte', 1],
    ['Verify every byte', 2],
  ]);
});

test('a fault of a service is retried without telling anybody', async () => {
  const end = await runWith('backup', {
    'lock-lock-objects': (_call, earlier) => {
      if (earlier < 2) throw new StateFailed('Lambda.TooManyRequestsException', 'Rate exceeded');
      return {};
    },
  });
  expect(end.status).toBe('SUCCEEDED');
  expect(reports(end.calls)).toEqual([]);
});

test('a report without a usable answer is an end, not an error of its own', async () => {
  const end = await runWith('backup', { 'lock-lock-objects': refuse, 'backup-report-failure': () => null });
  expect(end).toMatchObject({ status: 'FAILED', error: 'Unexpected', cause: 'The failure was reported without a message' });
});

test('a function that answers with nothing fails the step that needs the answer, and that is told', async () => {
  const end = await runWith('backup', { 'record-record-point': () => null });
  expect(end.status).toBe('FAILED');
  expect(reports(end.calls)[0]).toMatchObject({ step: 'Record the point', error: { Error: 'States.QueryEvaluationError' } });
});

const INPUTS: Json[] = [{}, { asset: 7 }, 'text', null, [], { asset: 'nobody', slot: 'x' }];

test.each(INPUTS)('input %j reaches the first function, and its refusal the end', async (input) => {
  for (const stage of STAGES) {
    const [first = ''] = Object.keys(ANSWERS[stage]);
    const end = await runMachine(stage, input, {
      ...ANSWERS[stage],
      [first]: () => {
        throw functionError('BadInput', 'the assets are ida-db');
      },
    });
    expect(end).toMatchObject({ status: 'FAILED', error: 'BadInput' });
    expect(end.calls[0]?.payload['input']).toEqual(input);
  }
});

describe('a drill', () => {
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

test('a key version that fails does not keep the others from escrow, and the end names it', async () => {
  const end = await runWith('escrow', {
    'escrow-read-back': ({ payload }) => {
      if (payload['fingerprint'] === 'f-b' && payload['place'] === 'replica') throw functionError('KeyNotRecoverable', 'closed');
      return {};
    },
  });
  expect(end).toMatchObject({ status: 'FAILED', error: 'KeyNotRecoverable' });
  expect('cause' in end && end.cause).toMatch(
    /^1 of 3 key versions are not in escrow: wallet-key version b: Read the envelope back in the second region/,
  );
  expect(end.calls.filter((call) => call.name === 'escrow-escrow-version')).toHaveLength(3);
  expect(reports(end.calls)).toMatchObject([{ stage: 'escrow', asset: 'wallet-key', run }]);
});

test('an escrow without a version of a key is a failure', async () => {
  const end = await runWith('escrow', { 'escrow-list-versions': () => ({ run, versions: [] }) });
  expect(end).toMatchObject({ status: 'FAILED', error: 'KeyNotRecoverable' });
});

test('a restore that cannot be met ends with the message of the check, and starts nothing', async () => {
  const message = "There is no point 'x': the points are 20261121T020000Z";
  const end = await runWith('restore', { 'restore-check-request': () => ({ accepted: false, problems: [message], message }) });
  expect(end).toMatchObject({ status: 'FAILED', error: 'BadInput', cause: message });
  expect(end.calls).toHaveLength(1);
});
