/** Compares the versions of one point with what they should be. Pure: what S3 says of each is given. */
import type { Lock } from '../lock/longest-lock.ts';
import type { ObjectHead } from '../ports/object-store.ts';
import { describeEncryption } from './compare-settings.ts';
import type { ObjectFinding } from './findings.ts';

export type LookedAt = { key: string; versionId: string; head: ObjectHead | undefined };

export type PointExpectation = {
  asset: string;
  point: string;
  /** Undefined when nothing needs to be locked any more. */
  lock: Lock | undefined;
  /** Names of the holds that are on it. */
  holds: readonly string[];
  /** ARN of the key that everything is encrypted under; empty when it is not known. */
  vaultKeyArn: string;
  isFinished: boolean;
};

/** Locks end on a full second, and services round. */
const SLACK_MILLISECONDS = 1000;

/** Versions that deviate in the same way are one finding, that of the first of them. */
export function judgeVersions(versions: readonly LookedAt[], expected: PointExpectation): ObjectFinding[] {
  const groups = new Map<string, { finding: ObjectFinding & { versions: number }; count: number }>();
  for (const version of versions)
    for (const finding of judgeVersion(version, expected)) {
      const group = groups.get(finding.kind);
      if (!group) groups.set(finding.kind, { finding, count: 1 });
      else groups.set(finding.kind, { finding: worse(group.finding, finding), count: group.count + 1 });
    }
  return [...groups.values()].map(({ finding, count }) => ({ ...finding, versions: count }));
}

type VersionFinding = ObjectFinding & { versions: number };

/** Of several locks the one that ends first is told. */
const worse = (a: VersionFinding, b: VersionFinding): VersionFinding =>
  a.kind === 'lock-short' && b.kind === 'lock-short' && b.found < a.found ? b : a;

function judgeVersion({ key, versionId, head }: LookedAt, expected: PointExpectation): VersionFinding[] {
  const { asset, point, lock, holds, vaultKeyArn, isFinished } = expected;
  const of = { asset, point, versions: 1, key, versionId };
  if (head === undefined) return [{ kind: 'object-missing', ...of }];
  const findings: VersionFinding[] = [];
  if (lock) {
    const end = { expected: lock.until.toISOString(), mode: lock.mode, isFinished };
    const { lockedUntil, lockMode } = head;
    if (lockedUntil === undefined) findings.push({ kind: 'lock-missing', ...of, ...end });
    else if (lockedUntil.getTime() < lock.until.getTime() - SLACK_MILLISECONDS)
      findings.push({ kind: 'lock-short', ...of, found: lockedUntil.toISOString(), ...end });
    if (lockMode === 'governance' && lock.mode === 'compliance')
      findings.push({ kind: 'lock-mode-differs', ...of, found: lockMode, expected: lock.mode });
  }
  if (holds.length > 0 && !head.isHeld) findings.push({ kind: 'hold-missing', ...of, holds: [...holds] });
  if (holds.length === 0 && head.isHeld) findings.push({ kind: 'hold-unknown', ...of });
  const wanted = describeEncryption('aws:kms', vaultKeyArn);
  const found = head.encryption && describeEncryption(head.encryption.algorithm, head.encryption.keyArn);
  if (vaultKeyArn !== '' && found !== undefined && found !== wanted)
    findings.push({ kind: 'encryption-differs', ...of, found, expected: wanted });
  return findings;
}
