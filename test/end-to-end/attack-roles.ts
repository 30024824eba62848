/**
 * The attacks that the emulator can judge, under the credentials of the deployed roles themselves: what its IAM, its bucket policies and
 * its locks refuse. The policies for AWS are judged in test/privileges, for every role and every attack. Needs a locked point.
 */
import { DisableKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { DeleteObjectCommand, PutBucketVersioningCommand, PutObjectCommand, PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { s3Client } from '../../adapters/s3/client.ts';
import { keyAlias } from '../../core/names.ts';
import { manifestKey } from '../../core/vault/keys.ts';
import { listPoints } from '../../core/vault/read-point.ts';
import { rootSettings } from '../../local/run/place.ts';
import { roleAssumer } from '../../local/run/roles.ts';
import type { DeployedSystem } from '../helpers/deployed-system.ts';
import { seededRandom } from '../helpers/seeded-random.ts';
import { rolesOf } from '../privileges/grants.ts';
import { synthesize } from '../infra/synthesized.ts';

/** Of what was tried under one role, what was not refused. */
async function attackAs(role: string, system: DeployedSystem, locked: { key: string; versionId: string }): Promise<string[]> {
  const { plan, place, vault } = system;
  const { accessKeyId, secretAccessKey, sessionToken } = await roleAssumer(place)(
    `arn:aws:iam::${place.accountId}:role/${role}`,
    'attacker',
  );
  const settings = { ...rootSettings(place), credentials: { accessKeyId, secretAccessKey, sessionToken } };
  const [s3, kms, secrets] = [
    s3Client(settings, {}),
    new KMSClient(clientConfig(settings)),
    new SecretsManagerClient(clientConfig(settings)),
  ];
  const version = { Bucket: vault.bucket, Key: locked.key, VersionId: locked.versionId };
  const Key = `data/another-system/postgres/2026/11/21/planted`;
  const tries: Record<string, () => Promise<unknown>> = {
    'delete a version': () => s3.send(new DeleteObjectCommand(version)),
    'delete it past governance': () => s3.send(new DeleteObjectCommand({ ...version, BypassGovernanceRetention: true })),
    'hide an object': () => s3.send(new DeleteObjectCommand({ Bucket: vault.bucket, Key: locked.key })),
    'shorten a lock': () =>
      s3.send(
        new PutObjectRetentionCommand({
          ...version,
          BypassGovernanceRetention: true,
          Retention: { Mode: 'GOVERNANCE', RetainUntilDate: new Date(Date.now() + 60_000) },
        }),
      ),
    'write below another system’s prefix': () => s3.send(new PutObjectCommand({ Bucket: vault.bucket, Key, Body: 'x' })),
    'suspend versioning': () =>
      s3.send(new PutBucketVersioningCommand({ Bucket: vault.bucket, VersioningConfiguration: { Status: 'Suspended' } })),
    'disable a key': () => kms.send(new DisableKeyCommand({ KeyId: keyAlias(plan.system, 'vault') })),
    'delete a key': () => kms.send(new ScheduleKeyDeletionCommand({ KeyId: keyAlias(plan.system, 'escrow'), PendingWindowInDays: 30 })),
    'read another system’s secret': () => secrets.send(new GetSecretValueCommand({ SecretId: 'another-system/postgres' })),
  };
  const succeeded: string[] = [];
  for (const [name, attempt] of Object.entries(tries))
    await attempt().then(
      () => succeeded.push(`${role}: ${name}`),
      // Whatever else it says, such as that the key has no such state, the call was let in.
      (error: Error) => /AccessDenied/.test(error.name) || succeeded.push(`${role}: ${name} (${error.name})`),
    );
  for (const client of [s3, kms, secrets]) client.destroy();
  return succeeded;
}

export const itRefusesAttacks = (deployed: () => DeployedSystem) =>
  it('refuses what who holds the role of a function or a task tries', async () => {
    const system = deployed();
    const { pipeline } = synthesize(system.planPath);
    const all = rolesOf([pipeline]).filter(({ trust }) => /lambda|ecs-tasks/.test(trust));
    const roles = process.env['HOLDFAST_SOAK'] === '1' ? all : sample(all);
    const [listed] = await listPoints(system.vault, system.plan.system, 'postgres');
    const key = manifestKey(system.plan.system, 'postgres', listed!.point);
    const [version] = await Array.fromAsync(system.vault.listVersions(key));
    const locked = { key, versionId: version!.versionId };
    const succeeded = await Promise.all(roles.map(({ name }) => attackAs(name, system, locked)));
    expect(all.length).toBeGreaterThan(30);
    expect(succeeded.flat()).toEqual([]);
    console.log(`9 attacks under each of ${roles.length} of ${all.length} roles: all refused`);
  });

const SAMPLED_ROLES = 8;
function sample<T>(all: readonly T[]): T[] {
  const random = seededRandom('roles of attackers');
  const left = [...all];
  return Array.from({ length: SAMPLED_ROLES }, () => left.splice(random.below(left.length), 1)).flat();
}
