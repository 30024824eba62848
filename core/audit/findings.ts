/** What an audit found: each deviation of what is from what the plan says. `explain-finding.ts` says each as a sentence, with its fix. */
import * as z from 'zod';
import { EscrowFinding } from './escrow-findings.ts';

const Instant = z.iso.datetime({ offset: false });
const Mode = z.enum(['governance', 'compliance']);

/** Names of statements that are gone, are others than they were, or were not there. */
const PolicyChange = { missing: z.array(z.string()), changed: z.array(z.string()), added: z.array(z.string()) };
const ofBucket = { bucket: z.string(), stack: z.string() };
const ofKey = { alias: z.string(), stack: z.string(), keyArn: z.string() };

/** Of a point. Its versions that deviate in the same way are one finding: how many they are, and the first of them. */
const ofPoint = { asset: z.string(), point: z.string() };
const ofVersions = { ...ofPoint, versions: z.int(), key: z.string(), versionId: z.string() };

export const SettingsFinding = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('bucket-missing'), ...ofBucket }),
  z.strictObject({ kind: z.literal('versioning-off'), ...ofBucket, found: z.enum(['suspended', 'off']) }),
  z.strictObject({ kind: z.literal('object-lock-off'), ...ofBucket }),
  z.strictObject({ kind: z.literal('default-lock-missing'), ...ofBucket, mode: Mode, days: z.int() }),
  z.strictObject({
    kind: z.literal('default-lock-differs'),
    ...ofBucket,
    mode: Mode,
    days: z.int(),
    foundMode: Mode,
    foundDays: z.int(),
  }),
  z.strictObject({ kind: z.literal('bucket-encryption-differs'), ...ofBucket, found: z.string(), expected: z.string() }),
  z.strictObject({ kind: z.literal('public-access-open'), ...ofBucket, settings: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('ownership-shared'), ...ofBucket }),
  z.strictObject({ kind: z.literal('lifecycle-changed'), ...ofBucket, rules: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('bucket-policy-missing'), ...ofBucket }),
  z.strictObject({ kind: z.literal('bucket-policy-changed'), ...ofBucket, ...PolicyChange }),
  z.strictObject({ kind: z.literal('key-missing'), alias: z.string(), stack: z.string() }),
  z.strictObject({ kind: z.literal('key-disabled'), ...ofKey }),
  z.strictObject({ kind: z.literal('key-deletion-scheduled'), ...ofKey, deletionAt: Instant.optional() }),
  z.strictObject({ kind: z.literal('key-unusable'), ...ofKey, state: z.string() }),
  z.strictObject({ kind: z.literal('key-rotation-off'), ...ofKey }),
  z.strictObject({ kind: z.literal('key-policy-changed'), ...ofKey, ...PolicyChange }),
]);
export type SettingsFinding = z.infer<typeof SettingsFinding>;

export const ObjectFinding = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('lock-missing'),
    ...ofVersions,
    expected: Instant,
    mode: Mode,
    /** Whether a run has wholly ended at the point. */
    isFinished: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('lock-short'),
    ...ofVersions,
    found: Instant,
    expected: Instant,
    mode: Mode,
    isFinished: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('lock-mode-differs'), ...ofVersions, found: Mode, expected: Mode }),
  z.strictObject({ kind: z.literal('encryption-differs'), ...ofVersions, found: z.string(), expected: z.string() }),
  z.strictObject({ kind: z.literal('hold-missing'), ...ofVersions, holds: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('hold-unknown'), ...ofVersions }),
  z.strictObject({ kind: z.literal('object-missing'), ...ofVersions }),
  z.strictObject({ kind: z.literal('record-unreadable'), ...ofPoint, key: z.string(), why: z.string() }),
  /** A second version of what is written once. */
  z.strictObject({ kind: z.literal('manifest-overwritten'), ...ofPoint, key: z.string(), versionId: z.string(), versions: z.int() }),
  z.strictObject({ kind: z.literal('overwritten'), key: z.string(), versionId: z.string(), versions: z.int() }),
  /** A delete marker. */
  z.strictObject({ kind: z.literal('point-hidden'), ...ofPoint, key: z.string(), versionId: z.string() }),
  z.strictObject({ kind: z.literal('hidden'), key: z.string(), versionId: z.string() }),
  z.strictObject({
    kind: z.literal('evidence-lock-short'),
    key: z.string(),
    versionId: z.string(),
    found: Instant.optional(),
    expected: Instant,
  }),
  /** What one run did not come to: nobody looked at it. */
  z.strictObject({ kind: z.literal('not-looked-at'), assets: z.array(z.string()) }),
]);
export type ObjectFinding = z.infer<typeof ObjectFinding>;

/** Of the chain of an asset and its points. */
export const ChainFinding = z.discriminatedUnion('kind', [
  /** `link`: that names it; absent when something else of it is left. `wasReplicated`: whether that link says so. */
  z.strictObject({ kind: z.literal('point-lost'), ...ofPoint, link: z.int().optional(), wasReplicated: z.boolean() }),
  z.strictObject({ kind: z.literal('links-missing'), asset: z.string(), from: z.int(), to: z.int() }),
  z.strictObject({ kind: z.literal('link-unreadable'), asset: z.string(), key: z.string(), versionId: z.string() }),
  /** Another than the one that was linked: that one was deleted past its lock, or the link is another. */
  z.strictObject({ kind: z.literal('manifest-differs'), ...ofPoint, link: z.int(), key: z.string(), versionId: z.string() }),
  /** Signed, which is done last, and without a link. */
  z.strictObject({ kind: z.literal('point-unlinked'), ...ofPoint }),
]);
export type ChainFinding = z.infer<typeof ChainFinding>;
const CHAIN_KINDS: readonly string[] = ChainFinding.options.map(({ shape }) => shape.kind.value);
export const isOfChain = (finding: Finding): finding is ChainFinding => CHAIN_KINDS.includes(finding.kind);

const ESCROW_KINDS: readonly string[] = EscrowFinding.options.map(({ shape }) => shape.kind.value);
export const isOfEscrow = (finding: Finding): finding is EscrowFinding => ESCROW_KINDS.includes(finding.kind);

export const Finding = z.union([SettingsFinding, ObjectFinding, ChainFinding, EscrowFinding]);
export type Finding = z.infer<typeof Finding>;
