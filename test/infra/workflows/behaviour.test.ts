import { describe, expect, test } from 'vitest';
import { BackupOutput } from '../../../core/backup/contract.ts';
import { DrillOutput } from '../../../core/drill/contract.ts';
import { EscrowOutput } from '../../../core/escrow/contract.ts';
import { RestoreOutput } from '../../../core/restore/result.ts';
import { StateFailed } from '../../../local/interpreter/errors.ts';
import type { Json } from '../../../local/interpreter/language.ts';
import { ANSWERS, STAGES, accepted, batch, evidence, point, refuse, reports, run, runWith } from './answers.ts';
import { functionError, reportFailure, runMachine, taskError } from './run-machine.ts';
import type { Answers } from './run-machine.ts';

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
      'Record the point',
      'Sign the records',
      'Lock the records',
      'Copy the records',
    ]);
    expect(calls[1]?.payload).toEqual({ POINT: point, CLAIM: '2', TRY: '1', RUN: run, LAST_POINT: '' });
  });

  test('the dump is told which point was the last one, to look from there on', async () => {
    const admitted = { ...ANSWERS.backup['backup-admit-slot'](), lastPoint: '20261120T020000Z' };
    const { calls } = await runWith('backup', { 'backup-admit-slot': () => admitted });
    expect(calls[1]?.payload['LAST_POINT']).toBe('20261120T020000Z');
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

describe.each(steps)('%s, when %s fails', (stage, name) => {
  /** A drill is judged whatever became of its data and its task. */
  const isJudged = stage === 'drill' && ['holdfast-ida-ida-db-drill', 'restore-retrieve-point'].includes(name);
  const ends = isJudged ? 'DrillCouldNotRun' : 'VaultRefused';

  test('tells it once and ends with its class and a cause', async () => {
    const end = await runWith(stage, { [name]: refuse });
    expect(end).toMatchObject({ status: 'FAILED', error: ends, cause: expect.stringMatching(/\w/) as string });
    const told = reports(end.calls);
    // Each of the three versions of a key fails by itself.
    expect(told).toHaveLength(['escrow-escrow-version', 'escrow-read-back'].includes(name) ? 3 : 1);
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

test('each try of a restore is told the same: what is asked for, and into which database', async () => {
  const selection = { tables: ['public.users'], schemaOnly: true };
  const end = await runWith('restore', {
    'restore-check-request': () => ({ ...accepted, selection }),
    'holdfast-ida-ida-db-restore': ({ state }, earlier) => {
      if (state === 'Restore into a new database' && earlier < 1) throw taskError(137);
      return {};
    },
    'backup-report-failure': reportFailure(() => true),
  });
  expect(end.status).toBe('SUCCEEDED');
  const told = {
    PHASE: 'restore',
    TARGET: 'beside',
    POINT: point,
    DATABASE: 'ida_restored',
    SELECTION: JSON.stringify(selection),
    RUN: run,
  };
  expect(end.calls.filter(({ state }) => state === 'Restore into a new database').map(({ payload }) => payload)).toEqual([
    { ...told, TRY: '1' },
    { ...told, TRY: '2' },
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
