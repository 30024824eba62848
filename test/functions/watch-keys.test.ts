/** KMS keys, secrets and parameters of the emulator: what is told, counted and written down when somebody ends one, and when nobody may look. */
import { randomBytes } from 'node:crypto';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, it } from 'vitest';
import { clientConfig, type AwsSettings } from '../../adapters/aws/settings.ts';
import { readFormer, readUsed } from '../../adapters/kms/used-keys.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { WatchKeysRequest } from '../../core/watch/contract.ts';
import { KEY_WATCH_FORMAT, readKeyWatch } from '../../core/watch/key-record.ts';
import { watchKeys } from '../../functions/watch/watch-keys.ts';
import { judgeUsed } from '../../core/status/decide-used.ts';
import { keyAsset } from '../core/status/states.ts';
import { makeRole } from '../helpers/make-role.ts';
import { freshBucket, rootSettings } from '../helpers/servers.ts';
import { alarmState, type AlarmState } from '../infra/alarm-state.ts';
import { ofType, synthesize } from '../infra/synthesized.ts';

const id = randomBytes(4).toString('hex');
const kms = new KMSClient(clientConfig(rootSettings()));
const secrets = new SecretsManagerClient(clientConfig(rootSettings()));
const parameters = new SSMClient(clientConfig(rootSettings()));
const makeKey = async (alias?: string) => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  if (alias) await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
  return KeyMetadata!;
};
const ALIASES = ['escrow', 'vault', 'gone'].map((purpose) => `alias/holdfast/${id}/${purpose}`);
const OF_TOKENS = `alias/${id}-tokens`;
const SECRET = `${id}/login`;
const [TOKEN, PLAIN, OF_AWS] = ['token', 'plain', 'of-aws'].map((name) => `/${id}/${name}`) as [string, string, string];
const NAMES = { aliases: ALIASES, secrets: [SECRET], parameters: [TOKEN, PLAIN, OF_AWS] };

let keys: Awaited<ReturnType<typeof makeKey>>[];
let bucket: string;
beforeAll(async () => {
  keys = [];
  for (const alias of ALIASES) keys.push(await makeKey(alias));
  keys.push(await makeKey(), await makeKey(OF_TOKENS));
  await secrets.send(new CreateSecretCommand({ Name: SECRET, SecretString: 'x', KmsKeyId: keys[3]!.Arn }));
  await parameters.send(new PutParameterCommand({ Name: TOKEN, Value: 'x', Type: 'SecureString', KeyId: OF_TOKENS }));
  await parameters.send(new PutParameterCommand({ Name: PLAIN, Value: 'x', Type: 'String' }));
  await parameters.send(new PutParameterCommand({ Name: OF_AWS, Value: 'x', Type: 'SecureString', KeyId: 'alias/aws/ssm' }));
  bucket = await freshBucket();
});

type Counts = { endangered: number; unseen: number };
const told: { subject: string; body: string }[] = [];
const counted: Counts[] = [];
let now = new Date('2026-11-21T10:00:00.000Z');
const call = (request: unknown, settings: AwsSettings = rootSettings(), names = NAMES) => {
  const { reader, writer } = openBucket(bucket, rootSettings(), {});
  return watchKeys(WatchKeysRequest.parse(request), {
    system: id,
    region: 'eu-central-1',
    readUsed: (logins) => readUsed({ ...names, logins }, settings),
    readFormer: (former) => readFormer(former, settings),
    escrow: { ...reader, ...writer },
    notifier: { publish: (subject, body) => Promise.resolve(void told.push({ subject, body })) },
    publish: (counts) => void counted.push(counts),
    warn: () => undefined,
    now: () => now,
  });
};
const look = (settings?: AwsSettings, names?: typeof NAMES) => call({ look: true }, settings, names);
const later = (seconds: number) => (now = new Date(now.getTime() + seconds * 1000));
const event = (eventName: string, requestParameters: object, ARN?: string) => ({
  time: '2026-11-21T18:58:30Z',
  detail: { eventName, userIdentity: { arn: 'arn:aws:iam::111122223333:user/Alice' }, requestParameters, resources: [{ ARN }] },
});
const written = async () => {
  const found: string[] = [];
  for await (const { key } of openBucket(bucket, rootSettings(), {}).reader.list(`watch/${id}/`)) found.push(key);
  return found;
};

