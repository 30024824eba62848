import { describe, expect, test } from 'vitest';
import { EscrowOutput } from '../../../core/escrow/contract.ts';
import { escrowEvidence, refuse, run, runWith } from './answers.ts';

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
