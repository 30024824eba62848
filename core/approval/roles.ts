import type { Side } from '../names.ts';
import type { ProtectionPlan } from '../plan/schema.ts';
import type { Roles } from './decide.ts';

/** Whom the plan lets ask and approve, as ARNs: the system's own role of each, and those that the plan names. */
export function approvalRoles({ system, roles }: Pick<ProtectionPlan, 'system' | 'roles'>, account: string, side: Side): Roles {
  const arn = (role: string) => (role.startsWith('arn:') ? role : `arn:aws:iam::${account}:role/${role}`);
  const own = (role: string) => `holdfast-${system}-${role}${side === 'replica' ? '-replica' : ''}`;
  return {
    requesters: [own('requester'), ...roles.requesters].map(arn),
    approvers: [own('approver'), ...roles.approvers].map(arn),
  };
}
