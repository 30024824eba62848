import type { AuditedSide, Told } from './explain-finding.ts';
import type { SettingsFinding } from './findings.ts';

const list = (names: readonly string[]) => names.join(', ');

export function explainSettings(finding: SettingsFinding, { region, planFile }: AuditedSide): Told {
  const redeploy = ({ stack }: { stack: string }) => `npx cdk deploy ${stack} --revert-drift -c plan=${planFile}`;
  const s3 = (call: string, bucket: string, rest: string) => `aws s3api ${call} --region ${region} --bucket ${bucket} ${rest}`;
  const kms = (call: string, keyArn: string) => `aws kms ${call} --region ${region} --key-id ${keyArn}`;
  const again = `deploy the stack again so that what differs is put back`;
  switch (finding.kind) {
    case 'bucket-missing':
      return {
        what: `There is no bucket ${finding.bucket}`,
        fix: 'find out who deleted it, and deploy its stack again',
        command: redeploy(finding),
      };
    case 'versioning-off':
      return {
        what: `Versioning of ${finding.bucket} is ${finding.found}: what is written now takes the place of what was there`,
        fix: 'enable it, then look at every point',
        command: s3('put-bucket-versioning', finding.bucket, '--versioning-configuration Status=Enabled'),
      };
    case 'object-lock-off':
      return {
        what: `The bucket ${finding.bucket} has no Object Lock: nothing in it is protected`,
        fix: 'it is not the bucket that was deployed: find out who replaced it, and keep the replica from being touched',
        command: redeploy(finding),
      };
    case 'default-lock-missing':
      return {
        what: `The bucket ${finding.bucket} has no default retention: bytes are not protected until a run locks them`,
        fix: `set it to ${finding.mode} for ${finding.days} days`,
        command: s3('put-object-lock-configuration', finding.bucket, `--object-lock-configuration '${lockConfiguration(finding)}'`),
      };
    case 'default-lock-differs':
      return {
        what: `The default retention of ${finding.bucket} is ${finding.foundMode} for ${finding.foundDays} days, not ${finding.mode} for ${finding.days}`,
        fix: `set it to ${finding.mode} for ${finding.days} days`,
        command: s3('put-object-lock-configuration', finding.bucket, `--object-lock-configuration '${lockConfiguration(finding)}'`),
      };
    case 'bucket-encryption-differs':
      return {
        what: `The bucket ${finding.bucket} encrypts by ${finding.found}, not by ${finding.expected}`,
        fix: again,
        command: redeploy(finding),
      };
    case 'public-access-open':
      return {
        what: `The bucket ${finding.bucket} does not keep the public out: ${list(finding.settings)} off`,
        fix: 'block all public access, and look into the trail for who read',
        command: s3(
          'put-public-access-block',
          finding.bucket,
          '--public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true',
        ),
      };
    case 'ownership-shared':
      return {
        what: `Access lists are in force on ${finding.bucket}: an object may be somebody else's`,
        fix: 'let the bucket own every object',
        command: s3(
          'put-bucket-ownership-controls',
          finding.bucket,
          "--ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'",
        ),
      };
    case 'lifecycle-changed':
      return {
        what: `Lifecycle rules of ${finding.bucket} are not the plan's: ${list(finding.rules)}. One that expires objects hides points and deletes what is no longer locked`,
        fix: again,
        command: redeploy(finding),
      };
    case 'bucket-policy-missing':
      return {
        what: `The bucket ${finding.bucket} has no policy: every role of the account may do there what its own policies say`,
        fix: again,
        command: redeploy(finding),
      };
    case 'bucket-policy-changed':
      return { what: `The policy of ${finding.bucket} was changed: ${describeChange(finding)}`, fix: again, command: redeploy(finding) };
    case 'key-missing':
      return {
        what: `No key has the alias ${finding.alias}: roles that are given the key by it have none`,
        fix: 'put the alias back on the key that it was on',
        command: redeploy(finding),
      };
    case 'key-disabled':
      return {
        what: `The key ${finding.alias} is disabled: nothing under it can be read or written`,
        fix: 'enable it, under the break-glass role, and find out who disabled it',
        command: kms('enable-key', finding.keyArn),
      };
    case 'key-deletion-scheduled':
      return {
        what: `The key ${finding.alias} is to be deleted${finding.deletionAt === undefined ? '' : ` on ${finding.deletionAt.slice(0, 10)}`}: with it goes all that is under it, in every copy of this region`,
        fix: 'cancel that and enable it, under the break-glass role, and find out who asked for it',
        command: `${kms('cancel-key-deletion', finding.keyArn)} && ${kms('enable-key', finding.keyArn)}`,
      };
    case 'key-unusable':
      return {
        what: `The key ${finding.alias} is in the state ${finding.state}`,
        fix: 'find out why, in the trail of the account',
        command: kms('describe-key', finding.keyArn),
      };
    case 'key-rotation-off':
      return {
        what: `The key ${finding.alias} is not rotated any more`,
        fix: 'switch the yearly rotation on',
        command: kms('enable-key-rotation', finding.keyArn),
      };
    case 'key-policy-changed':
    default:
      return {
        what: `The policy of the key ${finding.alias} was changed: ${describeChange(finding)}`,
        fix: again,
        command: redeploy(finding),
      };
  }
}

const lockConfiguration = ({ mode, days }: { mode: string; days: number }) =>
  JSON.stringify({ ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: mode.toUpperCase(), Days: days } } });

const describeChange = ({ missing, changed, added }: { missing: string[]; changed: string[]; added: string[] }) =>
  [
    ...(missing.length > 0 ? [`${list(missing)} gone`] : []),
    ...(changed.length > 0 ? [`${list(changed)} changed`] : []),
    ...(added.length > 0 ? [`${list(added)} added`] : []),
  ].join('; ');
