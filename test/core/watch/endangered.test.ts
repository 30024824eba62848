import { describe, expect, it } from 'vitest';
import { judgeKeyEvent, KeyEvent, selectEndangered, type UsedKey } from '../../../core/watch/endangered.ts';
import { keyAlarmBody, keyAlarmSubject } from '../../../core/watch/key-message.ts';

const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const ALIAS = 'alias/holdfast/ida/escrow';
const used: UsedKey[] = [{ what: `the key ${ALIAS}`, alias: ALIAS, arn: ARN, state: 'Enabled' }];
const SOURCES = ['ida/wallet', '/ida/token'];

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
const judge = (one: KeyEvent, keys = used) => judgeKeyEvent(one, keys, SOURCES);

describe('an event about a key', () => {
  it.each(['ScheduleKeyDeletion', 'DisableKey', 'DeleteImportedKeyMaterial'])('%s names who did it to what', (eventName) => {
    const alarm = judge(event(eventName));
    expect(alarm?.text).toBe(
      `arn:aws:iam::111122223333:user/Alice called ${eventName} for the key ${ALIAS} (1234abcd-12ab-34cd-56ef-1234567890ab) at 2026-11-21T18:58:30Z`,
    );
    expect(keyAlarmSubject(alarm!, { system: 'ida', region: 'eu-central-1' })).toMatch(
      /^Holdfast: ida: \w+ of the key alias\/holdfast\/ida\/escrow$/,
    );
    expect(keyAlarmBody(alarm!, { system: 'ida', region: 'eu-central-1' })).toContain('A KMS key is about to go');
  });
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
    expect(judge(event('ScheduleKeyDeletion', other), [{ what: 'the key x' }])?.text).toContain('could not be told whether');
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

it('keys that work are no matter, and what cannot be looked at is not taken for one that is gone', () => {
  const found = selectEndangered([
    ...used,
    { what: 'a', arn: ARN, state: 'PendingDeletion' },
    { what: 'b', arn: ARN, state: 'Disabled' },
    { what: 'c', problem: 'there is no such key' },
    { what: 'd' },
  ]);
  expect(found).toEqual([`a (${ARN}) is in the state PendingDeletion`, `b (${ARN}) is in the state Disabled`, 'c: there is no such key']);
});