it('sees keys that end, its own and those of its sources, and sources that go, with or without an event', async () => {
  expect(await look()).toEqual({ keys: 5, endangered: [], unseen: [], told: false });
  // A day's first look is written down, and then only what changes.
  later(300);
  await look();
  expect(await written()).toEqual([`watch/${id}/keys-20261121T100000Z.json`]);

  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: keys[0]!.KeyId, PendingWindowInDays: 30 }));
  await kms.send(new DisableKeyCommand({ KeyId: keys[3]!.KeyId }));
  await kms.send(new DisableKeyCommand({ KeyId: keys[4]!.KeyId }));
  await kms.send(new DeleteAliasCommand({ AliasName: ALIASES[2] }));
  await secrets.send(new DeleteSecretCommand({ SecretId: SECRET, RecoveryWindowInDays: 7 }));
  later(300);
  const { endangered } = await look(undefined, { ...NAMES, parameters: [...NAMES.parameters, `/${id}/none`] });
  expect(endangered).toEqual([
    expect.stringMatching(new RegExp(`^the key ${ALIASES[0]} \\(.+\\) is to be deleted on \\d{4}-\\d\\d-\\d\\d$`)),
    `the key ${ALIASES[2]}: there is no such key`,
    expect.stringMatching(new RegExp(`^the secret ${SECRET} is deleted, and can be restored until its window ends, as of \\d{4}`)),
    `the key of the secret ${SECRET} (${keys[3]!.Arn}) is disabled`,
    `the key of the parameter ${TOKEN} (${keys[4]!.Arn}) is disabled`,
    `the parameter /${id}/none is not there`,
  ]);
  expect(counted.map((counts) => counts.endangered)).toEqual([0, 0, 6]);
  expect(told).toEqual([]);
  expect(await written()).toHaveLength(2);
  const record = await readKeyWatch(openBucket(bucket, rootSettings(), {}).reader, id, now);
  expect(record).toMatchObject({ format: KEY_WATCH_FORMAT, at: now.toISOString(), region: 'eu-central-1' });
  expect(record?.used.filter(({ state }) => state !== 'works')).toHaveLength(6);

  expect(await call(event('ScheduleKeyDeletion', { keyId: keys[0]!.KeyId }, keys[0]!.Arn))).toMatchObject({ told: true });
  expect(await call(event('DisableKey', { keyId: keys[3]!.KeyId }, keys[3]!.Arn))).toMatchObject({ told: true });
  expect(await call(event('DisableKey', { keyId: keys[4]!.KeyId }, keys[4]!.Arn))).toMatchObject({ told: true });
  expect(await call(event('UpdateAlias', { aliasName: OF_TOKENS }))).toMatchObject({ told: true });
  expect(await call(event('DeleteAlias', { aliasName: ALIASES[2] }))).toMatchObject({ told: true });
  expect(await call(event('PutKeyPolicy', { keyId: keys[1]!.Arn }, keys[1]!.Arn))).toMatchObject({ told: true });
  expect(await call(event('DeleteSecret', { secretId: SECRET }))).toMatchObject({ told: true });
  const stranger = await makeKey();
  expect(await call(event('DisableKey', { keyId: stranger.KeyId }, stranger.Arn))).toMatchObject({ told: false });
  expect(told.map(({ subject }) => subject)).toEqual([
    `Holdfast: ${id}: ScheduleKeyDeletion of the key ${ALIASES[0]}`,
    `Holdfast: ${id}: DisableKey of the key of the secret ${SECRET}`,
    `Holdfast: ${id}: DisableKey of the key of the parameter ${TOKEN}`,
    `Holdfast: ${id}: UpdateAlias of the key of the parameter ${TOKEN}`,
    `Holdfast: ${id}: DeleteAlias of the key ${ALIASES[2]}`,
    `Holdfast: ${id}: PutKeyPolicy of the key ${ALIASES[1]}`,
    `Holdfast: ${id}: the source of a key was deleted: ${SECRET}`,
  ]);
});

