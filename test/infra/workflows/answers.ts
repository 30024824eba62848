/** Functions and tasks that do what they are for, and ways to change one of them. */
import { FAILED_RESTORE } from '../../../core/failure/steps.ts';
import type { Call, Answers } from './run-machine.ts';
import { functionError, reportFailure, runMachine } from './run-machine.ts';

export const point = '20261121T020000Z';
export const run = '20261121T020001Z-3fa9c1';
export const attempt = { system: 'ida', asset: 'ida-db', slot: point, point, claim: 2, run };
export const evidence = `evidence/ida/2026/drill-${run}.json`;
export const escrowEvidence = `evidence/ida/2026/escrow-${run}.json`;
const link = 'chain/ida/ida-db/000000001.json';
const publicKey = 'evidence/ida/keys/0123.pem';
export const batch = { key: 'data/x', versionId: 'v1', uploadId: 'u1', sizeBytes: 9, firstPart: 1, lastPart: 1, partBytes: 16 };
export const verdict = (outcome: string, reasons: string[]) => ({ outcome, evidence, keys: [evidence], reasons });

/** Of a restore into a new database. */
export const accepted = {
  accepted: true,
  system: 'ida',
  action: 'restore',
  asset: 'ida-db',
  point,
  run,
  target: 'beside',
  database: 'ida_restored',
  selection: {},
  of: '',
  quiesce: false,
};
const evidenceOfRestore = `evidence/ida/2026/restore-result-${run}`;
export const restored = { evidence: `${evidenceOfRestore}.json`, signature: `${evidenceOfRestore}.dsse.json`, kept: '' };

/** Of a point that is not in an archive, and of one that is. */
export const readable = { ready: true, since: '2026-11-21T02:00:00.000Z', seconds: 0, waitSeconds: 0 };
export const retrieving = { ...readable, ready: false, waitSeconds: 600 };

export const ANSWERS = {
  backup: {
    'backup-admit-slot': () => ({ admitted: true, committed: false, ...attempt }),
    'holdfast-ida-ida-db-dump': () => ({}),
    'holdfast-ida-ida-db-verify': () => ({}),
    'lock-lock-objects': () => ({}),
    'copy-plan-copy': () => ({ batches: [batch, { ...batch, firstPart: 2, lastPart: 2 }] }),
    'copy-copy-parts': () => ({}),
    'copy-complete-copy': () => ({}),
    'evidence-sign-objects': () => ({ publicKey }),
    'record-record-point': () => ({ link, sign: [`catalog/ida/ida-db/${point}/manifest.json`, link] }),
    'copy-copy-records': () => ({}),
    'backup-report-failure': reportFailure(),
  },
  escrow: {
    'escrow-list-versions': () => ({
      run,
      keys: ['wallet-key'],
      versions: ['a', 'b', 'c'].map((secretVersion) => ({ key: 'wallet-key', secretVersion, run })),
    }),
    'escrow-escrow-version': ({ payload }) => ({
      key: 'wallet-key',
      fingerprint: `f-${payload['secretVersion'] as string}`,
      run,
      created: true,
    }),
    'escrow-read-back': () => ({}),
    'escrow-list-older': () => ({ envelopes: [], later: 0 }),
    'escrow-renew-locks': () => ({ renewed: 0 }),
    'escrow-write-evidence': () => ({ keys: [escrowEvidence] }),
    'evidence-sign-objects': () => ({ publicKey }),
    'lock-lock-objects': () => ({}),
    'copy-copy-records': () => ({}),
    'backup-report-failure': reportFailure(),
  },
  drill: {
    'drill-choose-point': () => ({ found: true, system: 'ida', asset: 'ida-db', point, run, from: 'vault' }),
    'restore-retrieve-point': () => readable,
    'holdfast-ida-ida-db-drill': () => ({}),
    'drill-judge-drill': ({ payload }) =>
      payload['error'] === undefined ? verdict('passed', []) : verdict('could-not-run', ['the task failed']),
    'evidence-sign-objects': () => ({}),
    'lock-lock-objects': () => ({}),
    'copy-copy-records': () => ({}),
    'backup-report-failure': reportFailure(),
  },
  restore: {
    'restore-check-request': () => accepted,
    'restore-retrieve-point': () => readable,
    'holdfast-ida-ida-db-restore': () => ({}),
    'restore-write-result': () => restored,
    'evidence-sign-objects': () => ({}),
    'lock-lock-objects': () => ({}),
    'copy-copy-records': () => ({}),
    'backup-report-failure': reportFailure(),
  },
} satisfies Record<string, Answers>;

export type Stage = keyof typeof ANSWERS;
export const STAGES = Object.keys(ANSWERS) as Stage[];
const INPUT = { backup: { asset: 'ida-db' }, escrow: {}, drill: { asset: 'ida-db' }, restore: { asset: 'ida-db' } };
export const runWith = (stage: Stage, changed: Answers = {}) => runMachine(stage, INPUT[stage], { ...ANSWERS[stage], ...changed });
export const reports = (calls: Call[]) => calls.filter((call) => call.name === 'backup-report-failure').map((call) => call.payload);

/** How a restore that began and did not come through is written down, at its end. */
const RECORD = [FAILED_RESTORE.write, FAILED_RESTORE.sign, FAILED_RESTORE.lock, FAILED_RESTORE.copy];
/** What it did until then; all of it where nothing is written down so. Throws where that is not the end. */
export function untilRecorded(states: readonly string[]): string[] {
  const at = states.indexOf(FAILED_RESTORE.write);
  if (at < 0) return [...states];
  if (states.slice(at).join() !== RECORD.join()) throw new Error(`the record of a failure is not the end: ${states.slice(at).join(', ')}`);
  return states.slice(0, at);
}

export const refuse = () => {
  throw functionError('VaultRefused', 'no');
};
