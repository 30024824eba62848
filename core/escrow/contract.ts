/** What the escrow machine and its functions say to one another. No state payload ever carries a value, only ids and fingerprints. */
import * as z from 'zod';

/** Input of the machine: one key asset, or all of the plan. */
export const EscrowInput = z.strictObject({ key: z.string().optional() });

export const ListVersionsRequest = z.object({ input: z.unknown(), execution: z.string(), startedAt: z.iso.datetime({ offset: true }) });
export const KeyVersion = z.object({ key: z.string(), secretVersion: z.string(), run: z.string() });
export type KeyVersion = z.infer<typeof KeyVersion>;
export const ListVersionsAnswer = z.object({ run: z.string(), versions: z.array(KeyVersion) });

/** `KEYS`: JSON of `{ [key asset]: { secret, field? } }`. */
export const ListVersionsEnvironment = z.object({ SYSTEM: z.string(), KEYS: z.string() });

/** `created` false: the same value is in escrow already. */
export const EscrowedVersion = z.object({ key: z.string(), fingerprint: z.string(), run: z.string(), created: z.boolean() });
export type EscrowedVersion = z.infer<typeof EscrowedVersion>;
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
});

/** Reads one envelope back in one region, opens it there, and compares the fingerprint. Writes the fact `readback-<region>`. */
export const ReadBackRequest = z.object({ key: z.string(), fingerprint: z.string(), run: z.string(), place: z.enum(['vault', 'replica']) });
export const ReadBackEnvironment = EscrowVersionEnvironment.omit({ KEYS: true });

/** The encryption context of every envelope: the key policy allows decryption under exactly this. */
export const envelopeContext = (system: string, key: string) => ({
  'holdfast:system': system,
  'holdfast:key': key,
  'holdfast:purpose': 'escrow',
});

/** `<system>/<key>/<fingerprint>/current-<id>.json` in both regions: this value was the secret's current one when the run read it. */
export const CurrentKeyFact = z.strictObject({
  format: z.literal('holdfast/escrow-fact/v1'),
  kind: z.literal('current'),
  system: z.string(),
  key: z.string(),
  fingerprint: z.string(),
  id: z.string(),
});
export type CurrentKeyFact = z.infer<typeof CurrentKeyFact>;

/** `<system>/<key>/<fingerprint>/readback-<id>.json` in either region's escrow bucket. */
export const ReadBackFact = z.strictObject({
  format: z.literal('holdfast/escrow-fact/v1'),
  kind: z.literal('readback'),
  system: z.string(),
  key: z.string(),
  fingerprint: z.string(),
  id: z.string(),
  at: z.iso.datetime({ offset: false }),
  region: z.string(),
  /** By this region's own HMAC key; in the home region it equals `fingerprint`. */
  regionFingerprint: z.string(),
  envelopeVersionId: z.string(),
  /** Versions and delete markers beside the one that counts. Escrow makes none: somebody else wrote them. */
  strays: z.int().min(1).optional(),
});
export type ReadBackFact = z.infer<typeof ReadBackFact>;

/** What became of each version that the machine took up, as its steps said. */
const Outcome = z.object({
  key: z.string(),
  secretVersion: z.string(),
  fingerprint: z.string().optional(),
  failure: z.string().optional(),
});
export const WriteEvidenceRequest = z.object({
  run: z.string(),
  execution: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  outcomes: z.array(Outcome),
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
  /** `escrowed` when every version was opened in both regions. */
  outcome: z.enum(['escrowed', 'incomplete']),
  versions: z.array(
    z.strictObject({
      key: z.string(),
      secretVersion: z.string(),
      fingerprint: z.string().optional(),
      /** Class of the failure that ended its round. */
      failure: z.string().optional(),
      /** The facts of this run, each by its bytes: the signature of this record vouches for them. */
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
});
export type EscrowEvidence = z.infer<typeof EscrowEvidence>;

/** What the machine ends with when every version is in escrow; otherwise it fails, naming those that are not. */
export const EscrowOutput = z.object({
  run: z.string(),
  /** Of machines from before there was any, none. */
  evidence: z.array(z.string()).default([]),
  versions: z.array(
    z.object({ escrowed: z.literal(true), key: z.string(), secretVersion: z.string(), fingerprint: z.string(), created: z.boolean() }),
  ),
});
