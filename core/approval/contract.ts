/** What the restore machine, the functions of approvals and the people who call them say to one another. */
import * as z from 'zod';
import { isRun } from '../vault/ids.ts';
import { VaultSide } from '../vault/side.ts';
import { Asked, Outcome } from './records.ts';

/** ARNs, comma-separated. */
const Roles = z.string().transform((text) => text.split(','));
const common = { SYSTEM: z.string(), SIDE: VaultSide, VAULT_BUCKET: z.string() };
const roles = { REQUESTERS: Roles, APPROVERS: Roles };

const Instant = z.iso.datetime({ offset: true });

// --- say who asks, before the machine is started
export const TakeRequestEnvironment = z.object({ ...common, REQUESTERS: Roles });
/** `input`: what the machine is then started with, under `name`. */
export const TakeRequestRequest = z.strictObject({ input: z.record(z.string(), z.json()) });
export const TakeRequestAnswer = z.strictObject({ name: z.string(), startBefore: z.iso.datetime() });
export type TakeRequestAnswer = z.infer<typeof TakeRequestAnswer>;

/** `holdfast/asked/v1`: written by the function, read by the machine’s. */
export const AskedPaper = z.strictObject({
  format: z.literal('holdfast/asked/v1'),
  system: z.string(),
  name: z.string(),
  inputSha256: z.string(),
  author: z.unknown(),
  at: Instant,
});

// --- write down what is asked
export const WriteRequestEnvironment = z.object({ ...common, ...roles });
/**
 * What the machine itself knows of what it asks. Two executions may come to the same run, for its id has few digits: each function
 * compares this with the request that stands under it.
 */
const OwnRequest = z.object({
  input: z.unknown(),
  execution: z.string(),
  asset: z.string(),
  point: z.string(),
  run: z.string(),
  asked: Asked.omit({ consistentAt: true }),
});
export type OwnRequest = z.infer<typeof OwnRequest>;
export const WriteRequestRequest = OwnRequest.extend({
  startedAt: Instant,
  needed: z.int().min(1),
  expirySeconds: z.int().min(60),
});

const State = z.enum(['approved', 'rejected', 'expired', 'refused', 'waiting', 'author']);
/** What the machine does next. `author`: it asks again in a while, for the account's trail is late. */
export const ApprovalAnswer = z.object({
  state: State,
  message: z.string(),
  /** Keys of evidence that is new: to be signed, locked and copied. */
  sign: z.array(z.string()),
  /** Number of the newest decision that was read. */
  seen: z.int(),
  expiresAt: z.string(),
});
export type ApprovalAnswer = z.infer<typeof ApprovalAnswer>;

// --- keep the token, and tell who may approve
export const AskApproversEnvironment = z.object({ ...common, ...roles, ALARM_TOPIC_ARN: z.string() });
/** `round`: how often the machine has waited before. `seen`: the newest decision that it has read. */
export const AskApproversRequest = OwnRequest.extend({ token: z.string(), round: z.int(), seen: z.int() });
export const TokenPaper = z.strictObject({ format: z.literal('holdfast/task-token/v1'), token: z.string(), seen: z.int() });

// --- decide
export const DecideEnvironment = z.object({ ...common, ...roles });
export const DecideRequest = z
  .strictObject({
    run: z.string().refine(isRun, 'is the id of a request, such as 20261121T101500Z-3fa9c1'),
    outcome: Outcome,
    reason: z.string().min(5, 'says why, in five characters or more').max(500, 'has at most 500 characters').optional(),
    /** Of the bytes of the request that was shown. */
    requestSha256: z.string().regex(/^[0-9a-f]{64}$/),
  })
  .refine(({ outcome, reason }) => outcome === 'approved' || reason !== undefined, {
    error: 'says why a request is rejected',
    path: ['reason'],
  });
export const DecideAnswer = z.strictObject({
  run: z.string(),
  n: z.int(),
  outcome: Outcome,
  by: z.string(),
  state: State,
  approvedBy: z.array(z.string()),
  needed: z.int(),
  message: z.string(),
});
export type DecideAnswer = z.infer<typeof DecideAnswer>;

// --- read the decisions again
export const ConfirmEnvironment = z.object({ ...common, ...roles, ALARM_TOPIC_ARN: z.string() });
/** `woken`: by what. A token that comes back without a new decision was sent by somebody who may not. */
export const ConfirmRequest = OwnRequest.extend({
  startedAt: Instant,
  seen: z.int(),
  woken: z.enum(['token', 'time', 'author']),
});
