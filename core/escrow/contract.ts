/** What the escrow machine and its functions say to one another. No state payload ever carries a value, only ids and fingerprints. */
import * as z from 'zod';
import { VaultSide } from '../vault/side.ts';
import { SOURCE_REASONS } from './errors.ts';

/** Input of the machine: one key asset, or all of the plan. */
export const EscrowInput = z.strictObject({ key: z.string().optional() });

/** Of a version in its source: what the users of the key are given, what a rotation prepares, and all others. */
export const VersionLabel = z.enum(['current', 'pending', 'old']);
export type VersionLabel = z.infer<typeof VersionLabel>;

export const ListVersionsRequest = z.object({ input: z.unknown(), execution: z.string(), startedAt: z.iso.datetime({ offset: true }) });
/**
 * `secretVersion`: of the secret or parameter; empty for a source that could not be listed, with `problem`, so that its failure is
 * told as that of any version. `label`: as it was listed; machines from before it was told say none. `isUnguarded`: it is old, and no
 * run has seen it before, although there were some.
 */
export const KeyVersion = z.object({
  key: z.string(),
  secretVersion: z.string(),
  run: z.string(),
  label: VersionLabel.optional(),
  isUnguarded: z.boolean().optional(),
  problem: z.object({ reason: z.enum(SOURCE_REASONS), message: z.string() }).optional(),
});
export type KeyVersion = z.infer<typeof KeyVersion>;
/**
 * `keys`: whose older envelopes are opened and whose locks are renewed, those that left the plan among them. `later`: versions that are
 * not in escrow yet, or not as they should be, and that the next run takes.
 */
export const ListVersionsAnswer = z.object({
  run: z.string(),
  keys: z.array(z.string()),
  versions: z.array(KeyVersion),
  later: z.int(),
});

/** `KEYS`: JSON of `{ [key asset]: { secret | parameter, field? } }`. */
export const ListVersionsEnvironment = z.object({
  SYSTEM: z.string(),
  KEYS: z.string(),
  ESCROW_BUCKET: z.string(),
  REPLICA_ESCROW_BUCKET: z.string(),
  REPLICA_REGION: z.string(),
});

/** Which envelopes there are beside those that this run has opened: of versions that their sources no longer have. */
export const ListOlderRequest = z.object({ run: z.string(), keys: z.array(z.string()), opened: z.array(z.string()) });
/**
 * An item for each of the two places. `copy`: the envelope is brought there first, from the other one. `later`: how many more values there are; those that were opened longest ago come first. `recent`:
 * how many were opened in all places so lately (look-due.ts) that they are passed over.
 */
export const ListOlderAnswer = z.object({
  envelopes: z.array(
    z.object({ key: z.string(), fingerprint: z.string(), run: z.string(), place: VaultSide, copy: z.literal(true).optional() }),
  ),
  later: z.int(),
  recent: z.int(),
});
export type ListOlderAnswer = z.infer<typeof ListOlderAnswer>;
/** ARNs of aliases, of which only that is asked which keys they name. */
export const ListOlderEnvironment = ListVersionsEnvironment.extend({ ESCROW_KEY_ARN: z.string(), REPLICA_ESCROW_KEY_ARN: z.string() });

/** Makes the locks of what is kept for ever longer. `input`: of the machine. */
export const RenewLocksRequest = z.object({ input: z.unknown() });
export const RenewLocksAnswer = z.object({ renewed: z.int() });
export type RenewLocksAnswer = z.infer<typeof RenewLocksAnswer>;
export const RenewLocksEnvironment = ListVersionsEnvironment.extend({});

/** What Secrets Manager calls a rotation function with; that behind the guard is given all of it, such as the `RotationToken` of another account. */
export const RotationEvent = z.looseObject({
  SecretId: z.string(),
  ClientRequestToken: z.string(),
  Step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
});
export type RotationEvent = z.infer<typeof RotationEvent>;
/** Or by whoever rotates in another way, and asks first. */
export const GuardRequest = z.union([RotationEvent, z.object({ key: z.string() })]);
export const GuardAnswer = z.object({ allowed: z.literal(true), keys: z.array(z.string()) });
export type GuardAnswer = z.infer<typeof GuardAnswer>;

/** `GUARDED`: JSON of Guarded. */
export const GuardEnvironment = ListVersionsEnvironment.extend({ GUARDED: z.string() });
/** By key asset: how old an opening may be, and the function that rotates, where it stands behind the guard. */
export const Guarded = z.record(z.string(), z.object({ limitSeconds: z.number(), rotationFunction: z.string().optional() }));
export type Guarded = z.infer<typeof Guarded>;

/** By place the run that opened a value there. */
export const OpenedBy = z.record(VaultSide, z.string());
export type OpenedBy = z.infer<typeof OpenedBy>;
/** `created` false: the same value is in escrow already. `openedBy`: it was opened so lately (look-due.ts) that this run need not. */
export const EscrowedVersion = z.object({
  key: z.string(),
  fingerprint: z.string(),
  run: z.string(),
  created: z.boolean(),
  openedBy: OpenedBy.optional(),
});
export type EscrowedVersion = z.infer<typeof EscrowedVersion>;
/**
 * Secrets Manager makes the id of a version before the rotation gives it a value: there is nothing to escrow, yet or for good. `why`: of
 * an earlier version that was read and never held the key, or that nobody can decrypt any more (empty-versions.ts).
 */
