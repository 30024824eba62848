import { describe, expect, it } from 'vitest';
import { ACCOUNT, roleNames, synthesize } from './synthesized.ts';
import { askOf, HOME, REPLICA } from './asks.ts';
import type { Decision } from './policy-matcher.ts';

const synthesized = synthesize('ida');
const ask = askOf('ida', synthesized);
const roles = roleNames([synthesized.vault, synthesized.replicaVault, synthesized.pipeline, synthesized.recovery]);

const DATA = 'data/ida/postgres/2026/11/21/20261121T011500Z/0001-1/dump-0001';
const POINT = 'catalog/ida/postgres/20261121T011500Z/';
const MANIFEST = `${POINT}manifest.json`;
const RUN = '20261121T100000Z-3fa9c1';
const [HELD, RELEASED] = [`${POINT}held-${RUN}.json`, `${POINT}released-${RUN}.json`];

const sides = [
  { side: 'vault', suffix: '', other: 'replica', region: HOME },
  { side: 'replica', suffix: '-replica', other: 'vault', region: REPLICA },
] as const;

describe.each(sides)('holds beside the $side', ({ side, suffix, other, region }) => {
  const record = `holdfast-ida-lock-record-hold${suffix}`;
  const hold = `holdfast-ida-lock-hold-objects${suffix}`;
  const custodian = `holdfast-ida-custodian${suffix}`;
  const machine = (stage: string) => `arn:aws:states:${region}:${ACCOUNT}:stateMachine:holdfast-ida-${stage}${suffix}`;

  const can: [string, Decision][] = [
    ['a hold is written down', ask.object(record, 's3:PutObject', side, HELD)],
    ['its release is written down', ask.object(record, 's3:PutObject', side, RELEASED)],
    ['data is held', ask.object(hold, 's3:PutObjectLegalHold', side, DATA)],
    ['a manifest is held', ask.object(hold, 's3:PutObjectLegalHold', side, MANIFEST)],
    ['the custodian starts the machine', ask.other(custodian, 'states:StartExecution', machine('hold'))],
  ];
  it.each(can)('%s', (_, decision) => expect(decision.outcome).toBe('allowed'));

  const cannot: [string, Decision][] = [
    ['what holds reads data', ask.object(hold, 's3:GetObject', side, DATA)],
    ['what holds writes a release', ask.object(hold, 's3:PutObject', side, RELEASED)],
    ['what holds deletes', ask.object(hold, 's3:DeleteObjectVersion', side, DATA)],
    ['what holds locks', ask.object(hold, 's3:PutObjectRetention', side, DATA)],
    ['what holds holds in the other vault', ask.object(hold, 's3:PutObjectLegalHold', other, DATA)],
    ['what holds holds evidence', ask.object(hold, 's3:PutObjectLegalHold', side, `evidence/ida/2026/drill-${RUN}.json`)],
    ['what writes of holds holds', ask.object(record, 's3:PutObjectLegalHold', side, DATA)],
    ['what writes of holds reads another fact', ask.object(record, 's3:GetObject', side, `${POINT}verified-${RUN}.json`)],
    ['what writes of holds says that a point has expired', ask.object(record, 's3:PutObject', side, `${POINT}tombstone-${RUN}.json`)],
    ['the custodian holds past the machine', ask.object(custodian, 's3:PutObjectLegalHold', side, DATA)],
    ['the custodian lets points expire', ask.other(custodian, 'states:StartExecution', machine('retention'))],
    ['the operator changes holds', ask.other(`holdfast-ida-operator${suffix}`, 'states:StartExecution', machine('hold'))],
  ];
  it.each(cannot)('%s: no', (_, decision) => expect(decision.outcome).not.toBe('allowed'));

  it('nobody else touches a legal hold, whatever is granted', () => {
    const own = [hold];
    expect(roles).toContain(hold);
    for (const role of [...roles, 'admin', 'cdk-hnb659fds-cfn-exec-role'].filter((name) => !own.includes(name)))
      expect(ask.object(role, 's3:PutObjectLegalHold', side, MANIFEST).outcome, role).not.toBe('allowed');
    expect(ask.object('admin', 's3:PutObjectLegalHold', side, MANIFEST)).toEqual({ outcome: 'denied', by: 'OnlyHoldsHold' });
    for (const escrow of ['escrow', 'replica-escrow'] as const)
      for (const role of [...own, 'admin'])
        expect(ask.object(role, 's3:PutObjectLegalHold', escrow, 'ida/k/0/envelope').outcome, role).not.toBe('allowed');
  });
});
