/** Who asks for a restore does not approve it. */
import { finding, repeated, type Rule } from './rule.ts';

/** A role is the same by its name or by its ARN, whatever its path. */
const roleName = (role: string) => role.split('/').at(-1) ?? role;

export const checkApprovers: Rule = (plan) => {
  const requesters = plan.roles.requesters.map(roleName);
  const approvers = plan.roles.approvers.map(roleName);
  return [
    ...approvers.flatMap((role, i) =>
      requesters.includes(role)
        ? [
            finding(
              plan,
              'error',
              ['roles', 'approvers', i],
              'The same role may ask for a restore and approve it',
              'Name a role that is not among the requesters',
            ),
          ]
        : [],
    ),
    ...(['requesters', 'approvers'] as const).flatMap((field) =>
      repeated(plan.roles[field].map(roleName)).map(({ index }) =>
        finding(plan, 'warning', ['roles', field, index], 'This role is named twice', 'Remove one'),
      ),
    ),
  ];
};