export const VersionWithoutValue = z.object({
  key: z.string(),
  secretVersion: z.string(),
  why: z.enum(['keyless', 'undecryptable']).optional(),
});
export type VersionWithoutValue = z.infer<typeof VersionWithoutValue>;
/** An envelope that one region lacks, from the other: `place` is where it is to come to. */
export const CopyEnvelopeRequest = z.object({
  key: z.string(),
  fingerprint: z.string(),
  run: z.string(),
  place: VaultSide,
  copy: z.literal(true),
});
export type CopyEnvelopeRequest = z.infer<typeof CopyEnvelopeRequest>;
/** Or one version of a key. */
export const EscrowVersionRequest = z.union([CopyEnvelopeRequest, KeyVersion]);
export const EscrowVersionEnvironment = z.object({
  SYSTEM: z.string(),
  KEYS: z.string(),
  ESCROW_BUCKET: z.string(),
  REPLICA_ESCROW_BUCKET: z.string(),
  REPLICA_REGION: z.string(),
  /** ARNs, `arn:aws:kms:<region>:<account>:alias/…`: a bare alias is looked for in the caller's own account, and in one region. */
  ESCROW_KEY_ARN: z.string(),
  REPLICA_ESCROW_KEY_ARN: z.string(),
  FINGERPRINT_KEY_ARN: z.string(),
  REPLICA_FINGERPRINT_KEY_ARN: z.string(),
  /** JSON of OfflineRecipients (offline/contract.ts). */
  OFFLINE: z.string(),
});

/** Reads one envelope back in one region, opens it there, and compares the fingerprint. Writes the fact `readback-<region>`. */
export const ReadBackRequest = z.object({ key: z.string(), fingerprint: z.string(), run: z.string(), place: VaultSide });
export const ReadBackEnvironment = EscrowVersionEnvironment.omit({ KEYS: true, OFFLINE: true });

/** The encryption context of every envelope: the key policy allows decryption under exactly this. */
export const envelopeContext = (system: string, key: string) => ({
  'holdfast:system': system,
  'holdfast:key': key,
  'holdfast:purpose': 'escrow',
});

/** What became of each version that the machine took up, as its steps said. */
const Outcome = z.object({
  key: z.string(),
  /** Absent for an envelope whose version the source no longer has. */
  secretVersion: z.string().optional(),
  fingerprint: z.string().optional(),
  failure: z.string().optional(),
  openedBy: OpenedBy.optional(),
});
export const WriteEvidenceRequest = z.object({
  run: z.string(),
  execution: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  outcomes: z.array(Outcome),
  /** Versions that a rotation has begun and given no value yet, and earlier ones that give none. */
  withoutValue: z.array(VersionWithoutValue).default([]),
  /** Versions, and values that their sources no longer have, that the next run takes: this one had as many as one execution can do. */
  later: z.int().default(0),
  /** Earlier values that were opened within days, and not again by this run. */
  recent: z.int().default(0),
});
/** `keys`: what is to be signed, locked and copied. */
export const WriteEvidenceAnswer = z.object({ keys: z.array(z.string()) });
export const WriteEvidenceEnvironment = z.object({
  SYSTEM: z.string(),
  VAULT_BUCKET: z.string(),
  ESCROW_BUCKET: z.string(),
  REPLICA_ESCROW_BUCKET: z.string(),
  REPLICA_REGION: z.string(),
});

export const ESCROW_EVIDENCE_FORMAT = 'holdfast/escrow-evidence/v1';

/** `evidence/<system>/<YYYY>/escrow-<run>.json`: which keys could be recovered where, by the facts as they stand and not as some step said. */
export const EscrowEvidence = z.strictObject({
  format: z.literal(ESCROW_EVIDENCE_FORMAT),
  kind: z.literal('escrow'),
  system: z.string(),
  run: z.string(),
  execution: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  at: z.iso.datetime({ offset: false }),
  /** `escrowed` when every version was opened in both regions, and none was left for the next run. */
  outcome: z.enum(['escrowed', 'incomplete']),
  versions: z.array(
    z.strictObject({
      key: z.string(),
      /** Absent for an envelope whose version the source no longer has. */
      secretVersion: z.string().optional(),
      fingerprint: z.string().optional(),
      /** Class of the failure that ended its round. */
      failure: z.string().optional(),
      /** The facts of this run, or of the one that opened it within days, each by its bytes: the signature of this record vouches for them. */
      readBacks: z.array(
        z.strictObject({
          region: z.string(),
          bucket: z.string(),
          factKey: z.string(),
          factSha256: z.string(),
          at: z.iso.datetime({ offset: false }),
          envelopeVersionId: z.string(),
          regionFingerprint: z.string(),
        }),
      ),
    }),
  ),
  /** Versions that a rotation had begun and given no value yet, and earlier ones that gave none; absent when there was none. */
  withoutValue: z.array(z.strictObject(VersionWithoutValue.shape)).optional(),
  /** Versions and earlier values that were left for the next run; absent when there was none. */
  later: z.int().min(1).optional(),
  /** Values that their sources no longer have, opened in both regions within days, and not again by this run; absent when there was none. */
  recent: z.int().min(1).optional(),
});
export type EscrowEvidence = z.infer<typeof EscrowEvidence>;

/** What the machine ends with when every version is in escrow; otherwise it fails, naming those that are not. */
export const EscrowOutput = z.object({
  run: z.string(),
  /** Of machines from before there was any, none. */
  evidence: z.array(z.string()).default([]),
  /** Envelopes of versions that the sources no longer have, opened as well. */
  older: z.int().default(0),
  versions: z.array(
    z.object({
      escrowed: z.literal(true),
      key: z.string(),
      secretVersion: z.string(),
      fingerprint: z.string(),
      created: z.boolean(),
      openedBy: OpenedBy.optional(),
    }),
  ),
  withoutValue: z.array(VersionWithoutValue).default([]),
  /** Versions and earlier values that the next run takes. */
  later: z.int().default(0),
  /** Earlier values that were opened within days, and not again by this run. */
  recent: z.int().default(0),
});
