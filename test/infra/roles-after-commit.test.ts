/** Who may do what about a point that is to be finished, and about the record of a restore. */
import { describe, expect, it } from 'vitest';
import { askOf, HOME } from './asks.ts';
import type { Decision } from './policy-matcher.ts';
import { ACCOUNT, synthesize } from './synthesized.ts';

const ask = askOf('ida', synthesize('ida'));
const fn = (handler: string) => `holdfast-ida-${handler.replace('/', '-')}`;
const functionArn = (handler: string) => `arn:aws:lambda:${HOME}:${ACCOUNT}:function:${fn(handler)}`;
const [admit, sign, lock, copy] = ['backup/admit-slot', 'evidence/sign-objects', 'lock/lock-objects', 'copy/copy-records'].map(fn) as [
  string,
  string,
  string,
  string,
];
const [check, write, find] = ['restore/check-request', 'restore/write-result', 'restore/find-safety'].map(fn) as [string, string, string];
const restore = 'holdfast-ida-postgres-restore';
const restoreMachine = 'holdfast-ida-restore-machine';

const SLOT = '20261121T011500Z';
const RUN = `${SLOT}-3fa9c1`;
const POINT = `catalog/ida/postgres/${SLOT}/`;
const CLAIM = `runs/ida/postgres/${SLOT}/0002.json`;
const RESULT = `evidence/ida/2026/restore-result-${RUN}.json`;
const SIGN_OFF = `evidence/ida/2026/sign-off-${RUN}.json`;
const PAPER = `restores/ida/postgres/${RUN}/restored.json`;
const PREPARED = PAPER.replace('restored', 'prepared');
const BACKUP_MACHINE = `arn:aws:states:${HOME}:${ACCOUNT}:stateMachine:holdfast-ida-backup`;
const SIGNATURE = `evidence/ida/2026/restore-result-${RUN}.dsse.json`;
const forDays = (days: number) => ({ 's3:object-lock-remaining-retention-days': String(days) });
const calls = (handlers: string[]) =>
  handlers.map((handler): [string, Decision] => [
    `the restore machine calls ${handler}`,
    ask.other(restoreMachine, 'lambda:InvokeFunction', functionArn(handler)),
  ]);

const CAN: [string, Decision][] = [
  ['admission lists a point', ask.list(admit, 'vault', POINT)],
  ['admission lists the points of an asset', ask.list(admit, 'vault', 'catalog/ida/postgres/')],
  ['admission reads a claim', ask.object(admit, 's3:GetObjectVersion', 'vault', CLAIM)],
  ['admission claims a slot', ask.object(admit, 's3:PutObject', 'vault', CLAIM)],
  [
    'admission asks what became of a run',
    ask.other(admit, 'states:DescribeExecution', `arn:aws:states:${HOME}:${ACCOUNT}:execution:holdfast-ida-backup:by-hand`),
  ],
  ['restore says what it did', ask.object(restore, 's3:PutObject', 'vault', PAPER)],
  ['restore looks whether it said so before', ask.list(restore, 'vault', PAPER)],
  ['restore reads what it said before', ask.object(restore, 's3:GetObjectVersion', 'vault', PAPER)],
  ['the writer of results reads that', ask.object(write, 's3:GetObjectVersion', 'vault', PAPER)],
  ['restore says what it has prepared', ask.object(restore, 's3:PutObject', 'vault', PREPARED)],
  ['who looks for a safety backup reads that', ask.object(find, 's3:GetObjectVersion', 'vault', PREPARED)],
  ['the writer of results writes the evidence', ask.object(write, 's3:PutObject', 'vault', RESULT)],
  ['the check of requests looks at an earlier restore', ask.object(check, 's3:GetObjectVersion', 'vault', RESULT)],
  ['the check of requests looks at its sign-off', ask.object(check, 's3:GetObjectVersion', 'vault', SIGN_OFF)],
  ['the restore machine makes a safety backup', ask.other(restoreMachine, 'states:StartExecution', BACKUP_MACHINE)],
  [
    'the restore machine watches it',
    ask.other(restoreMachine, 'states:DescribeExecution', `${BACKUP_MACHINE.replace(':stateMachine:', ':execution:')}:x`),
  ],
  ['the signer reads that', ask.object(sign, 's3:GetObjectVersion', 'vault', RESULT)],
  ['the signer signs that', ask.object(sign, 's3:PutObject', 'vault', SIGNATURE)],
  ['lock locks that', ask.object(lock, 's3:PutObjectRetention', 'vault', RESULT, forDays(3653))],
  ['lock locks its signature', ask.object(lock, 's3:PutObjectRetention', 'vault', SIGNATURE, forDays(3653))],
  ['copy reads that', ask.object(copy, 's3:GetObjectVersion', 'vault', RESULT)],
  ['copy copies that', ask.object(copy, 's3:PutObject', 'replica', RESULT)],
  ['copy copies its signature', ask.object(copy, 's3:PutObject', 'replica', SIGNATURE)],
  ...calls([
    'restore/check-request',
    'restore/write-result',
    'restore/find-safety',
    'evidence/sign-objects',
    'lock/lock-objects',
    'copy/copy-records',
    'backup/report-failure',
  ]),
];