describe('of the secrets that are logged in with', () => {
  const own = `${id}-logins`;
  const [DUMP, RESTORE, NOT_YET] = ['dump', 'restore', 'not-yet'].map((name) => `${id}/${name}`) as [string, string, string];
  const NONE = { aliases: [], secrets: [], parameters: [] };
  const logins = [
    { secret: DUMP, isNeeded: true },
    { secret: RESTORE, isNeeded: false },
    { secret: NOT_YET, isNeeded: false },
  ];
  const ask = (request: unknown, { reader = {}, asked = [] as string[] } = {}) => {
    const { reader: whole, writer } = openBucket(bucket, rootSettings(), {});
    return watchKeys(WatchKeysRequest.parse(request), {
      system: own,
      region: 'eu-central-1',
      readUsed: (named) => readUsed({ ...NONE, logins: named }, rootSettings()),
      readFormer: () => Promise.resolve([]),
      escrow: { ...whole, ...writer, ...reader },
      notifier: { publish: (subject, body) => Promise.resolve(void asked.push(subject, body)) },
      publish: () => undefined,
      warn: () => undefined,
      now: () => now,
    });
  };
  let key: Awaited<ReturnType<typeof makeKey>>;
  beforeAll(async () => {
    key = await makeKey();
    for (const Name of [DUMP, RESTORE]) await secrets.send(new CreateSecretCommand({ Name, SecretString: 'x', KmsKeyId: key.Arn }));
  });

  it('the key is seen at each look, and told of as soon as somebody ends it, by what the last look saw', async () => {
    later(300);
    expect(await ask({ look: true, logins })).toMatchObject({ keys: 2, endangered: [], unseen: [] });
    const asked: string[] = [];
    expect(await ask(event('DisableKey', { keyId: key.KeyId }, key.Arn), { asked })).toMatchObject({ keys: 2, told: true });
    expect(await ask(event('DeleteSecret', { secretId: RESTORE }), { asked })).toMatchObject({ told: true });
    expect(asked.map((text) => text.split('\n')[0])).toEqual([
      `Holdfast: ${own}: DisableKey of the key of the secret ${DUMP}`,
      expect.stringContaining(`called DisableKey for the key of the secret ${DUMP}`) as string,
      `Holdfast: ${own}: a secret that is logged in with was deleted: ${RESTORE}`,
      expect.not.stringContaining('in escrow') as string,
    ]);
    await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }));
    later(300);
    const { endangered } = await ask({ look: true, logins });
    expect(endangered).toEqual([DUMP, RESTORE].map((name) => `the key of the secret ${name} (${key.Arn}) is disabled`));
    // An event about something else hides none of it.
    expect((await ask(event('DisableKey', { keyId: 'x' }, 'arn:aws:kms:eu-central-1:111122223333:key/x'))).endangered).toEqual(endangered);
    await kms.send(new EnableKeyCommand({ KeyId: key.KeyId }));
  });

  it('one that is gone is told where it is needed, and not where nobody has made it yet', async () => {
    for (const SecretId of [DUMP, RESTORE]) await secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    later(300);
    expect((await ask({ look: true, logins })).endangered).toEqual([`the secret ${DUMP} is not there`]);
  });

  it('while nobody can say which they are, the end of any key is told', async () => {
    const asked: string[] = [];
    const stranger = await makeKey();
    const reader = { listVersions: () => fail() };
    await expect(ask(event('DisableKey', { keyId: stranger.KeyId }, stranger.Arn), { asked, reader })).rejects.toThrow('not now');
    expect(asked[0]).toBe(`Holdfast: ${own}: DisableKey of a KMS key`);
  });

  // eslint-disable-next-line require-yield
  async function* fail(): AsyncGenerator<never> {
    await Promise.reject(new Error('not now'));
  }
});

