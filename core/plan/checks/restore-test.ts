/** Restore test cannot start: nowhere to validate, or no way from here to the database. */
import { finding, postgresAssets, type Rule } from './rule.ts';

export const checkRestoreTest: Rule = (plan) => {
  const { agreement, network } = plan;
  if (agreement === undefined) return [];
  return [
    ...(agreement.restoreEnvironment === undefined
      ? [
          finding(
            plan,
            'warning',
            ['agreement', 'restoreEnvironment'],
            'A restore test cannot start: nothing says in which environment a restored system is validated',
            'Name it, with who may look at it',
          ),
        ]
      : []),
    ...(agreement.deployment === undefined
      ? [
          finding(
            plan,
            'warning',
            ['agreement', 'deployment'],
            'Nothing says on whose infrastructure the system stands, and so who can start a restore there',
            'Write its `model`: provider-cloud, customer-cloud, on-premises or hybrid',
          ),
        ]
      : []),
    ...(agreement.deployment?.model === 'on-premises' && network.kind === 'new' && postgresAssets(plan).length > 0
      ? [
          finding(
            plan,
            'warning',
            ['network', 'kind'],
            'A new VPC has no way to a database that stands on premises: neither a backup nor a restore could start',
            'Peer it with the network that leads there, or name an `existing` one that is joined to it (VPN, Direct Connect)',
          ),
        ]
      : []),
  ];
};
