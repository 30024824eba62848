import { roleArn, type System } from '../system.ts';

/** The role that the plan's people assume here, and their own: whoever may call the function under that needs no other. */
export function peopleOf(system: System) {
  const { requesters, approvers } = system.plan.roles;
  const all = (own: 'requester' | 'approver', named: string[]) =>
    [system.humanRole(own), ...named].map((role) => (role.startsWith('arn:') ? role : roleArn(system.home, role)));
  return { requesters: all('requester', requesters), approvers: all('approver', approvers) };
}