describe('of a key that an alias named before', () => {
  const own = `${id}m`;
  const alias = `alias/holdfast/${own}/escrow`;
  const subjects: string[] = [];
  const ask = (request: unknown = { look: true, logins: [] }, settings: AwsSettings = rootSettings()) => {
    const { reader, writer } = openBucket(bucket, rootSettings(), {});
    return watchKeys(WatchKeysRequest.parse(request), {
      system: own,
      region: 'eu-central-1',
      readUsed: (logins) => readUsed({ aliases: [alias], secrets: [], parameters: [], logins }, settings),
      readFormer: (former) => readFormer(former, settings),
      escrow: { ...reader, ...writer },
      notifier: { publish: (subject) => Promise.resolve(void subjects.push(subject)) },
      publish: () => undefined,
      warn: () => undefined,
      now: () => now,
    });
  };
  let first: Awaited<ReturnType<typeof makeKey>>;
  beforeAll(async () => {
    first = await makeKey(alias);
    await ask();
    await kms.send(new UpdateAliasCommand({ AliasName: alias, TargetKeyId: (await makeKey()).KeyId }));
  });

  it('it is told who ends it, at once and by each look until it is gone, and what hangs on it turns red', async () => {
    later(60);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: first.KeyId, PendingWindowInDays: 7 }));
    // The event comes before any look has seen that the alias was moved.
    expect(await ask(event('ScheduleKeyDeletion', { keyId: first.KeyId }, first.Arn))).toMatchObject({ keys: 2, told: true });
    expect(subjects).toEqual([`Holdfast: ${own}: ScheduleKeyDeletion of the former key of ${alias}`]);
    for (let looks = 0; looks < 3; looks += 1) {
      later(300);
      expect((await ask()).endangered).toEqual([
        expect.stringMatching(new RegExp(`^the former key of ${alias} \\(${first.Arn}\\) is to be deleted on \\d{4}-\\d\\d-\\d\\d$`)),
      ]);
    }
    const record = await readKeyWatch(openBucket(bucket, rootSettings(), {}).reader, own, now);
    expect(judgeUsed(keyAsset(), { vault: record! }).map(({ colour, code }) => [colour, code])).toEqual([['red', 'kms-key-endangered']]);
  });

  it('it is not forgotten while nobody may look, and neither is the present one', async () => {
    const credentials = await makeRole(`${own}-blind`, [{ Action: 's3:ListAllMyBuckets', Resource: '*' }]);
    later(300);
    const { unseen } = await ask(undefined, { ...rootSettings(), credentials });
    expect(unseen).toEqual([
      expect.stringMatching(new RegExp(`^the key ${alias} \\(arn:.*\\) could not be looked at \\(AccessDeniedException\\)$`)),
      `the former key of ${alias} (${first.Arn}) could not be looked at (AccessDeniedException)`,
    ]);
    later(300);
    expect(await ask()).toMatchObject({ keys: 2, unseen: [], endangered: [expect.stringContaining(first.Arn!)] });
  });

  it('it is not looked for any more once it is gone', async () => {
    const gone = { alias, arn: first.Arn!.replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000') };
    expect(await readFormer([gone], rootSettings())).toEqual([]);
  });
});

describe('of what nobody may look at', () => {
  it('says that it was not seen, of each key and source, and why; none of it is taken for healthy or gone', async () => {
    const credentials = await makeRole(`${id}-blind`, [{ Action: 's3:ListAllMyBuckets', Resource: '*' }]);
    const answer = await look({ ...rootSettings(), credentials });
    expect(answer.endangered).toEqual([]);
    expect(answer.unseen).toEqual([
      // As far as anybody knows they name what they named before.
      ...ALIASES.map((alias, i) => `the key ${alias}${i < 2 ? ` (${keys[i]!.Arn})` : ''} could not be looked at (AccessDeniedException)`),
      ...[['secret', SECRET] as const, ...NAMES.parameters.map((name) => ['parameter', name] as const)].flatMap(([store, name]) => [
        `the ${store} ${name} could not be looked at (AccessDeniedException)`,
        `the key of the ${store} ${name} could not be looked at (AccessDeniedException)`,
      ]),
      `the former key of ${ALIASES[2]} (${keys[2]!.Arn}) could not be looked at (AccessDeniedException)`,
    ]);
    expect(counted.at(-1)).toEqual({ endangered: 0, unseen: 12 });
  });

  it('tells of a call that ends a key of the account, as one that the system may use', async () => {
    const credentials = await makeRole(`${id}-blinder`, [{ Action: 's3:ListAllMyBuckets', Resource: '*' }]);
    const stranger = await makeKey();
    told.length = 0;
    await call(event('DisableKey', { keyId: stranger.KeyId }, stranger.Arn), { ...rootSettings(), credentials });
    expect(told.map(({ subject }) => subject)).toEqual([`Holdfast: ${id}: DisableKey of a KMS key`]);
  });
});

