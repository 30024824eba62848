import { describe, expect, it } from 'vitest';
import type { Decision } from './policy-matcher.ts';
import { askOf, HOME, REPLICA } from './asks.ts';
import { ACCOUNT, ofType, synthesize } from './synthesized.ts';

const synthesized = synthesize('ida');
const ask = askOf('ida', synthesized);
const fn = (handler: string, suffix = '') => `holdfast-ida-${handler.replace('/', '-')}${suffix}`;

const DATA = 'data/ida/postgres/2026/11/21/20261121T011500Z/0001-1/dump-0001';
const POINT = 'catalog/ida/postgres/20261121T011500Z/';
const MANIFEST = `${POINT}manifest.json`;
const RUN = '20261121T042000Z-3fa9c1';
const PLAN = `retention/ida/postgres/${RUN}.jsonl`;
const EVIDENCE = `evidence/ida/2026/expiry-${RUN}-postgres.json`;

/** The vault's retention, and the replica's: each over its own bucket. */
const sides = [
  { side: 'vault', suffix: '', other: 'replica', region: HOME },
  { side: 'replica', suffix: '-replica', other: 'vault', region: REPLICA },
] as const;

describe.each(sides)('retention beside the $side', ({ side, suffix, other, region }) => {
  const [list, decide, expire, sweep, tell] = ['list-assets', 'decide-points', 'expire-points', 'sweep-attempts', 'write-evidence'].map(
    (name) => fn(`retention/${name}`, suffix),
  ) as [string, string, string, string, string];
  const [cold, retrieve] = [fn('retention/mark-cold', suffix), fn('restore/retrieve-point', suffix)];
  const machine = `holdfast-ida-retention${suffix}-machine`;
  const can: [string, Decision][] = [
    ['deciding reads a fact', ask.object(decide, 's3:GetObjectVersion', side, `${POINT}locked-${RUN}.json`)],
    ['deciding writes its plan', ask.object(decide, 's3:PutObject', side, PLAN)],
    ['the machine reads the plan', ask.object(machine, 's3:GetObject', side, PLAN)],
    ['expiring writes a tombstone', ask.object(expire, 's3:PutObject', side, `${POINT}tombstone-${RUN}.json`)],
    ['expiring sees locks', ask.object(expire, 's3:GetObjectRetention', side, DATA)],
    ['expiring sees holds', ask.object(expire, 's3:GetObjectLegalHold', side, MANIFEST)],
    ['expiring deletes data', ask.object(expire, 's3:DeleteObjectVersion', side, DATA)],
    ['expiring deletes a manifest', ask.object(expire, 's3:DeleteObjectVersion', side, MANIFEST)],
    ['sweeping deletes data', ask.object(sweep, 's3:DeleteObjectVersion', side, DATA)],
    ['sweeping ends uploads', ask.object(sweep, 's3:AbortMultipartUpload', side, DATA)],
    ['what moves is marked', ask.object(cold, 's3:PutObjectVersionTagging', side, DATA)],
    ['data is retrieved from cold storage', ask.object(retrieve, 's3:RestoreObject', side, DATA)],
    ['telling writes evidence', ask.object(tell, 's3:PutObject', side, EVIDENCE)],
    ['the machine starts its own map runs', ask.other(machine, 'states:StartExecution', arnOf(region, 'stateMachine', suffix))],
  ];
  it.each(can)('%s', (_, decision) => expect(decision.outcome).toBe('allowed'));

  const deletes = (role: string, key: string) => ask.object(role, 's3:DeleteObjectVersion', side, key);
  const cannot: [string, Decision][] = [
    ...[list, decide, tell, machine].map((role): [string, Decision] => [`${role} deletes`, deletes(role, DATA)]),
    ['expiring deletes evidence', deletes(expire, EVIDENCE)],
    ['expiring deletes a link', deletes(expire, 'chain/ida/postgres/000000001.json')],
    ['expiring deletes a claim', deletes(expire, 'runs/ida/postgres/20261121T011500Z/0001.json')],
    ['expiring deletes of another system', deletes(expire, DATA.replace('/ida/', '/other/'))],
    ['expiring deletes in the other region', ask.object(expire, 's3:DeleteObjectVersion', other, DATA)],
    ['expiring hides an object', ask.object(expire, 's3:DeleteObject', side, MANIFEST)],
    ['expiring passes a lock', ask.object(expire, 's3:BypassGovernanceRetention', side, DATA)],
    ['expiring locks', ask.object(expire, 's3:PutObjectRetention', side, DATA)],
    ['expiring lifts a hold', ask.object(expire, 's3:PutObjectLegalHold', side, DATA)],
    ['expiring writes a manifest', ask.object(expire, 's3:PutObject', side, MANIFEST)],
    ['expiring says that a point is verified', ask.object(expire, 's3:PutObject', side, `${POINT}verified-${RUN}.json`)],
    ['expiring writes its own orders', ask.object(expire, 's3:PutObject', side, PLAN)],
    ['a manifest is tagged', ask.object(cold, 's3:PutObjectVersionTagging', side, MANIFEST)],
    ['who marks reads data', ask.object(cold, 's3:GetObject', side, DATA)],
    ['who marks deletes', deletes(cold, DATA)],
    ['expiring tags', ask.object(expire, 's3:PutObjectVersionTagging', side, DATA)],
    ['who retrieves opens what it retrieved', ask.key(retrieve, 'kms:Decrypt', 'vault', region)],
    ['who retrieves tags', ask.object(retrieve, 's3:PutObjectVersionTagging', side, DATA)],
    ['who retrieves retrieves in the other region', ask.object(retrieve, 's3:RestoreObject', other, DATA)],
    ['sweeping deletes a manifest', deletes(sweep, MANIFEST)],
    ['sweeping deletes in the other region', ask.object(sweep, 's3:DeleteObjectVersion', other, DATA)],
    ['telling writes the evidence of a drill', ask.object(tell, 's3:PutObject', side, `evidence/ida/2026/drill-${RUN}.json`)],
    ['deciding writes a tombstone', ask.object(decide, 's3:PutObject', side, `${POINT}tombstone-${RUN}.json`)],
    ['the machine starts another machine', ask.other(machine, 'states:StartExecution', arnOf(region, 'stateMachine', suffix, 'restore'))],
  ];
  it.each(cannot)('%s: no', (_, decision) => expect(decision.outcome).not.toBe('allowed'));

  it('whoever else is granted it, only these two delete versions, and only points', () => {
    expect(ask.object('admin', 's3:DeleteObjectVersion', side, DATA).outcome).toBe('denied');
    // The statement that keeps even retention to points, whatever it is granted.
    const policies = ofType(side === 'vault' ? synthesized.vault : synthesized.replicaVault, 'AWS::S3::BucketPolicy');
    const kept = policies.flatMap(([, { Properties }]) =>
      (Properties['PolicyDocument'] as { Statement: { Sid: string; NotResource?: unknown }[] }).Statement.filter(
        ({ Sid }) => Sid === 'OnlyPointsAreDeleted',
      ),
    );
    expect(kept).toHaveLength(1);
    expect(kept[0]?.NotResource).toHaveLength(2);
  });

  it('whoever else is granted it, nobody but retention tags, and retention nothing but data', () => {
    expect(ask.object('admin', 's3:PutObjectTagging', side, DATA).outcome).toBe('denied');
    expect(ask.object('admin', 's3:DeleteObjectVersionTagging', side, DATA).outcome).toBe('denied');
    expect(ask.object(cold, 's3:PutObjectVersionTagging', side, EVIDENCE).outcome).toBe('denied');
  });

  it('starts daily, for every asset, from its own region', () => {
    const template = side === 'vault' ? synthesized.pipeline : synthesized.recovery;
    const schedule = ofType(template, 'AWS::Scheduler::Schedule').find(([, { Properties }]) => Properties['Name'] === 'retention');
    expect(schedule?.[1].Properties).toMatchObject({
      ScheduleExpression: expect.stringMatching(/^cron\(20 \d+ \* \* \? \*\)$/) as string,
      Target: { Arn: arnOf(region, 'stateMachine', suffix), Input: '{}' },
    });
  });
});

function arnOf(region: string, what: string, suffix: string, stage = 'retention'): string {
  return `arn:aws:states:${region}:${ACCOUNT}:${what}:holdfast-ida-${stage}${suffix}`;
}
