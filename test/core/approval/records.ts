/** Requests and decisions for tests, each with a word or two that matter. */
import { callerOf, type Caller } from '../../../core/approval/caller.ts';
import type { ApprovalRecords, StoredDecision } from '../../../core/approval/decide.ts';
import type { ApprovalDecision, ApprovalRequest } from '../../../core/approval/records.ts';

const ACCOUNT = '111111111111';
const roleArn = (role: string) => `arn:aws:iam::${ACCOUNT}:role/${role}`;
export const ROLES = { requesters: [roleArn('requester')], approvers: [roleArn('approver'), roleArn('directory/second-approver')] };
export const HASH = 'a'.repeat(64);
export const ASKED_AT = '2026-11-21T10:00:00.000Z';
export const EXPIRES_AT = '2026-11-21T12:00:00.000Z';
export const RUN = '20261121T100000Z-3fa9c1';

export function session(role: string, person: string, account = ACCOUNT): Caller {
  const found = callerOf(`arn:aws:sts::${account}:assumed-role/${role}/${person}`);
  if ('problem' in found) throw new Error(found.problem);
  return found.caller;
}

export const request = (change: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  format: 'holdfast/approval-request/v1',
  system: 'ida',
  asset: 'postgres',
  point: '20261121T011500Z',
  run: RUN,
  execution: 'arn:aws:states:eu-central-1:111111111111:execution:holdfast-ida-restore:asked-1',
  at: ASKED_AT,
  asked: { action: 'restore', target: 'in-place', database: 'ida', details: [] },
  author: session('requester', 'ann'),
  needed: 1,
  expiresAt: EXPIRES_AT,
  ...change,
});

/** By whom, and at what time of the day. */
export const decision = (n: number, by: Caller, change: Partial<ApprovalDecision> = {}, storedAt?: string): StoredDecision => {
  const at = change.at ?? '2026-11-21T11:00:00.000Z';
  return {
    decision: {
      format: 'holdfast/approval/v1',
      system: 'ida',
      asset: 'postgres',
      run: RUN,
      n,
      outcome: 'approved',
      by,
      requestSha256: HASH,
      ...change,
      at,
    },
    storedAt: new Date(storedAt ?? at),
  };
};

export const records = (decisions: readonly StoredDecision[], change: Partial<ApprovalRequest> = {}): ApprovalRecords => {
  const asked = request(change);
  if ('author' in change && change.author === undefined) delete asked.author;
  return { request: asked, requestSha256: HASH, decisions };
};
