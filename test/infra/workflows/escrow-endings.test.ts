/** What the escrow machine does when a step of it fails, and when there is little for it to do. */
import { describe, expect, test } from 'vitest';
import { EscrowOutput } from '../../../core/escrow/contract.ts';
import { ANSWERS, escrowEvidence, refuse, reports, run, runWith } from './answers.ts';
import { functionError, reportFailure, runMachine, type Answers } from './run-machine.ts';

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

describe('the envelopes of versions that their sources no longer have', () => {
  const places = ['vault', 'replica'].map((place) => ({ key: 'wallet-key', fingerprint: 'f-older', run, place }));
  const older: Answers = { 'escrow-list-older': () => ({ envelopes: places, later: 0 }) };
  const opened = (end: Awaited<ReturnType<typeof runWith>>) =>
    end.calls.filter(({ state }) => state === 'Open the envelope').map(({ payload }) => payload['place']);

  test('are opened in both regions, and counted once', async () => {
    const end = await runWith('escrow', older);
    expect(opened(end)).toEqual(['vault', 'replica']);
    expect(EscrowOutput.parse('output' in end ? end.output : end)).toMatchObject({ older: 1 });
    expect(end.calls.find(({ state }) => state === 'List the envelopes of older versions')?.payload).toEqual({
      run,
      keys: ['wallet-key'],
      opened: ['f-a', 'f-b', 'f-c'],
    });
  });

  test('are opened in the second region when home’s cannot be, and the end names the value', async () => {
    const end = await runWith('escrow', {
      ...older,
      'escrow-read-back': ({ payload }) => {
        if (payload['fingerprint'] === 'f-older' && payload['place'] === 'vault') throw functionError('KeyNotRecoverable', 'closed');
        return {};
      },
    });
    expect(opened(end)).toEqual(['vault', 'replica']);
    expect(end).toMatchObject({ status: 'FAILED', error: 'KeyNotRecoverable' });
    expect('cause' in end && end.cause).toMatch(
      /^1 of 5 key versions are not in escrow: wallet-key fingerprint f-older: Open the envelope/,
    );
  });

  test('that this run had no room for are told as left, by the end and in the evidence', async () => {
    const end = await runWith('escrow', { 'escrow-list-older': () => ({ envelopes: places, later: 7 }) });
    expect(EscrowOutput.parse('output' in end ? end.output : end)).toMatchObject({ older: 1, later: 7 });
    expect(end.history.map(({ state }) => state)).toContain('The next run takes the other versions');
    expect(end.calls.find(({ state }) => state === 'Write the evidence')?.payload).toMatchObject({ later: 7 });
  });

  test('are copied first to the region that lacks them, and one that cannot be is named by the end and in the evidence', async () => {
    const lacking: Answers = {
      'escrow-list-older': () => ({ envelopes: places.map((one) => (one.place === 'replica' ? { ...one, copy: true } : one)), later: 0 }),
    };
    const copies = (end: Awaited<ReturnType<typeof runWith>>) =>
      end.calls.filter(({ state }) => state === 'Copy the envelope from the other region').map(({ name, payload }) => [name, payload]);
    const end = await runWith('escrow', lacking);
    expect(end).toMatchObject({ status: 'SUCCEEDED' });
    const copied = ['escrow-escrow-version', { key: 'wallet-key', fingerprint: 'f-older', run, place: 'replica', copy: true }];
    expect(copies(end)).toEqual([copied]);
    expect(new Set(opened(end))).toEqual(new Set(['vault', 'replica']));
    const refused = await runWith('escrow', {
      ...lacking,
      'escrow-escrow-version': (call) => {
        if (call.payload['copy'] === true) return refuse();
        return { key: 'wallet-key', fingerprint: `f-${call.payload['secretVersion'] as string}`, run, created: true };
      },
    });
    expect(opened(refused)).toEqual(['vault']);
    expect(refused).toMatchObject({ status: 'FAILED', error: 'VaultRefused' });
    expect('cause' in refused && refused.cause).toMatch(
      /^1 of 5 key versions are not in escrow: wallet-key fingerprint f-older: Copy the envelope from the other region/,
    );
    const written = refused.calls.find(({ state }) => state === 'Write the evidence')?.payload['outcomes'];
    expect(written).toContainEqual(expect.objectContaining({ fingerprint: 'f-older', failure: 'VaultRefused' }));
  });

  test('are opened although the source is gone', async () => {
    const problem = { reason: 'secret-missing', message: 'gone' };
    const end = await runWith('escrow', {
      ...older,
      'escrow-list-versions': () => ({ run, keys: ['wallet-key'], versions: [{ key: 'wallet-key', secretVersion: '', run, problem }] }),
      'escrow-escrow-version': () => {
        throw functionError('KeyNotInSecret', 'gone');
      },
    });
    expect(opened(end)).toEqual(['vault', 'replica']);
    expect(end).toMatchObject({ status: 'FAILED', error: 'KeyNotInSecret' });
    expect(end.calls.some(({ name }) => name === 'escrow-renew-locks')).toBe(true);
  });
});

test('an escrow without a version of a key is a failure', async () => {
  const end = await runWith('escrow', { 'escrow-list-versions': () => ({ run, keys: ['left'], versions: [] }) });
  expect(end).toMatchObject({ status: 'FAILED', error: 'KeyNotRecoverable' });
  expect(reports(end.calls)).toMatchObject([
    { stage: 'escrow', error: { Error: 'KeyNotRecoverable', Cause: expect.stringMatching(/^No secret/) as string } },
  ]);
});

