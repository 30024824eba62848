/** Escrow as it is deployed, on the emulator: keys of two regions, locked buckets, secrets, and a role per function. */
import { randomBytes } from 'node:crypto';
import { CreateAliasCommand, CreateKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectLockConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { clientConfig, type AwsSettings } from '../../../adapters/aws/settings.ts';
import { envelopeOpener, envelopeSealer } from '../../../adapters/escrow/envelope.ts';
import { kmsFingerprinter } from '../../../adapters/escrow/kms-fingerprint.ts';
import { kmsClients, sealingNow } from '../../../adapters/escrow/kms-key.ts';
import { keySource } from '../../../adapters/escrow/key-source.ts';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { NOBODY_OFFLINE } from '../../../core/escrow/offline/contract.ts';
import type { KeySources } from '../../../core/escrow/key-sources.ts';
import { sealingId } from '../../../core/escrow/sealing.ts';
import { envelopeKey } from '../../../core/vault/keys.ts';
import { escrowBucketName, functionName, keyAlias, taskRoleName } from '../../../core/names.ts';
import type { EscrowVersionPorts } from '../../../functions/escrow/escrow-version.ts';
import type { ReadBackPorts } from '../../../functions/escrow/read-back.ts';

export const HOME = 'eu-central-1';
export const REPLICA = 'eu-west-1';
/** After every run that a test gives a name to. */
export const AFTER_ALL_RUNS = new Date('2026-12-31T00:00:00Z');

type Emulator = { endpointUrl: string; accountId: string; accessKeyId: string; secretAccessKey: string };
type Credentials = NonNullable<AwsSettings['credentials']>;
type Statement = { Action: string | string[]; Resource: string | string[] };

export type EscrowWorld = Awaited<ReturnType<typeof makeEscrowWorld>>;

export async function makeEscrowWorld(emulator: Emulator) {
  const system = `esc${randomBytes(3).toString('hex')}`;
  const root: Credentials = { accessKeyId: emulator.accessKeyId, secretAccessKey: emulator.secretAccessKey };
  const settings = (region: string, credentials: Credentials = root) => ({ region, endpointUrl: emulator.endpointUrl, credentials });
  const kms = (credentials: Credentials = root) => kmsClients({ endpointUrl: emulator.endpointUrl, credentials });
  const bucketName = (region: string) => escrowBucketName({ system, account: emulator.accountId, region });
  const bucket = (region: string, credentials: Credentials = root) => openBucket(bucketName(region), settings(region, credentials), {});
  const escrowAliasArn = (region: string) => `arn:aws:kms:${region}:${emulator.accountId}:${keyAlias(system, 'escrow')}`;
  const fingerprintKeyArn = (region: string) => `arn:aws:kms:${region}:${emulator.accountId}:${keyAlias(system, 'fingerprint')}`;

  const escrowKeyArns: Record<string, string> = {};
  for (const region of [HOME, REPLICA]) {
    escrowKeyArns[region] = await makeKey(kms()(region), keyAlias(system, 'escrow'), false);
    await makeKey(kms()(region), keyAlias(system, 'fingerprint'), true);
    await makeLockedBucket(new S3Client({ ...clientConfig(settings(region)), forcePathStyle: true }), bucketName(region), region);
  }

  const secrets = new SecretsManagerClient(clientConfig(settings(HOME)));
  const made = new Set<string>();
  /** A new version with these labels (the first one is current whatever they say). Returns its id. */
  const putSecret = async (name: string, value: string | Uint8Array, stages = ['AWSCURRENT']) => {
    const id = `${system}/${name}`;
    const content = typeof value === 'string' ? { SecretString: value } : { SecretBinary: value };
    if (!made.has(id)) {
      made.add(id);
      return (await secrets.send(new CreateSecretCommand({ Name: id, ...content }))).VersionId ?? '';
    }
    const put = await secrets.send(new PutSecretValueCommand({ SecretId: id, ...content, VersionStages: stages }));
    return put.VersionId ?? '';
  };

  const parameters = new SSMClient(clientConfig(settings(HOME)));
  const putParameter = async (name: string, Value: string): Promise<void> => {
    await parameters.send(new PutParameterCommand({ Name: `/${system}/${name}`, Value, Type: 'SecureString', Overwrite: true }));
  };

  const iam = new IAMClient(clientConfig(settings(HOME)));
  const sts = new STSClient(clientConfig(settings(HOME)));
  const makeRole = async (name: string, statements: Statement[]): Promise<Credentials> => {
    const service = {
      Effect: 'Allow',
      Principal: { Service: ['lambda.amazonaws.com', 'ecs-tasks.amazonaws.com'] },
      Action: 'sts:AssumeRole',
    };
    const document = (Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: document([service]) }));
    const Statement = statements.map((statement) => ({ Effect: 'Allow', ...statement }));
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'own', PolicyDocument: document(Statement) }));
    const assumed = await sts.send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${emulator.accountId}:role/${name}`, RoleSessionName: 'test' }),
    );
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = assumed.Credentials ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  };

  // As the deployed roles are; a request by alias is judged by the emulator on the alias' own ARN.
  const kmsOf = (region: string) => [
    `arn:aws:kms:${region}:${emulator.accountId}:key/*`,
    `arn:aws:kms:${region}:${emulator.accountId}:alias/*`,
  ];
  const buckets = [bucketName(HOME), bucketName(REPLICA)].map((name) => `arn:aws:s3:::${name}`);
  const objects = buckets.map((arn) => `${arn}/${system}/*`);
  const secretArns = `arn:aws:secretsmanager:${HOME}:${emulator.accountId}:secret:${system}/*`;
  const parameterArns = `arn:aws:ssm:${HOME}:${emulator.accountId}:parameter/${system}/*`;
  const describeKeys = { Action: 'kms:DescribeKey', Resource: [...kmsOf(HOME), ...kmsOf(REPLICA)] };
  const roles = {
    listVersions: await makeRole(functionName(system, 'escrow/list-versions'), [
      { Action: 'secretsmanager:ListSecretVersionIds', Resource: secretArns },
      { Action: 'ssm:GetParameterHistory', Resource: parameterArns },
      { Action: ['s3:ListBucket', 's3:ListBucketVersions'], Resource: buckets },
    ]),
    escrowVersion: await makeRole(functionName(system, 'escrow/escrow-version'), [
      { Action: ['secretsmanager:GetSecretValue', 'secretsmanager:ListSecretVersionIds'], Resource: secretArns },
      { Action: 'ssm:GetParameter', Resource: parameterArns },
      describeKeys,
      { Action: ['kms:GenerateDataKey', 'kms:GenerateMac'], Resource: kmsOf(HOME) },
      { Action: 'kms:Encrypt', Resource: kmsOf(REPLICA) },
      { Action: 's3:ListBucketVersions', Resource: buckets },
      { Action: ['s3:PutObject', 's3:GetObject', 's3:GetObjectVersion'], Resource: objects },
    ]),
    readBack: await makeRole(functionName(system, 'escrow/read-back'), [
      describeKeys,
      { Action: ['kms:Decrypt', 'kms:GenerateMac'], Resource: [...kmsOf(HOME), ...kmsOf(REPLICA)] },
      { Action: 's3:ListBucketVersions', Resource: buckets },
      { Action: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'], Resource: objects },
    ]),
    listOlder: await makeRole(functionName(system, 'escrow/list-older'), [
      describeKeys,
      { Action: ['s3:ListBucket', 's3:ListBucketVersions'], Resource: buckets },
    ]),
    // May list escrow for fingerprints, and write into a vault that is not this one.
    dump: await makeRole(taskRoleName(system, 'db', 'dump'), [{ Action: ['s3:ListBucket', 's3:ListBucketVersions'], Resource: buckets }]),
    // Reads envelopes, which are ciphertext, but no KMS key.
    stranger: await makeRole(`${system}-stranger`, [
      { Action: ['s3:ListBucketVersions', 's3:GetObject', 's3:GetObjectVersion'], Resource: [...buckets, ...objects] },
      describeKeys,
    ]),
  };

  const keys: KeySources = {};
  const escrowPorts = (credentials: Credentials = roles.escrowVersion): EscrowVersionPorts => ({
    system,
    keys,
    source: keySource(settings(HOME, credentials)),
    fingerprinter: kmsFingerprinter(kms(credentials)(HOME), fingerprintKeyArn(HOME)),
    sealer: envelopeSealer(kms(credentials), [escrowAliasArn(HOME), escrowAliasArn(REPLICA)]),
    buckets: { home: bucket(HOME, credentials), replica: bucket(REPLICA, credentials) },
    offline: NOBODY_OFFLINE,
    now: () => AFTER_ALL_RUNS,
  });
  const readBackPorts = (credentials: Credentials = roles.readBack): ReadBackPorts => {
    const place = (region: string) => ({
      region,
      ...bucket(region, credentials),
      opener: envelopeOpener(kms(credentials), escrowAliasArn(region)),
      regionFingerprinter: kmsFingerprinter(kms(credentials)(region), fingerprintKeyArn(region)),
    });
    return {
      system,
      fingerprinter: kmsFingerprinter(kms(credentials)(HOME), fingerprintKeyArn(HOME)),
      places: { vault: place(HOME), replica: place(REPLICA) },
      now: () => new Date('2026-11-21T02:00:00.000Z'),
    };
  };

  /** Where escrow writes the envelope of a value under the keys that the aliases named at first. */
  const envelopeKeyOf = (key: string, fingerprint: string) =>
    envelopeKey(system, key, fingerprint, sealingId(escrowKeyArns[HOME] ?? '', escrowKeyArns[REPLICA] ?? ''));

  return {
    system,
    envelopeKeyOf,
    keys,
    roles,
    settings,
    kms,
    bucket,
    bucketName,
    escrowAliasArn,
    escrowKeyArns,
    fingerprintKeyArn,
    putSecret,
    putParameter,
    parameters,
    secrets,
    listPorts: (credentials: Credentials = roles.listVersions) => ({
      system,
      source: keySource(settings(HOME, credentials)),
      keys,
      home: bucket(HOME, credentials).reader,
      replica: bucket(REPLICA, credentials).reader,
    }),
    olderPorts: (credentials: Credentials = roles.listOlder) => ({
      system,
      keys,
      places: [HOME, REPLICA].map((region) => bucket(region, credentials).reader),
      keysId: () => sealingNow(kms(credentials), [escrowAliasArn(HOME), escrowAliasArn(REPLICA)]),
    }),
    escrowPorts,
    readBackPorts,
  };
}

async function makeKey(client: KMSClient, alias: string, isHmac: boolean): Promise<string> {
  const spec = isHmac ? ({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } as const) : {};
  const { KeyMetadata } = await client.send(new CreateKeyCommand(spec));
  await client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
  return KeyMetadata?.Arn ?? '';
}

async function makeLockedBucket(client: S3Client, Bucket: string, region: string): Promise<void> {
  const CreateBucketConfiguration = { LocationConstraint: region as 'eu-central-1' };
  await client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true, CreateBucketConfiguration }));
  await client.send(
    new PutObjectLockConfigurationCommand({
      Bucket,
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 30 } } },
    }),
  );
}
