/** What an approval leaves: what was asked, who asked where that had to be found out, and every decision. All of it is evidence. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Side } from '../names.ts';
import { evidenceKey } from '../vault/keys.ts';
import { Caller } from './caller.ts';

const Instant = z.iso.datetime({ offset: false });
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** As the restore machine has checked it. */
export const Asked = z.strictObject({
  /** `restore`, or what else is done to a database that a restore has left. */
  action: z.string(),
  /** Where the point goes: `beside`, `in-place` … */
  target: z.string(),
  database: z.string().optional(),
  /** The instant that the data is of. */
  consistentAt: Instant.optional(),
  /** What else of the request matters, a sentence each: parts that are left out, what will be stopped. */
  details: z.array(z.string()),
});
export type Asked = z.infer<typeof Asked>;

/** `evidence/<system>/<YYYY>/approval-request-<run>.json` */
export const ApprovalRequest = z.strictObject({
  format: z.literal('holdfast/approval-request/v1'),
  system: z.string(),
  asset: z.string(),
  point: z.string().optional(),
  run: z.string(),
  execution: z.string(),
  at: Instant,
  asked: Asked,
  /** Of what the execution was started with; requests of before it was written down have none. */
  inputSha256: Sha256.optional(),
  /** Undefined when nobody could say yet who started the execution. */
  author: Caller.optional(),
  /** Approvals of different people. Where nobody ever says who asked, one more. */
  needed: z.int().min(1),
  expiresAt: Instant,
});
export type ApprovalRequest = z.infer<typeof ApprovalRequest>;

/** `evidence/<system>/<YYYY>/approval-author-<run>.json`: what the account's trail said of who started the execution. */
export const ApprovalAuthor = z.strictObject({
  format: z.literal('holdfast/approval-author/v1'),
  system: z.string(),
  asset: z.string(),
  run: z.string(),
  execution: z.string(),
  at: Instant,
  author: Caller,
  /** Of the event in the trail. */
  eventId: z.string(),
});
export type ApprovalAuthor = z.infer<typeof ApprovalAuthor>;

export const Outcome = z.enum(['approved', 'rejected']);

/** `evidence/<system>/<YYYY>/approval-<run>-<n>.json`, numbered as they came, from 1. */
export const ApprovalDecision = z.strictObject({
  format: z.literal('holdfast/approval/v1'),
  system: z.string(),
  asset: z.string(),
  point: z.string().optional(),
  run: z.string(),
  n: z.int().min(1),
  outcome: Outcome,
  reason: z.string().optional(),
  by: Caller,
  at: Instant,
  /** Of the request's bytes: what whoever decided was shown. */
  requestSha256: Sha256,
});
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;

/**
 * Beside the replica the kinds have names of their own: what home's roles copy there is evidence, and never a word in a restore of the
 * second region.
 */
const kindBeside = (kind: string, side: Side) => (side === 'replica' ? `${kind}-replica` : kind);
export const approvalRequestKey = (system: string, run: string, side: Side) =>
  evidenceKey(system, kindBeside('approval-request', side), run);
export const approvalAuthorKey = (system: string, run: string, side: Side) => evidenceKey(system, kindBeside('approval-author', side), run);
export const approvalKey = (system: string, run: string, n: number | string, side: Side) =>
  evidenceKey(system, kindBeside('approval', side), `${run}-${n}`);
export const approvalRequestKind = (side: Side) => kindBeside('approval-request', side);
export const APPROVAL_KINDS = (['approval', 'approval-request', 'approval-author'] as const).flatMap(
  (kind) => [kind, `${kind}-replica`] as const,
);

/** Working papers of a request, neither signed nor copied, that a rule of the bucket takes away. */
const papersPrefix = (system: string) => `approvals/${system}/`;
/** Who asked through the signed call, by the name that the execution then gets. */
export const askedKey = (system: string, executionName: string) => `${papersPrefix(system)}asked/${executionName}.json`;
/** The token by which the machine is woken, of each time that it waits. Only what decides, and what keeps it, may read it. */
export const tokensPrefix = (system: string, run: string) => `${papersPrefix(system)}tokens/${run}/`;
export const tokenKey = (system: string, run: string, round: number | string, name: string) =>
  `${tokensPrefix(system, run)}${String(round).padStart(3, '0')}-${name}.json`;
/** Names each token of a round: a wait that is begun again has another one, and the first is dead by then. */
export const tokenName = (token: string) => createHash('sha256').update(token).digest('hex').slice(0, 16);
/** Those of the newest round, of the keys of a run's tokens. */
export function newestTokens(keys: readonly string[]): string[] {
  const roundOf = (key: string) => key.slice(key.lastIndexOf('/') + 1).split(/[-.]/)[0] ?? '';
  const newest = keys.map(roundOf).toSorted().at(-1);
  return keys.filter((key) => roundOf(key) === newest);
}
export const approvalPapersPrefix = papersPrefix;
