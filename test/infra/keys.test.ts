/** What the rules of EventBridge take up of what happens to keys and their sources, and what they start. */
import { describe, expect, it } from 'vitest';
import { EscrowInput } from '../../core/escrow/contract.ts';
import { WatchKeysRequest } from '../../core/watch/contract.ts';
import { KeyEvent } from '../../core/watch/endangered.ts';
import { takes } from './event-pattern.ts';
import { synthesize, type Template } from './synthesized.ts';

const ida = synthesize('ida');
const elsewhere = synthesize('test/infra/existing-network.yaml');

type Rule = {
  Name: string;
  EventPattern: Parameters<typeof takes>[0];
  Targets: { Arn: unknown; Input?: string; DeadLetterConfig?: unknown }[];
};
const rulesOf = ({ Resources }: Template): Rule[] =>
  Object.values(Resources).flatMap(({ Type, Properties }) => (Type === 'AWS::Events::Rule' ? [Properties as unknown as Rule] : []));
/** An account that is deployed to is a reference; here it is one. */
const resolved = (rule: Rule): Rule =>
  JSON.parse(
    JSON.stringify(rule).replaceAll(/\{"Fn::Join":\["",\[(.*?)\]\]\}/g, (_, parts: string) =>
      JSON.stringify((JSON.parse(`[${parts}]`) as unknown[]).map((part) => (typeof part === 'string' ? part : '111122223333')).join('')),
    ),
  ) as Rule;
const ruleOf = (template: Template, name: string) => {
  const found = rulesOf(template).find((rule) => rule.Name === name);
  expect(found, name).toBeDefined();
  return resolved(found!);
};

const call = (source: string, eventName: string, requestParameters: object, more: object = {}) =>
  ({
    source: `aws.${source}`,
    'detail-type': 'AWS API Call via CloudTrail',
    time: '2026-11-21T18:58:30Z',
    detail: { eventSource: `${source}.amazonaws.com`, eventName, requestParameters, ...more },
  }) as never;
const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:ida/wallet-encryption-key-AbCdEf';

describe('the rule of a key in Secrets Manager', () => {
  const rule = ruleOf(ida.pipeline, 'holdfast-ida-wallet-encryption-key-rotated');
  it.each([
    ['a new value, by name', call('secretsmanager', 'PutSecretValue', { secretId: 'ida/wallet-encryption-key' }), true],
    ['a new value, by ARN', call('secretsmanager', 'PutSecretValue', { secretId: ARN }), true],
    ['an update', call('secretsmanager', 'UpdateSecret', { secretId: ARN }), true],
    ['labels that move', call('secretsmanager', 'UpdateSecretVersionStage', { secretId: ARN }), true],
    ['a secret that is made', call('secretsmanager', 'CreateSecret', { name: 'ida/wallet-encryption-key' }), true],
    [
      'a rotation that ended',
      {
        source: 'aws.secretsmanager',
        'detail-type': 'AWS Service Event via CloudTrail',
        detail: { eventName: 'RotationSucceeded', additionalEventData: { SecretId: ARN } },
      } as never,
      true,
    ],
    ['a read', call('secretsmanager', 'GetSecretValue', { secretId: ARN }), false],
    ['another secret', call('secretsmanager', 'PutSecretValue', { secretId: 'ida/postgres' }), false],
    ['a call that was refused', call('secretsmanager', 'PutSecretValue', { secretId: ARN }, { errorCode: 'AccessDenied' }), false],
  ])('takes %s', (_, event, expected) => {
    expect(takes(rule.EventPattern, event)).toBe(expected);
  });
  it('starts the escrow of that key alone, and keeps what could not be started', () => {
    expect(rule.Targets).toHaveLength(1);
    expect(JSON.stringify(rule.Targets[0]!.Arn)).toContain('stateMachine:holdfast-ida-escrow');
    expect(EscrowInput.parse(JSON.parse(rule.Targets[0]!.Input!))).toEqual({ key: 'wallet-encryption-key' });
    expect(rule.Targets[0]!.DeadLetterConfig).toBeDefined();
  });
});

it('a parameter says by itself that it changed', () => {
  const { EventPattern } = ruleOf(elsewhere.pipeline, 'holdfast-elsewhere-token-key-rotated');
  const change = (name: string, operation: string) => ({
    source: 'aws.ssm',
    'detail-type': 'Parameter Store Change',
    detail: { name, operation },
  });
  expect(takes(EventPattern, change('/elsewhere/token-key', 'Update'))).toBe(true);
  expect(takes(EventPattern, change('/elsewhere/token-key', 'Delete'))).toBe(false);
  expect(takes(EventPattern, change('/elsewhere/other', 'Update'))).toBe(false);
});

