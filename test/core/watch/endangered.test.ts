import { describe, expect, it } from 'vitest';
import { judgeKeyEvent, KeyEvent } from '../../../core/watch/endangered.ts';
import { keyAlarmBody, keyAlarmSubject } from '../../../core/watch/key-message.ts';
import { explainUsed, isEndangered, isUnseen, type Used } from '../../../core/watch/used.ts';

const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const ALIAS = 'alias/holdfast/ida/escrow';
const source = (store: 'secret' | 'parameter', name: string) => ({ kind: 'source', source: { store, name }, state: 'works' }) as const;
const used: Used[] = [
  { kind: 'key', alias: ALIAS, arn: ARN, state: 'works' },
  source('secret', 'ida/wallet'),
  source('parameter', '/ida/token'),
];

/** As CloudTrail records such a call, with what EventBridge puts around it. */
const event = (eventName: string, over: object = {}): KeyEvent =>
  KeyEvent.parse({
    version: '0',
    source: 'aws.kms',
    'detail-type': 'AWS API Call via CloudTrail',
    time: '2026-11-21T18:58:30Z',
    detail: {
      eventSource: 'kms.amazonaws.com',
      eventName,
      userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/Alice' },
      requestParameters: { pendingWindowInDays: 20, keyId: '1234abcd-12ab-34cd-56ef-1234567890ab' },
      responseElements: { keyId: ARN },
      resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN }],
      ...over,
    },
  });
const judge = (one: KeyEvent, keys = used) => judgeKeyEvent(one, keys);

describe('an event about a key', () => {
  it.each(['ScheduleKeyDeletion', 'DisableKey', 'DeleteImportedKeyMaterial', 'PutKeyPolicy'])(
    '%s names who did it to what',
    (eventName) => {
      const alarm = judge(event(eventName));
      expect(alarm?.text).toBe(
        `arn:aws:iam::111122223333:user/Alice called ${eventName} for the key ${ALIAS} (1234abcd-12ab-34cd-56ef-1234567890ab) at 2026-11-21T18:58:30Z`,
      );
      expect(keyAlarmSubject(alarm!, { system: 'ida', region: 'eu-central-1' })).toMatch(
        /^Holdfast: ida: \w+ of the key alias\/holdfast\/ida\/escrow$/,
      );
      expect(keyAlarmBody(alarm!, { system: 'ida', region: 'eu-central-1' })).toContain('A KMS key is about to go');
    },
  );
  it('by ARN, or by its resources alone', () => {
    expect(judge(event('DisableKey', { requestParameters: { keyId: ARN }, resources: null }))).toBeDefined();
    expect(judge(event('DisableKey', { requestParameters: null }))).toBeDefined();
  });
  it('of a key that is not in use says nothing', () => {
    const other = {
      requestParameters: { keyId: 'ffffabcd-12ab-34cd-56ef-1234567890ab' },
      resources: [{ ARN: ARN.replace('1234abcd', 'ffffabcd') }],
    };
    expect(judge(event('ScheduleKeyDeletion', other))).toBeUndefined();
    // Unless nobody could say which keys are in use.
    expect(judge(event('ScheduleKeyDeletion', other), [{ kind: 'key', alias: 'x', state: 'unseen' }])?.text).toContain(
      'could not be told whether',
    );
  });
  it('that was refused says so', () => {
    expect(judge(event('DisableKey', { errorCode: 'AccessDenied' }))?.text).toMatch(/and AWS refused it \(AccessDenied\)$/);
  });
  it('about an alias is about that alias alone', () => {
    const moved = (aliasName: string) => event('UpdateAlias', { requestParameters: { aliasName, targetKeyId: 'x' }, resources: [{ ARN }] });
    expect(judge(moved(ALIAS))?.text).toContain(`UpdateAlias for the key ${ALIAS}`);
    expect(judge(moved('alias/other'))).toBeUndefined();
  });
});

describe('an event about the source of a key', () => {
  const deleted = (secretId: string) => event('DeleteSecret', { requestParameters: { secretId } });
  it.each(['ida/wallet', 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:ida/wallet-AbCdEf'])('is known by %s', (secretId) => {
    expect(judge(deleted(secretId))?.text).toContain('deleted ida/wallet');
  });
  it('of another name says nothing', () => {
    expect(judge(deleted('ida/wallet-2'))).toBeUndefined();
  });
  it('of Parameter Store has a form of its own', () => {
    const parse = (name: string) => KeyEvent.parse({ time: 't', detail: { name, operation: 'Delete', type: 'SecureString' } });
    expect(judge(parse('/ida/token'))?.text).toContain('/ida/token');
    expect(judge(parse('/ida/other'))).toBeUndefined();
  });
});

it('each kind of alarm says what helps', () => {
  const body = (one: KeyEvent) => keyAlarmBody(judge(one)!, { system: 'ida', region: 'eu-central-1' });
  expect(body(event('DisableKey'))).toContain('enable the key');
  expect(body(event('PutKeyPolicy'))).toContain('npx holdfast audit');
  expect(body(event('DeleteSecret', { requestParameters: { secretId: 'ida/wallet' } }))).toContain('restore the secret');
});

it('keys that work are no matter, and what cannot be looked at is not taken for one that is gone', () => {
  const key = { kind: 'key', arn: ARN } as const;
  const found: Used[] = [
    ...used,
    { ...key, alias: 'a', state: 'deletion-scheduled', endsAt: '2026-12-21T18:58:30.000Z' },
    { ...key, alias: 'b', state: 'disabled' },
    { kind: 'key', alias: 'c', state: 'gone' },
    { ...key, encrypts: { store: 'parameter', name: '/ida/token' }, state: 'unusable', detail: 'PendingImport' },
    { kind: 'key', alias: 'd', state: 'unseen', detail: 'AccessDeniedException' },
    { ...source('secret', 'e'), state: 'deletion-scheduled', since: '2026-11-21T18:58:30.000Z' },
    { ...source('secret', 'f'), state: 'gone' },
  ];
  expect(found.filter(isEndangered).map(explainUsed)).toEqual([
    `the key a (${ARN}) is to be deleted on 2026-12-21`,
    `the key b (${ARN}) is disabled`,
    'the key c: there is no such key',
    `the key of the parameter /ida/token (${ARN}) is in a state in which it cannot be used (PendingImport)`,
    'the secret e is deleted, and can be restored until its window ends, as of 2026-11-21',
    'the secret f is not there',
  ]);
  expect(found.filter(isUnseen).map(explainUsed)).toEqual(['the key d could not be looked at (AccessDeniedException)']);
});
