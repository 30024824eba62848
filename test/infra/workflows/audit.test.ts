import { describe, expect, test } from 'vitest';
import { AuditOutput, MOST_FINDINGS } from '../../../core/audit/contract.ts';
import { functionError, reportFailure, runMachine, type Answers } from './run-machine.ts';
import { refuse, reports } from './answers.ts';

const run = '20261121T085001Z-3fa9c1';
const EVIDENCE = `evidence/ida/2026/audit-${run}.json`;
const policy = { hotSeconds: 30 * 86_400, keepProven: 2, zone: 'Europe/Berlin' };
const assets = ['audit', 'ida-db'].map((asset) => ({ asset, term: { mode: 'governance', lengthDays: 30 }, policy }));
const hidden = (point: string) => ({ kind: 'point-hidden', asset: 'ida-db', point, key: 'k', versionId: 'v' });
const disabled = { kind: 'key-disabled', alias: 'a', stack: 's', keyArn: 'arn' };
const tally = (findings: number, calls: number) => ({ points: 9, wholePoints: 3, listed: 90, versions: 30, findings, calls });
const told = [{ what: 'w', fix: 'f', command: 'c' }];

/** One finding of a key, and one in each of three calls that look at objects. */
const WORKS: Answers = {
  'audit-begin-audit': () => ({ run, assets, isWhole: true, all: false }),
  'audit-check-settings': () => ({ findings: [disabled], vaultKeyArn: 'arn:vault', canRead: true }),
  'audit-check-objects': (_, earlier) => ({
    isDone: earlier === 2,
    sample: { residues: [4] },
    cursor: { asset: earlier, after: 'p' },
    tally: tally(earlier + 2, earlier + 1),
    findings: [hidden(`p${earlier}`)],
  }),
  'audit-write-evidence': () => ({ keys: [EVIDENCE], findings: 4, told }),
  'evidence-sign-objects': () => ({}),
  'lock-lock-objects': () => ({}),
  'copy-copy-records': () => ({}),
  'backup-report-failure': reportFailure(),
};
const runWith = (changed: Answers = {}, input = {}) => runMachine('audit', input, { ...WORKS, ...changed });
const callsOf = (end: Awaited<ReturnType<typeof runWith>>, name: string) =>
  end.calls.filter((call) => call.name === name).map(({ payload }) => payload);

describe('a run of the audit', () => {
  test('looks at buckets and keys, then at objects until nothing is left, and ends well whatever it found', async () => {
    const end = await runWith();
    expect(end.status === 'SUCCEEDED' && AuditOutput.parse(end.output)).toEqual({
      run,
      evidence: [EVIDENCE],
      findings: 4,
      told,
      looked: tally(4, 3),
    });
    const looks = callsOf(end, 'audit-check-objects');
    expect(looks.map(({ cursor }) => cursor)).toEqual([
      { asset: 0, after: '' },
      { asset: 0, after: 'p' },
      { asset: 1, after: 'p' },
    ]);
    expect(looks.map(({ room }) => room)).toEqual([MOST_FINDINGS - 1, MOST_FINDINGS - 2, MOST_FINDINGS - 3]);
    expect(looks[0]).toMatchObject({ tally: { findings: 1, calls: 0 }, vaultKeyArn: 'arn:vault', assets, sample: { residues: [] } });
    // What the first call has chosen holds for the others.
    expect(looks.slice(1).map(({ sample }) => sample)).toEqual([{ residues: [4] }, { residues: [4] }]);
    const [written] = callsOf(end, 'audit-write-evidence');
    expect(written?.['findings']).toEqual([disabled, hidden('p0'), hidden('p1'), hidden('p2')]);
  });

  test('signs, locks and copies its evidence', async () => {
    const end = await runWith();
    const records = [EVIDENCE, EVIDENCE.replace('.json', '.dsse.json')];
    expect(callsOf(end, 'evidence-sign-objects')).toEqual([{ keys: [EVIDENCE] }]);
    expect(callsOf(end, 'lock-lock-objects')).toEqual([{ keys: records }]);
    expect(callsOf(end, 'copy-copy-records')).toEqual([{ keys: records }]);
  });

  test('hands over a single asset, and a single finding, as lists', async () => {
    const end = await runWith({
      'audit-begin-audit': () => ({ run, assets: assets.slice(0, 1), isWhole: false, all: false }),
      'audit-check-settings': () => ({ findings: [], vaultKeyArn: '', canRead: true }),
      'audit-check-objects': () => ({
        isDone: true,
        sample: { residues: [1] },
        cursor: { asset: 1, after: '' },
        tally: tally(0, 1),
        findings: [],
      }),
      'audit-write-evidence': () => ({ keys: [EVIDENCE], findings: 0, told: [] }),
    });
    expect(end.status === 'SUCCEEDED' && AuditOutput.parse(end.output)).toMatchObject({ findings: 0, told: [] });
    expect(callsOf(end, 'audit-check-objects')[0]).toMatchObject({ assets: assets.slice(0, 1), tally: { findings: 0 }, isWhole: false });
    expect(callsOf(end, 'audit-write-evidence')[0]).toMatchObject({ findings: [] });
  });

  test('tells what it has found of keys and buckets when nothing in the vault can be read', async () => {
    const end = await runWith({ 'audit-check-settings': () => ({ findings: [disabled], vaultKeyArn: '', canRead: false }) });
    expect(end.status).toBe('SUCCEEDED');
    expect(callsOf(end, 'audit-check-objects')).toEqual([]);
    expect(callsOf(end, 'audit-write-evidence')[0]).toMatchObject({
      findings: [disabled],
      sample: { residues: [] },
      tally: { findings: 1 },
    });
  });

  test('goes on with the same call after a failure that passes, and counts its tries anew for the next', async () => {
    const failing = new Set([0, 1, 3, 4]);
    const end = await runWith({
      'audit-check-objects': (call, earlier) => {
        if (failing.has(earlier)) throw functionError('VaultUnavailable', 'S3 was away');
        return WORKS['audit-check-objects']!(call, earlier === 2 ? 0 : 2);
      },
      'backup-report-failure': reportFailure(() => true),
    });
    expect(end.status).toBe('SUCCEEDED');
    expect(reports(end.calls).map(({ tries }) => tries)).toEqual([1, 2, 1, 2]);
    expect(callsOf(end, 'audit-check-objects').map(({ cursor }) => (cursor as { after: string }).after)).toEqual([
      '',
      '',
      '',
      'p',
      'p',
      'p',
    ]);
  });
});

describe.each(['audit-check-settings', 'audit-check-objects', 'audit-write-evidence', 'evidence-sign-objects'])('when %s fails', (name) => {
  test('it is told, and the machine ends by its class', async () => {
    const end = await runWith({ [name]: refuse });
    expect(end).toMatchObject({ status: 'FAILED', error: 'VaultRefused' });
    expect(reports(end.calls)).toMatchObject([{ stage: 'audit', run, tries: 1, error: { Error: 'VaultRefused' } }]);
  });
});
