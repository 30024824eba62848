/**
 * A system's vaults, keys and topic on the emulator, and the environment of its functions and tasks in this process, all of whose
 * calls go the way that fails. What a test looks at and prepares goes straight.
 */
import { CreateAliasCommand, CreateKeyCommand } from '@aws-sdk/client-kms';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { kmsClients } from '../../adapters/escrow/kms-key.ts';
import { kmsSigner } from '../../adapters/kms/sign.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { s3Copier } from '../../adapters/s3/copy-objects.ts';
import { readPublicKeys } from '../../core/evidence/public-key.ts';
import { CopyEnvironment } from '../../core/backup/contract.ts';
import { keyAlias } from '../../core/names.ts';
import { evidencePrefix, publicKeysPrefix } from '../../core/vault/keys.ts';
import { followMissing } from '../../functions/copy/follow-missing.ts';
import { connectCopy } from '../../functions/copy/ports.ts';
import { freshBucket, rootSettings, uniqueSuffix } from '../helpers/servers.ts';
import { executionStates } from './execution-states.ts';
import { failingCalls } from './failing-calls.ts';

export const HOME = 'eu-central-1';
const SECOND = 'eu-west-1';
/** Every case has an asset of its own, which knows nothing of the others. */
const ASSETS = Array.from({ length: 3_000 }, (_, index) => `a${index}`);

export type Pipeline = Awaited<ReturnType<typeof openPipeline>>;

export async function openPipeline(system = `ft${uniqueSuffix()}`) {
  const { endpointUrl, accessKeyId, secretAccessKey } = inject('emulator');
  const bucket = async (name: string, region: string) => {
    const opened = await freshBucket({ objectLock: true, region, name });
    const { client, ...ports } = openBucket(opened, rootSettings(region), {});
    return { ...ports.reader, ...ports.writer, ...ports.locker, ...ports.deleter, client };
  };
  const [vault, replica] = await Promise.all([bucket('vault', HOME), bucket('replica', SECOND)]);
  const kms = kmsClients({ endpointUrl, credentials: { accessKeyId, secretAccessKey } })(HOME);
  const alias = keyAlias(system, 'evidence');
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }));
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
  const topic = await new SNSClient(clientConfig(rootSettings(HOME))).send(new CreateTopicCommand({ Name: system }));
  const calls = await failingCalls({ endpointUrl });
  const executions = await executionStates();
  Object.assign(process.env, {
    AWS_REGION: HOME,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL: calls.endpointUrl,
    AWS_ENDPOINT_URL_SFN: executions.endpointUrl,
    // What the functions print of failures that are made to happen helps nobody.
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
    SYSTEM: system,
    ASSETS: ASSETS.join(','),
    VAULT_BUCKET: vault.bucket,
    REPLICA_BUCKET: replica.bucket,
    REPLICA_REGION: SECOND,
    FROM: 'vault',
    SIDE: 'vault',
    SIGNING_KEY_ALIAS: alias,
    ALARM_TOPIC_ARN: topic.TopicArn,
    LONGEST_RUNS: '{}',
    LONGEST_LOCK_DAYS: '800',
    EVIDENCE_DAYS: '3650',
    EVIDENCE_MODE: 'governance',
  });
  const publicKeys = readPublicKeys(await kmsSigner(alias, rootSettings(HOME)).publicKeyPem()) ?? [];
  let taken = 0;
  return {
    system,
    vault,
    replica,
    kms,
    publicKeys,
    calls,
    executions,
    /** Of a run's stage. */
    of: { system, executions },
    nextAsset: () => ASSETS[taken++] ?? '',
    async close() {
      await calls.close();
      await executions.close();
    },
  };
}

/** The evidence is the system's, and every check reads all of it: what one case left is of no use to the next. */
export async function forgetEvidence({ system, vault, replica }: Pipeline): Promise<void> {
  for (const place of [vault, replica])
    for await (const { key, versionId } of place.listVersions(evidencePrefix(system)))
      if (!key.startsWith(publicKeysPrefix(system)))
        await place.client.send(
          new DeleteObjectCommand({ Bucket: place.bucket, Key: key, VersionId: versionId, BypassGovernanceRetention: true }),
        );
}

/** The daily comparison of the vaults, which brings what a copy that failed left behind: every day has one, whatever else ran. Goes straight. */
export async function compareVaults({ system, vault, replica }: Pipeline, asset: string): Promise<void> {
  const copier = s3Copier(replica.client, replica.bucket, vault.bucket);
  const ports = { ...connectCopy(CopyEnvironment.parse(process.env)), vault, replica, copier };
  await followMissing({}, { ...ports, system, assets: [asset], publish: () => undefined });
}
