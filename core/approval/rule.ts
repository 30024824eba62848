import { durationSeconds } from '../plan/durations.ts';
import type { PostgresAsset } from '../plan/schema.ts';
import { Approvals } from '../plan/schema-approvals.ts';

/** What the plan says of approvals, as the machine's definition has it. */
export type ApprovalRule = { needed: number; beside: number; expirySeconds: number };

export function approvalRule({ restore }: PostgresAsset): ApprovalRule {
  const { needed, beside, expiry } = restore?.approvals ?? Approvals.parse({});
  return { needed, beside, expirySeconds: durationSeconds(expiry) };
}
