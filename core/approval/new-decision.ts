/** A decision that somebody wants to make: why it cannot be, or the record of it. */
import { hasRole, isSamePerson, type Caller } from './caller.ts';
import { decideApproval, type ApprovalRecords, type Roles } from './decide.ts';
import { explainVerdict } from './explain.ts';
import type { ApprovalDecision } from './records.ts';

export type Wish = { outcome: ApprovalDecision['outcome']; reason?: string | undefined; requestSha256: string };

/** Everybody of a small team may decide once or twice; more is somebody who fills a bucket. */
const MOST_DECISIONS = 50;

export function findObjection(
  records: ApprovalRecords,
  roles: Roles,
  { outcome, requestSha256 }: Wish,
  caller: Caller,
  now: Date,
): { why: string; advice: string } | undefined {
  const { request, decisions } = records;
  const author = request.author ?? records.author;
  if (!hasRole(caller, roles.approvers))
    return {
      why: `${caller.arn} is none of those that may approve`,
      advice: 'Decide under a role that the plan names in `roles.approvers`',
    };
  if (requestSha256 !== records.requestSha256)
    return { why: 'The request is not the one that was shown', advice: `Look at it again: npx holdfast requests ${request.run}` };
  const verdict = decideApproval(records, roles, now);
  if (verdict.state !== 'waiting')
    return { why: `The request takes no decision any more: ${explainVerdict(verdict, request)}`, advice: 'A new restore is a new request' };
  if (outcome === 'approved' && author !== undefined && isSamePerson(author, caller))
    return { why: `${caller.person} asked for it: nobody approves a request of his own`, advice: 'Somebody else has to approve it' };
  if (outcome === 'approved' && decisions.some(({ decision }) => isSamePerson(decision.by, caller)))
    return { why: `${caller.person} has decided before, and one person counts once`, advice: 'Somebody else has to approve it' };
  if (decisions.length >= MOST_DECISIONS)
    return { why: 'The request has more decisions than it can have', advice: 'Start the restore again' };
  return undefined;
}

export function newDecision(
  { request, requestSha256, decisions }: ApprovalRecords,
  { outcome, reason }: Wish,
  by: Caller,
  at: Date,
): ApprovalDecision {
  const { system, asset, point, run } = request;
  return {
    format: 'holdfast/approval/v1',
    system,
    asset,
    ...(point === undefined ? {} : { point }),
    run,
    n: Math.max(0, ...decisions.map(({ decision }) => decision.n)) + 1,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    by,
    at: at.toISOString(),
    requestSha256,
  };
}
