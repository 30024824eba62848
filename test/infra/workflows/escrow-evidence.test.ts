import { describe, expect, test } from 'vitest';
import { EscrowOutput } from '../../../core/escrow/contract.ts';
import { escrowEvidence, refuse, reports, run, runWith } from './answers.ts';

const STEPS = ['Write the evidence', 'Sign the evidence', 'Lock the evidence', 'Copy the records'];

describe('the evidence of an escrow run', () => {
  test('is written from ids and fingerprints, signed, locked and copied, and named by the end', async () => {
    const end = await runWith('escrow');
    const steps = end.calls.filter(({ state }) => STEPS.includes(state));
    expect(steps.map(({ state }) => state)).toEqual(STEPS);
    const outcomes = ['a', 'b', 'c'].map((secretVersion) => ({ key: 'wallet-key', secretVersion, fingerprint: `f-${secretVersion}` }));
    expect(steps[0]?.payload).toMatchObject({ run, outcomes });
    for (const { payload } of steps.slice(1)) expect(payload).toEqual({ keys: [escrowEvidence] });
    expect(EscrowOutput.parse('output' in end ? end.output : end).evidence).toEqual([escrowEvidence]);
  });

  test.each([
    ['that a rotation has given no value yet', {}],
    ['that never held the key', { why: 'keyless' }],
    ['that nobody can decrypt', { why: 'undecryptable' }],
  ])('is whole beside a version %s: nobody is told, and evidence and end name it', async (_, why) => {
    const empty = { key: 'wallet-key', secretVersion: 'b', ...why };
    const end = await runWith('escrow', {
      'escrow-escrow-version': ({ payload }) =>
        payload['secretVersion'] === 'b'
          ? empty
          : { key: 'wallet-key', fingerprint: `f-${payload['secretVersion'] as string}`, run, created: true },
    });
    expect(reports(end.calls)).toEqual([]);
    const output = EscrowOutput.parse('output' in end ? end.output : end);
    expect(output.versions.map(({ secretVersion }) => secretVersion)).toEqual(['a', 'c']);
    expect(output.withoutValue).toEqual([empty]);
    const written = end.calls.find(({ state }) => state === 'Write the evidence')?.payload;
    expect(written?.['outcomes']).toMatchObject([{ secretVersion: 'a' }, { secretVersion: 'c' }]);
    expect(written?.['withoutValue']).toEqual([empty]);
    const older = end.calls.find(({ state }) => state === 'List the envelopes of older versions')?.payload;
    expect(older?.['opened']).toEqual(['f-a', 'f-c']);
  });

  test('is whole of one version, and lists it', async () => {
    const end = await runWith('escrow', {
      'escrow-list-versions': () => ({ run, keys: ['wallet-key'], versions: [{ key: 'wallet-key', secretVersion: 'a', run }] }),
    });
    const output = EscrowOutput.parse('output' in end ? end.output : end);
    expect(output).toMatchObject({ versions: [{ secretVersion: 'a' }], withoutValue: [] });
    expect(output.versions).toHaveLength(1);
  });

  test('is written of versions that are not in escrow as well, by the class of their failure and without its message', async () => {
    const end = await runWith('escrow', {
      'escrow-read-back': ({ payload }) => {
        if (payload['fingerprint'] === 'f-b') refuse();
        return {};
      },
    });
    expect(end.status).toBe('FAILED');
    const written = end.calls.find(({ state }) => state === 'Write the evidence')?.payload;
    const outcomes = written?.['outcomes'] as Record<string, unknown>[];
    expect(outcomes.map((outcome) => Object.keys(outcome).toSorted())).toEqual([
      ['fingerprint', 'key', 'secretVersion'],
      ['failure', 'key', 'secretVersion'],
      ['fingerprint', 'key', 'secretVersion'],
    ]);
    expect(end.calls.some(({ state }) => state === 'Copy the records')).toBe(true);
  });
});
