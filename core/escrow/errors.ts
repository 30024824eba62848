import type { FailureName } from '../failure/classes.ts';
import { HoldfastError } from '../failure/error.ts';
import { describeNotRestorable } from '../restore/missing-keys.ts';

/** What stands between an envelope and its key. None of these heals by itself. */
export const LOSS_REASONS = [
  'envelope-missing',
  'envelope-altered',
  'other-context',
  'other-key',
  'key-disabled',
  'key-pending-deletion',
  'key-missing',
  'value-differs',
] as const;
export type LossReason = (typeof LOSS_REASONS)[number];

/** Advice per reason: the failure class alone is too coarse to act on. */
const LOSS_ADVICE: Record<LossReason, string> = {
  'envelope-missing':
    'Run `npx holdfast escrow` while the secret still holds the value; if it does not, the other region may have the envelope',
  'envelope-altered':
    'Run `npx holdfast escrow`: while the secret still holds the value, another envelope is made beside this one, which stays for the inquiry. If it does not, use the envelope of the other region or the offline file',
  'other-context':
    'An envelope of another key or system stands here: find out who wrote it. `npx holdfast escrow` makes another beside it while the secret still holds the value; if it does not, use the envelope of the other region',
  'other-key':
    'The alias of the escrow key names another KMS key than the one that the envelope was made with. Put the alias back on that key; if it is gone, `npx holdfast escrow` makes envelopes for the present one of every value that the secret still holds',
  'key-disabled': 'Enable the KMS key again with the break-glass role, and find out who disabled it',
  'key-pending-deletion': 'Cancel the deletion of the KMS key with the break-glass role now: once it is deleted, its envelopes are lost',
  'key-missing':
    'Look for the KMS key that the alias names; the envelope of the other region opens without it. Once the alias names a key again, `npx holdfast escrow` makes envelopes for it of every value that the secret still holds',
  'value-differs':
    'The envelope opens but holds another value than its name says: find out who wrote it. `npx holdfast escrow` makes another beside it while the secret still holds the value; if it does not, use the envelope of the other region',
};

/** A key asset cannot be got back from this envelope. The message says which and why, never a byte of it. */
export class KeyNotRecoverable extends HoldfastError {
  readonly failure = 'KeyNotRecoverable' satisfies FailureName;
  readonly reason: LossReason;
  constructor(reason: LossReason, message: string, options?: { cause?: unknown }) {
    super(message, LOSS_ADVICE[reason], options);
    this.reason = reason;
  }
}

/**
 * An envelope opened, and whether it holds what its name says cannot be told: the fingerprint key is another one than the name was
 * made with. That is no loss, and nothing is written down of it.
 */
export class ValueNotRecognised extends HoldfastError {
  readonly failure = 'VaultRefused' satisfies FailureName;
  constructor(key: string, region: string, fingerprintKeyArn: string) {
    super(
      `The envelope of the key asset '${key}' in ${region} opens, and its value cannot be recognised: fingerprints are now made with ${fingerprintKeyArn}, which did not make its name`,
      'Put the alias of the fingerprint key back on the KMS key that it named before (docs/runbook.md, "A key cannot be recovered"); the value itself is not lost',
    );
  }
}

export const SOURCE_REASONS = ['secret-missing', 'secret-deleted', 'version-missing', 'refused', 'undecryptable', 'unavailable'] as const;
export type SourceReason = (typeof SOURCE_REASONS)[number];

const SOURCE_ADVICE: Record<SourceReason, string> = {
  'secret-missing':
    'Compare `source` of the key asset in the plan with the secrets and parameters of this account and region; a secret that waits for its deletion can be restored until that day. What was in escrow stays there',
  'secret-deleted':
    'When that was not meant, restore it while its window lasts (`aws secretsmanager restore-secret`), and run escrow again; when it was, take the key out of the plan. What was in escrow stays there',
  'version-missing': 'The version was removed after it was listed; start the escrow machine again, and more often than the secret rotates',
  refused:
    'Compare the policy of the secret or parameter, and of the KMS key that encrypts it, with the role of the function; deploy again',
  undecryptable: 'The KMS key that encrypts it is disabled or gone: bring it back, or the value is lost at its source',
  unavailable: 'Check the health of Secrets Manager or Parameter Store and the way to it; trying again is safe',
};

/** The secret or parameter that holds a key could not be read. */
export class KeySourceUnavailable extends HoldfastError {
  readonly failure = 'KeySourceUnavailable' satisfies FailureName;
  readonly reason: SourceReason;
  constructor(reason: SourceReason, message: string, options?: { cause?: unknown }) {
    super(message, SOURCE_ADVICE[reason], options);
    this.reason = reason;
  }
}

/** The secret was read, but the key is not where the plan says. */
export class KeyNotInSecret extends HoldfastError {
  readonly failure = 'KeyNotInSecret' satisfies FailureName;
}

/** The machine was started with something that it cannot do. */
export class BadEscrowInput extends HoldfastError {
  readonly failure = 'BadInput' satisfies FailureName;
}

/** A point whose keys nobody could get back. */
export class PointNotRestorable extends HoldfastError {
  readonly failure = 'KeyNotRecoverable' satisfies FailureName;
  constructor({ asset, point }: { asset: string; point: string }, missing: readonly string[]) {
    super(
      `The point ${asset}/${point} is ${describeNotRestorable(missing)}`,
      'Run `npx holdfast escrow`: it says what stands between each envelope and its key; then try again. The other region may have the key, and so may the offline copies',
    );
  }
}

/** A rotation that would replace what nobody could get back. */
export class RotationRefused extends HoldfastError {
  readonly failure = 'RotationRefused' satisfies FailureName;
  constructor(reasons: readonly string[]) {
    super(`The rotation is refused: ${reasons.join('; ')}`, 'Run `npx holdfast escrow` for the key, until it ends well; then rotate');
  }
}

/** The function that the guard stands in front of did not do its step. */
export class RotationFailed extends HoldfastError {
  readonly failure = 'Unexpected' satisfies FailureName;
  constructor(functionArn: string, step: string, why: string, options?: { cause?: unknown }) {
    super(
      `The rotation function ${functionArn} failed in the step ${step} (${why})`,
      'Read its own log; Secrets Manager tries again',
      options,
    );
  }
}