describe.each([
  ['home', ida.pipeline, 'holdfast-ida-watch-watch-keys"'],
  ['the second region', ida.recovery, 'holdfast-ida-watch-watch-keys-replica"'],
])('in %s', (_, template, target) => {
  const { EventPattern, Targets } = ruleOf(template, 'holdfast-ida-keys-ended');
  it.each(['ScheduleKeyDeletion', 'DisableKey', 'DeleteImportedKeyMaterial', 'DeleteAlias', 'UpdateAlias', 'PutKeyPolicy'])(
    '%s is told',
    (eventName) => {
      const event = call('kms', eventName, { keyId: 'x' });
      expect(takes(EventPattern, event)).toBe(true);
      expect(KeyEvent.safeParse(event).success).toBe(true);
      expect(JSON.stringify(Targets[0]!.Arn)).toContain(target.slice(0, -1));
    },
  );
  it('what uses a key is not', () => {
    expect(takes(EventPattern, call('kms', 'Decrypt', { keyId: 'x' }))).toBe(false);
  });
});

it('what backups, restores and messages log in with is looked at in the region where it is', () => {
  const watchOf = (template: Template, name: string) => {
    const resources = Object.values(template.Resources);
    const role = resources.find(({ Properties }) => Properties['RoleName'] === name);
    const schedule = resources.find(({ Type, Properties }) => Type === 'AWS::Scheduler::Schedule' && Properties['Name'] === 'watch-keys');
    const { Input = '{}' } = (schedule?.Properties['Target'] ?? {}) as { Input?: string };
    return { role: JSON.stringify(role?.Properties['Policies']), input: WatchKeysRequest.parse(JSON.parse(Input)) };
  };
  const home = watchOf(ida.pipeline, 'holdfast-ida-watch-watch-keys');
  const second = watchOf(ida.recovery, 'holdfast-ida-watch-watch-keys-replica');
  const [dump, restore] = ['ida/postgres', 'ida/postgres-restore'];
  expect(home.input).toEqual({ look: true, logins: [dump, restore].map((secret) => ({ secret, isNeeded: true })) });
  expect(second.input).toEqual({ look: true, logins: [{ secret: restore, isNeeded: false }] });
  for (const [{ role }, region, names] of [
    [home, 'eu-central-1', [dump, restore]],
    [second, 'eu-west-1', [restore]],
  ] as const)
    for (const name of names) for (const part of [`secretsmanager:${region}`, `secret:${name}-??????`]) expect(role).toContain(part);
});

it('the end of a secret or parameter is told as well', () => {
  expect(takes(ruleOf(ida.pipeline, 'holdfast-ida-secrets-deleted').EventPattern, call('secretsmanager', 'DeleteSecret', {}))).toBe(true);
  const gone = {
    source: 'aws.ssm',
    'detail-type': 'Parameter Store Change',
    detail: { name: '/elsewhere/token-key', operation: 'Delete' },
  };
  expect(takes(ruleOf(elsewhere.pipeline, 'holdfast-elsewhere-parameters-deleted').EventPattern, gone)).toBe(true);
});

it('the guard is called by Secrets Manager where the plan names the function behind it, and calls no other', () => {
  const resources = Object.values(elsewhere.pipeline.Resources);
  const permission = resources.find(
    ({ Type, Properties }) => Type === 'AWS::Lambda::Permission' && Properties['Principal'] === 'secretsmanager.amazonaws.com',
  );
  expect(JSON.stringify(permission?.Properties['FunctionName'])).toContain('holdfast-elsewhere-escrow-guard-rotation');
  const role = resources.find(({ Properties }) => Properties['RoleName'] === 'holdfast-elsewhere-escrow-guard-rotation');
  expect(JSON.stringify(role)).toContain('"Resource":["arn:aws:lambda:eu-central-1:111122223333:function:rotate-master-key"]');
  const withoutGuard = Object.values(ida.pipeline.Resources).filter(
    ({ Properties }) => Properties['Principal'] === 'secretsmanager.amazonaws.com',
  );
  expect(withoutGuard).toEqual([]);
});