test('an escrow of a plan whose last key left, all of it opened some days ago, is none, and its evidence says so', async () => {
  const end = await runWith('escrow', {
    'escrow-list-versions': () => ({ run, keys: ['left'], versions: [] }),
    'escrow-list-older': () => ({ envelopes: [], later: 0, recent: 4 }),
  });
  expect(EscrowOutput.parse('output' in end ? end.output : end)).toMatchObject({ versions: [], older: 0, recent: 4 });
  expect(end.calls.find(({ state }) => state === 'Write the evidence')?.payload).toMatchObject({ outcomes: [], recent: 4 });
});

test('an escrow where there is no key at all ends well, with nothing to show', async () => {
  const end = await runWith('escrow', { 'escrow-list-versions': () => ({ run, keys: [], versions: [] }) });
  expect(EscrowOutput.parse('output' in end ? end.output : end)).toMatchObject({ versions: [], evidence: [] });
  expect(end.calls.map(({ name }) => name)).toEqual(['escrow-renew-locks', 'escrow-list-versions']);
});

describe('the locks of what is in escrow', () => {
  const renewals = (end: Awaited<ReturnType<typeof runWith>>) => end.calls.filter(({ name }) => name === 'escrow-renew-locks');
  const others = [
    'escrow-list-versions',
    'escrow-list-older',
    'escrow-write-evidence',
    'evidence-sign-objects',
    'lock-lock-objects',
    'copy-copy-records',
  ];

  test.each(others)('are made longer though %s fails', async (name) => {
    const end = await runWith('escrow', { [name]: refuse });
    expect(end).toMatchObject({ status: 'FAILED', error: 'VaultRefused' });
    expect(renewals(end).map(({ payload }) => payload)).toEqual([{ input: {} }]);
  });

  test('are made longer though no version can be escrowed', async () => {
    const end = await runWith('escrow', { 'escrow-escrow-version': refuse });
    expect(end).toMatchObject({ status: 'FAILED', error: 'VaultRefused' });
    expect(renewals(end)).toHaveLength(1);
  });

  test('that cannot be made longer keep nothing from escrow, and the end says so', async () => {
    const end = await runWith('escrow', { 'escrow-renew-locks': refuse });
    expect(end.calls.filter(({ name }) => name === 'escrow-escrow-version')).toHaveLength(3);
    expect(end.calls.at(-1)?.state).toBe('Copy the records');
    expect(end).toMatchObject({ status: 'FAILED', error: 'VaultRefused' });
    expect('cause' in end && end.cause).toMatch(/^The locks of what is in escrow were not all made longer: Renew the locks/);
    expect(reports(end.calls)).toMatchObject([{ stage: 'escrow', step: 'Renew the locks of what is in escrow' }]);
  });

  test('that cannot be made longer are named beside the versions that failed', async () => {
    const end = await runWith('escrow', { 'escrow-renew-locks': refuse, 'escrow-read-back': refuse });
    expect('cause' in end && end.cause).toMatch(
      /^3 of 3 key versions are not in escrow.*; and locks were not made longer: Renew the locks/,
    );
  });

  test('that the second try makes longer are no failure', async () => {
    const end = await runWith('escrow', {
      'escrow-renew-locks': (_, earlier) => (earlier === 0 ? refuse() : { renewed: 1 }),
      'backup-report-failure': reportFailure(() => true),
    });
    expect(end.status).toBe('SUCCEEDED');
    expect(renewals(end)).toHaveLength(2);
  });

  test('are no part of what writes down a proof', async () => {
    const end = await runMachine(
      'escrow',
      { proof: {} },
      { ...ANSWERS.escrow, 'escrow-record-proof': () => ({ run, keys: [escrowEvidence] }) },
    );
    expect(end.status).toBe('SUCCEEDED');
    expect(renewals(end)).toEqual([]);
  });
});

test('a version that was opened some days ago is not opened again, and evidence and end name the runs that did', async () => {
  const openedBy = { vault: '20261118T020000Z-aaaaaa', replica: '20261119T020000Z-bbbbbb' };
  const end = await runWith('escrow', {
    'escrow-escrow-version': ({ payload }) => {
      const version = payload['secretVersion'] as string;
      return { key: 'wallet-key', fingerprint: `f-${version}`, run, created: false, ...(version === 'b' ? { openedBy } : {}) };
    },
  });
  const looks = end.calls.filter(({ name }) => name === 'escrow-read-back').map(({ payload }) => JSON.stringify(payload['fingerprint']));
  expect(looks.toSorted()).toEqual(['"f-a"', '"f-a"', '"f-c"', '"f-c"']);
  const output = EscrowOutput.parse('output' in end ? end.output : end);
  expect(output.versions.map((version) => version.openedBy)).toEqual([undefined, openedBy, undefined]);
  const written = end.calls.find(({ state }) => state === 'Write the evidence')?.payload;
  expect(written?.['outcomes']).toMatchObject([{ fingerprint: 'f-a' }, { fingerprint: 'f-b', openedBy }, { fingerprint: 'f-c' }]);
  const outcomes = written?.['outcomes'] as object[] | undefined;
  expect(outcomes?.filter((outcome) => 'openedBy' in outcome)).toHaveLength(1);
  const older = end.calls.find(({ state }) => state === 'List the envelopes of older versions')?.payload;
  expect(older?.['opened']).toEqual(['f-a', 'f-b', 'f-c']);
});