/** What the function publishes, period by period, put to the alarms as they are deployed. */
describe.each([
  ['at home', synthesize('ida').pipeline],
  ['in the second region', synthesize('ida').recovery],
])('the alarms %s', (_, template) => {
  const alarmOf = (name: string) => {
    const found = ofType(template, 'AWS::CloudWatch::Alarm').find(
      ([, { Properties }]) => Properties['AlarmName'] === `holdfast-ida-${name}`,
    );
    expect(found, name).toBeDefined();
    return found![1].Properties;
  };
  const METRIC = { KeysEndangered: 'endangered', KeysUnseen: 'unseen' } as const;
  const stateOf = (name: string, periods: readonly Counts[][], before?: AlarmState) => {
    const alarm = alarmOf(name);
    const metric = METRIC[alarm['MetricName'] as keyof typeof METRIC];
    return alarmState(
      alarm,
      periods.map((counts) => counts.map((one) => one[metric])),
      before,
    );
  };
  const countsOf = async (...of: Parameters<typeof look>) => {
    await look(...of);
    return counted.at(-1)!;
  };

  it('are still while every key works, and one looks', async () => {
    const well = [await countsOf(undefined, { aliases: [ALIASES[1]!], secrets: [], parameters: [PLAIN] })];
    for (const name of ['keys-endangered', 'keys-unseen', 'key-watch-silent']) expect(stateOf(name, [well, well, well]), name).toBe('OK');
  });

  it('tell of a key that is disabled within the period, until it is enabled', async () => {
    const names = { aliases: [ALIASES[1]!], secrets: [], parameters: [] };
    await kms.send(new DisableKeyCommand({ KeyId: keys[1]!.KeyId }));
    const disabled = [await countsOf(undefined, names)];
    await kms.send(new EnableKeyCommand({ KeyId: keys[1]!.KeyId }));
    const enabled = [await countsOf(undefined, names)];
    expect(stateOf('keys-endangered', [enabled, disabled])).toBe('ALARM');
    expect(stateOf('keys-endangered', [disabled, enabled])).toBe('OK');
    expect(Number(alarmOf('keys-endangered')['Period'])).toBeLessThanOrEqual(300);
  });

  it('tell after three looks that saw nothing, of one key too, and not of one that was throttled', async () => {
    const credentials = await makeRole(`${id}-${randomBytes(3).toString('hex')}`, [{ Action: 'kms:DescribeKey', Resource: keys[1]!.Arn! }]);
    const blind = [await countsOf({ ...rootSettings(), credentials }, { aliases: [ALIASES[1]!], secrets: [SECRET], parameters: [] })];
    const well = [await countsOf(undefined, { aliases: [ALIASES[1]!], secrets: [], parameters: [] })];
    expect(stateOf('keys-unseen', [well, blind, blind])).toBe('OK');
    expect(stateOf('keys-unseen', [blind, blind, blind])).toBe('ALARM');
    // Nothing of it looks like a key in danger, nor like silence.
    expect(stateOf('keys-endangered', [blind, blind, blind])).toBe('OK');
    expect(stateOf('key-watch-silent', [blind, blind, blind])).toBe('OK');
  });

  it('tell after a quarter of an hour in which nobody looked: a schedule that is disabled or gone', async () => {
    const well = [await countsOf(undefined, { aliases: [ALIASES[1]!], secrets: [], parameters: [] })];
    expect(stateOf('key-watch-silent', [well, [], []])).toBe('OK');
    expect(stateOf('key-watch-silent', [well, [], [], []])).toBe('ALARM');
    // What was wrong then is so still.
    expect(stateOf('keys-endangered', [[], [], []], 'ALARM')).toBe('ALARM');
    expect(Number(alarmOf('key-watch-silent')['Period']) * Number(alarmOf('key-watch-silent')['EvaluationPeriods'])).toBe(900);
  });
});
