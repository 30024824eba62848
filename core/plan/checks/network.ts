/** An existing network: one subnet per zone, and verify and drill kept away from the subnets that reach the database. */
import type { Finding } from '../finding.ts';
import type { ProtectionPlan } from '../schema.ts';
import { finding, type Path, type Rule } from './rule.ts';

export const checkNetwork: Rule = (plan) => [
  ...checkOne(plan, plan.network, ['network']),
  ...checkOne(plan, plan.recovery.network, ['recovery', 'network']),
];

function checkOne(plan: ProtectionPlan, network: ProtectionPlan['network'], path: Path): Finding[] {
  if (network.kind === 'new') return [];
  const zones = network.availabilityZones.length;
  return [
    ...(['sourceSubnets', 'isolatedSubnets'] as const)
      .filter((field) => network[field].length !== zones)
      .map((field) =>
        finding(
          plan,
          'error',
          [...path, field],
          `There are ${zones} availability zones`,
          'Give one subnet per availability zone, in the same order',
        ),
      ),
    ...network.isolatedSubnets.flatMap((subnet, i) =>
      network.sourceSubnets.includes(subnet)
        ? [
            finding(
              plan,
              'error',
              [...path, 'isolatedSubnets', i],
              'A drill in this subnet has a route to the source',
              'Name a subnet whose routes lead to the endpoints alone',
            ),
          ]
        : [],
    ),
  ];
}
