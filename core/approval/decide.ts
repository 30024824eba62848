/**
 * Whether a request is approved. Pure, and the same of the same records in whatever order they are read: a decision counts by what it
 * says, and never by when it was looked at.
 */
import { hasRole, isSamePerson, type Caller } from './caller.ts';
import type { ApprovalDecision, ApprovalRequest } from './records.ts';

/** `storedAt`: when S3 says that it was written; a clock of whoever wrote it may be wrong. */
export type StoredDecision = { decision: ApprovalDecision; storedAt: Date };

export type ApprovalRecords = {
  request: ApprovalRequest;
  /** SHA-256 of the request's bytes, which decisions name. */
  requestSha256: string;
  /** Found after the request was written. */
  author?: Caller | undefined;
  decisions: readonly StoredDecision[];
};
/** ARNs of roles. */
export type Roles = { requesters: readonly string[]; approvers: readonly string[] };

export type PassedOver = { n: number; by: string; why: string };
export type Verdict = {
  /** `refused`: who asked may not ask. */
  state: 'approved' | 'rejected' | 'expired' | 'refused' | 'waiting';
  /** People whose approvals count, in order of their names. */
  approvedBy: string[];
  /** How many it takes, the one more of an unknown author among them. */
  needed: number;
  isAuthorKnown: boolean;
  rejection?: { by: string; reason: string } | undefined;
  passedOver: PassedOver[];
};

export function decideApproval(records: ApprovalRecords, roles: Roles, now: Date): Verdict {
  const { request } = records;
  const author = request.author ?? records.author;
  const needed = request.needed + (author === undefined ? 1 : 0);
  // Of two decisions of one person the earlier counts; the number settles what two clocks leave open.
  const ordered = records.decisions.toSorted((a, b) => a.decision.n - b.decision.n);
  const passedOver: PassedOver[] = [];
  const counted: ApprovalDecision[] = [];
  for (const stored of ordered) {
    const why = whyNot(stored, { records, author, roles, counted });
    const { n, by } = stored.decision;
    if (why === undefined) counted.push(stored.decision);
    else passedOver.push({ n, by: by.person, why });
  }
  const rejected = counted.find(({ outcome }) => outcome === 'rejected');
  const approvedBy = counted
    .filter(({ outcome }) => outcome === 'approved')
    .map(({ by }) => by.person)
    .toSorted();
  const verdict = (state: Verdict['state']): Verdict => ({
    state,
    approvedBy,
    needed,
    isAuthorKnown: author !== undefined,
    ...(rejected ? { rejection: { by: rejected.by.person, reason: rejected.reason ?? '' } } : {}),
    passedOver,
  });
  if (author !== undefined && !hasRole(author, roles.requesters)) return verdict('refused');
  // One no is enough, whoever else said yes.
  if (rejected) return verdict('rejected');
  if (approvedBy.length >= needed) return verdict('approved');
  return verdict(now.getTime() > Date.parse(request.expiresAt) ? 'expired' : 'waiting');
}

type Around = { records: ApprovalRecords; author: Caller | undefined; roles: Roles; counted: readonly ApprovalDecision[] };

/** Why a decision does not count; undefined when it does. */
function whyNot({ decision, storedAt }: StoredDecision, { records, author, roles, counted }: Around): string | undefined {
  const { request, requestSha256 } = records;
  const { by, outcome } = decision;
  if (decision.system !== request.system || decision.run !== request.run || decision.requestSha256 !== requestSha256)
    return 'it is about another request';
  if (!hasRole(by, roles.approvers)) return `${by.role ?? 'a user'} is none of the roles that approve`;
  if (Math.max(Date.parse(decision.at), storedAt.getTime()) > Date.parse(request.expiresAt)) return 'it came after the request had expired';
  // Whoever asked may take it back.
  if (outcome === 'approved' && author !== undefined && isSamePerson(by, author)) return 'nobody approves a request of his own';
  const earlier = counted.find((one) => isSamePerson(one.by, by));
  // Who has approved may still say no, until the machine goes on.
  if (earlier && (outcome === 'approved' || earlier.outcome === 'rejected')) return 'the same person has decided before';
  return undefined;
}
