import type { Side } from '../names.ts';
import { partitionOf } from '../partition.ts';
import type { ProtectionPlan } from '../plan/schema.ts';
import type { Roles } from './decide.ts';

/**
 * Whom the plan lets ask and approve, as ARNs: the system's own role of each, and those that the plan names.
 *
 * @param at where the vault of the side is; the account may be a token
 */
export function approvalRoles(
  { system, roles }: Pick<ProtectionPlan, 'system' | 'roles'>,
  { account, region }: { account: string; region: string },
  side: Side,
): Roles {
  const arn = (role: string) => (role.startsWith('arn:') ? role : `arn:${partitionOf(region)}:iam::${account}:role/${role}`);
  const own = (role: string) => `holdfast-${system}-${role}${side === 'replica' ? '-replica' : ''}`;
  return {
    requesters: [own('requester'), ...roles.requesters].map(arn),
    approvers: [own('approver'), ...roles.approvers].map(arn),
  };
}
