/**
 * The audit of a deployed system: nothing where nothing was changed, and exactly what somebody changed who passes every policy. A part
 * of a suite that has made points; the points that it hides are restored by what follows.
 */
import { CancelKeyDeletionCommand, DisableKeyCommand, EnableKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import {
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { s3Client } from '../../adapters/s3/client.ts';
import { readRecord } from '../../adapters/vault/read-records.ts';
import { AuditEvidence, AuditOutput } from '../../core/audit/contract.ts';
import { keyAlias, type Side } from '../../core/names.ts';
import { parseJson } from '../../core/parse-json.ts';
import { factKey, manifestKey, signatureKey } from '../../core/vault/keys.ts';
import { listPoints, readPoint } from '../../core/vault/read-point.ts';
import { rootSettings } from '../../local/run/place.ts';
import type { DeployedSystem } from '../helpers/deployed-system.ts';

const ASSET = 'postgres';
const RUN_MILLISECONDS = 180_000;
const DAY_MILLISECONDS = 86_400_000;

export const describeAudit = (deployed: () => DeployedSystem) =>
  describe('the audit', { timeout: RUN_MILLISECONDS }, () => {
    let system: DeployedSystem;
    beforeAll(() => {
      system = deployed();
    });

    const audit = async (side: Side = 'vault', input = {}) => {
      const end = await system.run('audit', input, side);
      expect(end.status === 'SUCCEEDED' ? 'SUCCEEDED' : `${end.error}: ${end.cause}`).toBe('SUCCEEDED');
      return AuditOutput.parse('output' in end && end.output);
    };
    const evidenceOf = async ({ evidence: [key = ''] }: AuditOutput, side: Side = 'vault') =>
      AuditEvidence.parse(parseJson((await readRecord(system[side], key))?.body ?? ''));

    it.each(['vault', 'replica'] as const)('finds the %s as the plan says, and says so in signed evidence', async (side) => {
      const answer = await audit(side);
      expect(answer.told.map(({ what }) => what)).toEqual([]);
      expect(answer).toMatchObject({ findings: 0, looked: { calls: 1 } });
      expect(answer.looked.wholePoints).toBeGreaterThan(1);
      expect(await evidenceOf(answer, side)).toMatchObject({ side, isWhole: true, bucket: system[side].bucket, findings: [], more: 0 });
      for (const key of [answer.evidence[0]!, signatureKey(answer.evidence[0]!)]) {
        const head = await system[side].head({ key });
        expect(((head?.lockedUntil?.getTime() ?? 0) - Date.now()) / DAY_MILLISECONDS).toBeGreaterThan(3000);
        if (side === 'vault') expect(await system.replica.head({ key })).toBeDefined();
      }
    });

    it('finds exactly what was changed, each with its fix', async () => {
      const { plan, place } = system;
      const settings = rootSettings(place, plan.home.region);
      const [s3, kms] = [s3Client(settings, {}), new KMSClient(clientConfig(settings))];
      const Bucket = system.vault.bucket;
      const [listed] = await listPoints(system.vault, plan.system, ASSET);
      const point = listed!.point;
      const { manifest, facts } = (await readPoint(system.vault, plan.system, ASSET, point))!;
      const [plain] = await listPoints(system.vault, plan.system, 'plain');
      const [dump] = manifest.objects;

      // The point that the suite restores next, and a fact and its bytes.
      const hidden = manifestKey(plan.system, ASSET, point);
      const verified = factKey(plan.system, ASSET, point, 'verified', facts.find(({ kind }) => kind === 'verified')!.id);
      for (const Key of [hidden, verified, dump!.key]) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      const overwritten = manifestKey(plan.system, 'plain', plain!.point);
      await s3.send(new PutObjectCommand({ Bucket, Key: overwritten, Body: '{}' }));
      const short = new Date(Date.now() + DAY_MILLISECONDS);
      await s3.send(
        new PutObjectRetentionCommand({
          Bucket,
          Key: manifest.objects[1]!.key,
          VersionId: manifest.objects[1]!.versionId,
          BypassGovernanceRetention: true,
          Retention: { Mode: 'GOVERNANCE', RetainUntilDate: short },
        }),
      );
      const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
      const policy = JSON.parse(Policy) as { Statement: { Sid: string; Effect: string }[] };
      const weaker = policy.Statement.filter(({ Sid }) => Sid !== 'NobodyHides').map((one) =>
        one.Sid === 'NobodyBypasses' ? { ...one, Action: 's3:PutObjectLegalHold' } : one,
      );
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ ...policy, Statement: weaker }) }));
      await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } }));
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }));
      const KeyId = (purpose: 'escrow' | 'fingerprint') => keyAlias(plan.system, purpose);
      await kms.send(new DisableKeyCommand({ KeyId: KeyId('escrow') }));
      const { KeyId: doomed } = await kms.send(new ScheduleKeyDeletionCommand({ KeyId: KeyId('fingerprint'), PendingWindowInDays: 7 }));

      const answer = await audit();
      const evidence = await evidenceOf(answer);
      const found = evidence.findings.map(({ finding }) => finding).toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
      expect(found).toMatchObject([
        { kind: 'bucket-policy-changed', bucket: Bucket, missing: ['NobodyHides'], changed: ['NobodyBypasses'], added: [] },
        { kind: 'default-lock-missing', bucket: Bucket, mode: 'governance', days: 2 },
        { kind: 'hidden' },
        { kind: 'hidden' },
        { kind: 'key-deletion-scheduled', alias: KeyId('fingerprint') },
        { kind: 'key-disabled', alias: KeyId('escrow') },
        { kind: 'lock-short', asset: ASSET, point, key: manifest.objects[1]!.key, versions: 1, isFinished: true },
        { kind: 'manifest-overwritten', asset: 'plain', point: plain!.point, versions: 2 },
        { kind: 'point-hidden', asset: ASSET, point, key: hidden },
        { kind: 'versioning-off', bucket: Bucket, found: 'suspended' },
      ]);
      expect(found.flatMap((finding) => (finding.kind === 'hidden' ? [finding.key] : [])).toSorted()).toEqual(
        [verified, dump!.key].toSorted(),
      );
      expect(answer.findings).toBe(found.length);
      for (const { what, fix, command } of answer.told) {
        expect(what).toMatch(/^[A-Z].{20,}[^.]$/);
        expect(fix).not.toBe('');
        expect(command).toMatch(/^(aws|npx holdfast|npx cdk) /);
      }

      // Put back, but for what is in the vault for good.
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
      await s3.send(
        new PutObjectLockConfigurationCommand({
          Bucket,
          ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 2 } } },
        }),
      );
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
      await kms.send(new EnableKeyCommand({ KeyId: KeyId('escrow') }));
      await kms.send(new CancelKeyDeletionCommand({ KeyId: doomed }));
      await kms.send(new EnableKeyCommand({ KeyId: doomed }));
      const after = await evidenceOf(await audit('vault', { asset: ASSET }));
      expect(after.isWhole).toBe(false);
      expect(after.findings.map(({ finding }) => finding.kind).toSorted()).toEqual(['hidden', 'hidden', 'lock-short', 'point-hidden']);
    });
  });
