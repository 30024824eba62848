/** What was asked, who asked, and what people said to it. */
import { ApprovalAuthor, ApprovalDecision, ApprovalRequest } from '../../approval/records.ts';
import { time } from '../sections/parts.ts';
import type { DescribedEvidence } from './model.ts';
import { id } from './parts.ts';

export function describeApprovalRequest(record: unknown): DescribedEvidence | undefined {
  const parsed = ApprovalRequest.safeParse(record);
  if (!parsed.success) return undefined;
  const { asset, point, run, execution, at, asked, inputSha256, author, needed, expiresAt } = parsed.data;
  return {
    title: 'Request for approval',
    at,
    asset,
    outcome: { colour: 'amber', word: 'Asked' },
    facts: [
      ['What', `${asked.action}, ${asked.target}`],
      ...(point === undefined ? [] : [['Point', id(point)] as const]),
      ...(asked.database === undefined ? [] : [['Database', id(asked.database)] as const]),
      ['Asked by', author === undefined ? 'not known then: one approval more is needed' : author.arn],
      ['Approvals needed', String(needed)],
      ['Until', time(expiresAt)],
      ['Run', id(run)],
      ['Execution', id(execution)],
      ...(inputSha256 === undefined ? [] : [['SHA-256 of its input', id(inputSha256)] as const]),
    ],
    notes: asked.details,
    tables: [],
  };
}

export function describeApprovalAuthor(record: unknown): DescribedEvidence | undefined {
  const parsed = ApprovalAuthor.safeParse(record);
  if (!parsed.success) return undefined;
  const { asset, run, execution, at, author, eventId } = parsed.data;
  return {
    title: 'Who asked for a restore',
    at,
    asset,
    outcome: { colour: 'green', word: 'Found' },
    facts: [
      ['Asked by', author.arn],
      ['Event of the account’s trail', id(eventId)],
      ['Run', id(run)],
      ['Execution', id(execution)],
    ],
    notes: [],
    tables: [],
  };
}

export function describeDecision(record: unknown): DescribedEvidence | undefined {
  const parsed = ApprovalDecision.safeParse(record);
  if (!parsed.success) return undefined;
  const { asset, point, run, n, outcome, reason, by, at, requestSha256 } = parsed.data;
  return {
    title: outcome === 'approved' ? 'Approval' : 'Rejection',
    at,
    asset,
    outcome: outcome === 'approved' ? { colour: 'green', word: 'Approved' } : { colour: 'red', word: 'Rejected' },
    facts: [
      ['By', by.arn],
      ...(point === undefined ? [] : [['Point', id(point)] as const]),
      ...(reason === undefined ? [] : [['Reason', reason] as const]),
      ['Decision', String(n)],
      ['Run', id(run)],
      ['SHA-256 of the request that was shown', id(requestSha256)],
    ],
    notes: ['Whether it counts says the record of the request: who asked, how many were needed, and until when.'],
    tables: [],
  };
}