const CANNOT: [string, Decision][] = [
  ['admission reads data', ask.object(admit, 's3:GetObject', 'vault', `data/ida/postgres/2026/11/21/${SLOT}/0001-1/dump-0001`)],
  ['admission reads a manifest', ask.object(admit, 's3:GetObjectVersion', 'vault', `${POINT}manifest.json`)],
  ['admission commits', ask.object(admit, 's3:PutObject', 'vault', `${POINT}manifest.json`)],
  ['admission writes a fact', ask.object(admit, 's3:PutObject', 'vault', `${POINT}verified-${RUN}.json`)],
  ['admission changes a claim', ask.object(admit, 's3:PutObject', 'vault', CLAIM, { 's3:ObjectCreationOperation': 'true' })],
  [
    'admission starts a run',
    ask.other(admit, 'states:StartExecution', `arn:aws:states:${HOME}:${ACCOUNT}:stateMachine:holdfast-ida-backup`),
  ],
  ['restore writes evidence', ask.object(restore, 's3:PutObject', 'vault', RESULT)],
  ['restore writes of another asset', ask.object(restore, 's3:PutObject', 'vault', PAPER.replace('/postgres/', '/other/'))],
  ['who looks for a safety backup says that there is one', ask.object(find, 's3:PutObject', 'vault', PREPARED)],
  ['who looks for a safety backup reads another paper', ask.object(find, 's3:GetObjectVersion', 'vault', PAPER)],
  ['the writer of results signs off', ask.object(write, 's3:PutObject', 'vault', SIGN_OFF)],
  ['the writer of results writes of a drill', ask.object(write, 's3:PutObject', 'vault', `evidence/ida/2026/drill-${RUN}.json`)],
  ['the check of requests writes a sign-off', ask.object(check, 's3:PutObject', 'vault', SIGN_OFF)],
  [
    'the restore machine starts a retention',
    ask.other(restoreMachine, 'states:StartExecution', BACKUP_MACHINE.replace('-backup', '-retention')),
  ],
  [
    'the restore machine of the second region makes a backup',
    ask.other('holdfast-ida-restore-replica-machine', 'states:StartExecution', BACKUP_MACHINE),
  ],
  ['restore signs what it restored', ask.object(restore, 's3:PutObject', 'vault', SIGNATURE)],
  ['restore lists other evidence', ask.list(restore, 'vault', 'evidence/ida/2026/drill-result-')],
  ['restore reads other evidence', ask.object(restore, 's3:GetObject', 'vault', `evidence/ida/2026/drill-result-${RUN}.json`)],
  ['restore locks what it restored', ask.object(restore, 's3:PutObjectRetention', 'vault', RESULT)],
  ['restore copies what it restored', ask.object(restore, 's3:PutObject', 'replica', RESULT)],
  ['the signer writes what it signs', ask.object(sign, 's3:PutObject', 'vault', RESULT)],
  ...calls(['backup/admit-slot', 'record/record-point', 'copy/copy-parts', 'drill/judge-drill', 'escrow/read-back']),
];

describe('after the commit of a point, and after a restore', () => {
  it.each(CAN)('%s', (_, decision) => expect(decision.outcome).toBe('allowed'));
});

describe('after the commit of a point, and after a restore, it is denied that', () => {
  it.each(CANNOT)('%s', (_, decision) => expect(decision.outcome).not.toBe('allowed'));
});
