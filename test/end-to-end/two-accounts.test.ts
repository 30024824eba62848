/**
 * The replica in an account of its own: home's roles put and lock there and do nothing else, and what recovers from it is that account's.
 * A deployment of its own takes a minute, so this runs with HOLDFAST_SOAK=1 alone; the policies are asserted with the templates.
 */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { s3Client } from '../../adapters/s3/client.ts';
import { functionName } from '../../core/names.ts';
import { manifestKey } from '../../core/vault/keys.ts';
import { listPoints, readPoint } from '../../core/vault/read-point.ts';
import type { ExecutionResult } from '../../local/interpreter/execution.ts';
import { rootSettings } from '../../local/run/place.ts';
import { deploySystem, type DeployedSystem } from '../helpers/deployed-system.ts';

const OTHER = '111111111111';
const isSoak = process.env['HOLDFAST_SOAK'] === '1';
let system: DeployedSystem;
const succeeded = (end: ExecutionResult) =>
  expect(end.status === 'SUCCEEDED' ? 'SUCCEEDED' : `${end.error}: ${end.cause}`).toBe('SUCCEEDED');

describe.skipIf(!isSoak)('a replica in another account', { timeout: 180_000 }, () => {
  beforeAll(async () => {
    system = await deploySystem((plan) => {
      plan['replica'] = { region: 'eu-west-1', account: OTHER };
      // The emulator's KMS knows no key of another account, so nothing can be escrowed across two of them here.
      plan.assets = plan.assets
        .filter(({ kind }) => kind !== 'key')
        .map((asset) => ({ ...asset, needsKeys: [], drill: { ...(asset['drill'] as object), canaries: [] } }));
    });
    // The emulator's S3 looks for the source of a copy in the destination's account. What the copy does is done here by its own role,
    // byte for byte; the rest of the machine then finds the copies there, compares, locks and reads them back.
    expect(await system.run('backup', { asset: 'postgres' })).toMatchObject({
      error: 'PointMissing',
      cause: expect.stringContaining('Copy the parts') as string,
    });
    const [listed] = await listPoints(system.vault, system.plan.system, 'postgres');
    const copier = await asRole(functionName(system.plan.system, 'copy/copy-parts'));
    const { manifest } = (await readPoint(system.vault, system.plan.system, 'postgres', listed!.point))!;
    for (const { key, versionId } of manifest.objects) {
      const object = await system.vault.get({ key, versionId });
      await copier.send(new PutObjectCommand({ Bucket: system.replica.bucket, Key: key, Body: object!.body }));
    }
    succeeded(await system.run('backup', { asset: 'postgres', point: listed!.point }));
  }, 300_000);
  afterAll(() => system?.close());

  /** As the deployed role itself, with what STS gives it. */
  async function asRole(roleName: string): Promise<S3Client> {
    const sts = new STSClient(clientConfig(rootSettings(system.place)));
    const { Credentials: issued } = await sts.send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${system.place.accountId}:role/${roleName}`, RoleSessionName: 'attack' }),
    );
    const credentials = {
      accessKeyId: issued!.AccessKeyId!,
      secretAccessKey: issued!.SecretAccessKey!,
      sessionToken: issued!.SessionToken!,
    };
    return s3Client({ region: system.plan.replica.region, endpointUrl: system.place.endpointUrl, credentials }, {});
  }

  it('has the point there, and says so after it was read back', async () => {
    const [listed] = await listPoints(system.vault, system.plan.system, 'postgres');
    const records = await readPoint(system.replica, system.plan.system, 'postgres', listed!.point);
    const replicated = records!.facts.find((fact) => fact.kind === 'replicated');
    expect(replicated).toMatchObject({ bucket: expect.stringContaining(OTHER) as string });
  });

  it('refuses home’s copying roles everything but to put and to lock', async () => {
    const { bucket } = system.replica;
    const [listed] = await listPoints(system.replica, system.plan.system, 'postgres');
    const Key = manifestKey(system.plan.system, 'postgres', listed!.point);
    const { versionId: VersionId } = (await system.replica.get({ key: Key }))!;
    const soon = new Date(Date.now() + 60_000);
    const attacks = {
      delete: (s3: S3Client) => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key })),
      'delete a version': (s3: S3Client) => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId })),
      'delete many': async (s3: S3Client) => {
        const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [{ Key, VersionId }] } }));
        if (Errors.length > 0) throw Object.assign(new Error(Errors[0]?.Message), { name: Errors[0]?.Code });
      },
      'shorten a lock': (s3: S3Client) =>
        s3.send(
          new PutObjectRetentionCommand({ Bucket: bucket, Key, VersionId, Retention: { Mode: 'GOVERNANCE', RetainUntilDate: soon } }),
        ),
      'bypass a lock': (s3: S3Client) =>
        s3.send(
          new PutObjectRetentionCommand({
            Bucket: bucket,
            Key,
            VersionId,
            BypassGovernanceRetention: true,
            Retention: { Mode: 'GOVERNANCE', RetainUntilDate: soon },
          }),
        ),
      'write a manifest over': (s3: S3Client) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x', IfNoneMatch: '*' })),
      'change the policy': (s3: S3Client) =>
        s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: '{"Version":"2012-10-17","Statement":[]}' })),
      'suspend versioning': (s3: S3Client) =>
        s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Suspended' } })),
      'copy away': (s3: S3Client) =>
        s3.send(
          new CopyObjectCommand({
            Bucket: system.vault.bucket,
            Key: `data/${system.plan.system}/stolen`,
            CopySource: `${bucket}/${Key}`,
          }),
        ),
    };
    const roles = [
      'copy/plan-copy',
      'copy/copy-parts',
      'copy/complete-copy',
      'copy/copy-records',
      'copy/follow-record',
      'copy/follow-missing',
    ];
    const outcomes: string[] = [];
    for (const handler of roles) {
      const s3 = await asRole(functionName(system.plan.system, handler));
      for (const [name, attack] of Object.entries(attacks)) {
        const why = await attack(s3).then(
          () => 'it worked',
          (error: unknown) => (error as Error).name,
        );
        outcomes.push(`${handler}: ${name}: ${why}`);
      }
      s3.destroy();
    }
    expect(outcomes.filter((line) => !/AccessDenied|PreconditionFailed|MethodNotAllowed/.test(line))).toEqual([]);
    expect((await system.replica.get({ key: Key }))?.versionId).toBe(VersionId);
  });

  it('is drilled by the machine of its own account, without the home region', async () => {
    system.door.shut(system.plan.home.region);
    const end = await system.run('drill', { asset: 'postgres', from: 'replica' }, 'replica');
    succeeded(end);
    expect(system.door.refused).toEqual([]);
  });
});
