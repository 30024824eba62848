/** KMS keys and secrets of the emulator, and what is told when somebody ends one. */
import { randomBytes } from 'node:crypto';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DisableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeAll, expect, it } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { readUsedKeys } from '../../adapters/kms/used-keys.ts';
import { WatchKeysRequest } from '../../core/watch/contract.ts';
import { watchKeys } from '../../functions/watch/watch-keys.ts';
import { rootSettings } from '../helpers/servers.ts';

const id = randomBytes(4).toString('hex');
const kms = new KMSClient(clientConfig(rootSettings()));
const secrets = new SecretsManagerClient(clientConfig(rootSettings()));
const makeKey = async (alias?: string) => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  if (alias) await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
  return KeyMetadata!;
};
const ALIASES = ['escrow', 'vault', 'gone'].map((purpose) => `alias/holdfast/${id}/${purpose}`);
const SECRET = `${id}/login`;

let keys: Awaited<ReturnType<typeof makeKey>>[];
beforeAll(async () => {
  keys = [];
  for (const alias of ALIASES) keys.push(await makeKey(alias));
  keys.push(await makeKey());
  await secrets.send(new CreateSecretCommand({ Name: SECRET, SecretString: 'x', KmsKeyId: keys[3]!.Arn }));
});

const told: { subject: string; body: string }[] = [];
const counted: number[] = [];
const call = (request: unknown) =>
  watchKeys(WatchKeysRequest.parse(request), {
    system: 'ida',
    region: 'eu-central-1',
    sources: [SECRET],
    readUsedKeys: () => readUsedKeys({ aliases: ALIASES, secrets: [SECRET, `${id}/none`] }, rootSettings()),
    notifier: { publish: (subject, body) => Promise.resolve(void told.push({ subject, body })) },
    publish: (endangered) => void counted.push(endangered),
  });
const event = (eventName: string, requestParameters: object, ARN?: string) => ({
  time: '2026-11-21T18:58:30Z',
  detail: { eventName, userIdentity: { arn: 'arn:aws:iam::111122223333:user/Alice' }, requestParameters, resources: [{ ARN }] },
});

it('sees keys that end, its own and those of its secrets, with or without an event', async () => {
  expect(await call({ look: true })).toEqual({ keys: 4, endangered: [], told: false });
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: keys[0]!.KeyId, PendingWindowInDays: 30 }));
  await kms.send(new DisableKeyCommand({ KeyId: keys[3]!.KeyId }));
  await kms.send(new DeleteAliasCommand({ AliasName: ALIASES[2] }));
  const { endangered } = await call({ look: true });
  expect(endangered).toEqual([
    expect.stringContaining(`${ALIASES[0]} (${keys[0]!.Arn}) is in the state PendingDeletion`),
    `the key ${ALIASES[2]}: there is no such key`,
    expect.stringContaining(`the key of the secret ${SECRET} (${keys[3]!.Arn}) is in the state Disabled`),
  ]);
  expect(counted).toEqual([0, 3]);
  expect(told).toEqual([]);

  expect(await call(event('ScheduleKeyDeletion', { keyId: keys[0]!.KeyId }, keys[0]!.Arn))).toMatchObject({ told: true });
  expect(await call(event('DisableKey', { keyId: keys[3]!.KeyId }, keys[3]!.Arn))).toMatchObject({ told: true });
  expect(await call(event('DeleteAlias', { aliasName: ALIASES[2] }))).toMatchObject({ told: true });
  expect(await call(event('DeleteSecret', { secretId: SECRET }))).toMatchObject({ told: true });
  const stranger = await makeKey();
  expect(await call(event('DisableKey', { keyId: stranger.KeyId }, stranger.Arn))).toMatchObject({ told: false });
  expect(told.map(({ subject }) => subject)).toEqual([
    `Holdfast: ida: ScheduleKeyDeletion of the key ${ALIASES[0]}`,
    `Holdfast: ida: DisableKey of the key of the secret ${SECRET}`,
    `Holdfast: ida: DeleteAlias of the key ${ALIASES[2]}`,
    `Holdfast: ida: the source of a key was deleted: ${SECRET}`,
  ]);
});
