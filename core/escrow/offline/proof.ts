/**
 * A witnessed proof: the shares were put together, the file of a value was opened with what came out, and the fingerprint of what was
 * in it was compared. What stands here names the value by its fingerprint and says nothing else of it.
 */
import * as z from 'zod';
import { BadRequest } from '../../failure/input-errors.ts';
import { LONGEST_NAME } from './people.ts';

/** Kinds of the facts beside a value, and the first of them also of the evidence. */
export const OFFLINE_PROOF = 'offline-proof';
export const OFFLINE_FAILED = 'offline-failed';

const Name = z.string().trim().min(1).max(LONGEST_NAME);
/** So many fit into the input of an execution; a larger medium is recorded in portions. */
const MOST_RESULTS = 200;

/** What became of one file. A file that was made for somebody else proves nothing, and is not among them. */
const ProofResult = z.strictObject({
  key: z.string(),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  /** Id of the recipients that the file was made for, and the file itself. */
  recipients: z.string().regex(/^[0-9a-f]{16}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  outcome: z.enum(['passed', 'failed']),
  reason: z.enum(['damaged', 'other-value']).optional(),
});
export type ProofResult = z.infer<typeof ProofResult>;

const Proof = z.strictObject({
  startedAt: z.iso.datetime({ offset: false }),
  finishedAt: z.iso.datetime({ offset: false }),
  recipient: z.string().startsWith('age1').max(200),
  /** Numbers of the shares that rebuilt the identity; none when a file or a device held it. */
  shares: z.array(z.int().min(1).max(255)),
  /** When the medium was written, and from where. */
  medium: z.strictObject({ exportedAt: z.iso.datetime({ offset: false }), from: z.string().max(200) }),
  witnesses: z.array(Name).min(1, 'a proof that nobody saw is none').max(20),
  results: z.array(ProofResult).min(1).max(MOST_RESULTS),
});
export type Proof = z.infer<typeof Proof>;

/** What witnesses saw, until it is recorded: a file without any secret, which can be sent later. */
export const KeptProof = z.strictObject({ format: z.literal('holdfast/kept-proof/v1'), system: z.string(), proofs: z.array(Proof).min(1) });
export type KeptProof = z.infer<typeof KeptProof>;

/** One proof as executions take it: the files of one value together, since what became of it depends on all of them. */
export function portionsOf(proof: Proof): Proof[] {
  const portions: ProofResult[][] = [];
  for (const files of Map.groupBy(proof.results, valueOf).values()) {
    const last = portions.at(-1);
    if (last && last.length + files.length <= MOST_RESULTS) last.push(...files);
    else for (let at = 0; at < files.length; at += MOST_RESULTS) portions.push(files.slice(at, at + MOST_RESULTS));
  }
  return portions.map((results) => ({ ...proof, results }));
}

export const valueOf = ({ key, fingerprint, recipients }: Pick<ProofResult, 'key' | 'fingerprint' | 'recipients'>): string =>
  `${key} ${fingerprint} ${recipients}`;

/**
 * What witnesses saw of each value, for each set of recipients: of several files that were made for them one that gave the value is
 * enough, since all of them are on the medium.
 */
export const bestOfEach = (results: readonly ProofResult[]): ProofResult[] => {
  const best = new Map<string, ProofResult>();
  for (const result of results) if (result.outcome === 'passed' || !best.has(valueOf(result))) best.set(valueOf(result), result);
  return [...best.values()];
};

/** Input of the machine. */
const ProofInput = z.strictObject({ proof: Proof });

/** Clocks of two machines differ. */
const CLOCK_SLACK_MILLISECONDS = 5 * 60_000;

/** Throws BadRequest. */
export function readProofInput(input: unknown, now: Date): Proof {
  const parsed = ProofInput.safeParse(input);
  if (!parsed.success) throw new BadRequest(parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`));
  const { startedAt, finishedAt } = parsed.data.proof;
  const problems: string[] = [];
  if (Date.parse(finishedAt) < Date.parse(startedAt)) problems.push('proof.finishedAt: lies before proof.startedAt');
  if (Date.parse(finishedAt) > now.getTime() + CLOCK_SLACK_MILLISECONDS) problems.push('proof.finishedAt: is still to come');
  if (problems.length > 0) throw new BadRequest(problems);
  return parsed.data.proof;
}

export const RecordProofRequest = z.object({ input: z.unknown(), execution: z.string(), startedAt: z.iso.datetime({ offset: true }) });
/** `keys`: what is to be signed, locked and copied. */
export const RecordProofAnswer = z.object({ run: z.string(), keys: z.array(z.string()), facts: z.int() });
export type RecordProofAnswer = z.infer<typeof RecordProofAnswer>;
export const RecordProofEnvironment = z.object({
  SYSTEM: z.string(),
  VAULT_BUCKET: z.string(),
  ESCROW_BUCKET: z.string(),
  REPLICA_ESCROW_BUCKET: z.string(),
  REPLICA_REGION: z.string(),
});

/**
 * `<system>/<key>/<fingerprint>/offline-proof-<recipients>-<file>-<run>.json` or `offline-failed-…`, in both regions. `file`: the run of
 * the file that was made last of those on the medium, or `first`. Once without it, and without recipients.
 */
export const OfflineProofFact = ProofResult.extend({
  format: z.literal('holdfast/escrow-fact/v1'),
  kind: z.enum([OFFLINE_PROOF, OFFLINE_FAILED]),
  system: z.string(),
  id: z.string(),
  at: z.iso.datetime({ offset: false }),
  witnesses: z.array(z.string()),
});
export type OfflineProofFact = z.infer<typeof OfflineProofFact>;

/** `evidence/<system>/<YYYY>/offline-proof-<run>.json`: the drill of the keys from offline shares, with when and how long. */
export const OfflineProofEvidence = z.strictObject({
  format: z.literal('holdfast/offline-proof/v1'),
  kind: z.literal(OFFLINE_PROOF),
  system: z.string(),
  run: z.string(),
  execution: z.string(),
  ...Proof.shape,
  durationSeconds: z.number().min(0),
  outcome: z.enum(['passed', 'failed']),
  /** The facts, each by its bytes: the signature of this record vouches for them. */
  facts: z.array(z.strictObject({ bucket: z.string(), key: z.string(), sha256: z.string() })),
});
export type OfflineProofEvidence = z.infer<typeof OfflineProofEvidence>;

/** What the machine ends with. */
export const ProofOutput = z.object({ run: z.string(), evidence: z.array(z.string()) });
