/**
 * The attacker's part of the demo: with the credentials of two roles of the pipeline, everything is tried that would cost somebody
 * their backups, and what refused it is named from the service's own answer.
 */
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, PutObjectRetentionCommand, type S3Client } from '@aws-sdk/client-s3';
import { DecryptCommand, type KMSClient } from '@aws-sdk/client-kms';

export type AttackerHands = { role: string; s3: S3Client; kms: KMSClient };
export type Spoils = {
  vault: string;
  escrowBucket: string;
  /** A dump object and the manifest of a committed, locked point. */
  dump: { key: string; versionId: string };
  manifest: { key: string; versionId: string };
  envelopeKey: string;
  envelope: Uint8Array;
  envelopeContext: Record<string, string>;
};
export type AttackOutcome = { role: string; attempt: string; isRefused: boolean; refusedBy: string; answer: string };

const DAY_MILLISECONDS = 86_400_000;

type Attempt = { attempt: string; run: () => Promise<unknown> };

/** Tries everything with one role's hands. Order matters to nobody: nothing here succeeds, or the demo fails. */
export async function attack(hands: AttackerHands, spoils: Spoils, now: Date): Promise<AttackOutcome[]> {
  const { s3, kms } = hands;
  const dump = { Bucket: spoils.vault, Key: spoils.dump.key, VersionId: spoils.dump.versionId };
  const tomorrow = new Date(now.getTime() + DAY_MILLISECONDS);
  const shorten = (bypass: boolean) =>
    new PutObjectRetentionCommand({
      ...dump,
      Retention: { Mode: 'GOVERNANCE', RetainUntilDate: tomorrow },
      ...(bypass ? { BypassGovernanceRetention: true } : {}),
    });
  const attempts: Attempt[] = [
    { attempt: 'read the dump', run: () => s3.send(new GetObjectCommand(dump)) },
    { attempt: 'delete a version of the dump', run: () => s3.send(new DeleteObjectCommand(dump)) },
    {
      attempt: 'hide the manifest behind a delete marker',
      run: () => s3.send(new DeleteObjectCommand({ Bucket: spoils.vault, Key: spoils.manifest.key })),
    },
    { attempt: 'shorten the lock', run: () => s3.send(shorten(false)) },
    { attempt: 'shorten the lock with a bypass', run: () => s3.send(shorten(true)) },
    {
      attempt: 'overwrite the manifest',
      run: () => s3.send(new PutObjectCommand({ Bucket: spoils.vault, Key: spoils.manifest.key, Body: '{}', IfNoneMatch: '*' })),
    },
    { attempt: 'read an escrowed key', run: () => s3.send(new GetObjectCommand({ Bucket: spoils.escrowBucket, Key: spoils.envelopeKey })) },
    {
      attempt: 'decrypt an escrowed key',
      run: () => kms.send(new DecryptCommand({ CiphertextBlob: spoils.envelope, EncryptionContext: spoils.envelopeContext })),
    },
  ];
  const outcomes: AttackOutcome[] = [];
  for (const { attempt, run } of attempts) outcomes.push({ role: hands.role, attempt, ...(await refusalOf(run)) });
  return outcomes;
}

async function refusalOf(run: () => Promise<unknown>): Promise<Omit<AttackOutcome, 'role' | 'attempt'>> {
  try {
    await run();
    return { isRefused: false, refusedBy: 'nothing', answer: 'it was done' };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error';
    const message = error instanceof Error ? error.message : String(error);
    const refusedBy = nameRefusal(name, message);
    return { isRefused: refusedBy !== undefined, refusedBy: refusedBy ?? 'an error that is no refusal', answer: `${name}: ${message}` };
  }
}

/** What refused, read off the answer. Undefined for an answer that refuses nothing, such as a broken connection. */
export function nameRefusal(name: string, message: string): string | undefined {
  if (name === 'PreconditionFailed') return 'write-once (If-None-Match)';
  if (!/AccessDenied/.test(name)) return undefined;
  if (/object lock/i.test(message)) return 'S3 Object Lock';
  if (/explicit deny in a resource-based policy/i.test(message)) return 'the bucket or key policy';
  if (/explicit deny/i.test(message)) return 'an explicit deny';
  return 'IAM: nothing grants it to this role';
}
