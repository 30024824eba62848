import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { STAGES, stateMachineArn, stateMachineName, type Side } from '../../core/names.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import type { Connection } from '../connection.ts';
import { translated } from '../machines/aws-errors.ts';
import { lookIn, type Part } from './look.ts';

/** Every machine of both regions, whether it is there. Those of the second are what is left when home is gone. */
export async function lookAtMachines(plan: ProtectionPlan, connection: Connection): Promise<Part[]> {
  return [...(await lookBeside('vault', plan, connection)), ...(await lookBeside('replica', plan, connection))];
}

async function lookBeside(side: Side, plan: ProtectionPlan, connection: Connection): Promise<Part[]> {
  const { region, account = connection.account } = side === 'vault' ? plan.home : plan.replica;
  const at = { system: plan.system, account, region };
  const [where, of] = side === 'vault' ? [connection.where, ''] : [connection.recovery.where, ' of the second region'];
  const client = new SFNClient(clientConfig(connection.settings(region)));
  const parts: Part[] = [];
  for (const stage of STAGES[side]) {
    const name = stateMachineName(plan.system, stage, side);
    const arn = stateMachineArn(at, stage, side);
    parts.push(
      await lookIn(account, connection, `machine ${stage}${of}`, name, () =>
        translated(`Looking at ${name}`, where, () => client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }))).then(
          () => [],
        ),
      ),
    );
  }
  client.destroy();
  return parts;
}
