import { describe, expect, test } from 'vitest';
import { HoldOutput } from '../../../core/lock/contract.ts';
import { refuse, reports } from './answers.ts';
import { reportFailure, runMachine, type Answers } from './run-machine.ts';

const point = '20261121T011500Z';
const run = '20261121T100001Z-3fa9c1';
const FACT = `catalog/ida/ida-db/${point}/held-${run}.json`;
const recorded = { run, asset: 'ida-db', point, hold: 'case-17', changed: true, holds: ['case-17'], sign: [FACT], replicated: true };

const WORKS: Answers = {
  'lock-record-hold': () => recorded,
  'evidence-sign-objects': () => ({}),
  // Two calls go on after a key each, the third is the last.
  'lock-hold-objects': (_call, earlier) => ({ held: true, objects: 1000, after: earlier < 2 ? `data/${earlier}` : '' }),
  'lock-lock-objects': () => ({}),
  'copy-copy-records': () => ({}),
  'backup-report-failure': reportFailure(),
};
const input = { action: 'add', asset: 'ida-db', point, reason: 'litigation' };
const runWith = (changed: Answers = {}) => runMachine('hold', input, { ...WORKS, ...changed });

describe('a run of the machine of holds', () => {
  test('writes the fact, signs it, holds every object in as many calls as that takes, locks and copies the record', async () => {
    const end = await runWith();
    expect(end.calls.map(({ name }) => name)).toEqual([
      'lock-record-hold',
      'evidence-sign-objects',
      'lock-hold-objects',
      'lock-hold-objects',
      'lock-hold-objects',
      'lock-lock-objects',
      'copy-copy-records',
    ]);
    expect(end.calls.filter(({ name }) => name === 'lock-hold-objects').map(({ payload }) => payload)).toEqual([
      { asset: 'ida-db', point, hold: 'case-17' },
      { asset: 'ida-db', point, hold: 'case-17', after: 'data/0', held: true },
      { asset: 'ida-db', point, hold: 'case-17', after: 'data/1', held: true },
    ]);
    expect(end.calls[0]?.payload['input']).toEqual(input);
    for (const { payload } of [end.calls[1]!, ...end.calls.slice(-2)]) expect(payload).toEqual({ keys: [FACT] });
    expect(end.status === 'SUCCEEDED' && HoldOutput.parse(end.output)).toMatchObject({ hold: 'case-17', objects: 3000, records: [FACT] });
  });

  test('that changes nothing has the objects held all the same', async () => {
    const end = await runWith({ 'lock-record-hold': () => ({ ...recorded, changed: false, sign: [] }) });
    expect(new Set(end.calls.map(({ name }) => name))).toEqual(new Set(['lock-record-hold', 'lock-hold-objects']));
    expect(end.status === 'SUCCEEDED' && HoldOutput.parse(end.output)).toMatchObject({ changed: false, records: [] });
  });

  test('brings no record of a point to the replica that is not there yet', async () => {
    const end = await runWith({ 'lock-record-hold': () => ({ ...recorded, replicated: false }) });
    expect(end.calls.map(({ name }) => name)).not.toContain('copy-copy-records');
    expect(end.status).toBe('SUCCEEDED');
  });
});

describe.each(['lock-record-hold', 'evidence-sign-objects', 'lock-hold-objects', 'lock-lock-objects', 'copy-copy-records'])(
  'when %s fails',
  (name) => {
    test('it is told with the asset, and ends as its failure', async () => {
      const end = await runWith({ [name]: refuse });
      expect(end).toMatchObject({ status: 'FAILED', error: 'VaultRefused' });
      expect(reports(end.calls)).toMatchObject([{ stage: 'hold', asset: 'ida-db', error: { Error: 'VaultRefused' } }]);
    });

    test('it is tried again while that is worth it, and goes on from there', async () => {
      const end = await runWith({
        [name]: (call, earlier) => (earlier < 1 ? refuse() : (WORKS[name]?.(call, earlier - 1) ?? {})),
        'backup-report-failure': reportFailure(() => true),
      });
      expect(end.status === 'SUCCEEDED' && HoldOutput.parse(end.output).objects).toBe(3000);
    });
  },
);
