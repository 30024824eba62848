import { CfnOutput, Stack } from 'aws-cdk-lib';
import { CfnAlarm, CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Stage } from '../../core/names.ts';
import { lagAlarmName } from '../copy/follow.ts';
import { silenceAlarmName } from '../pipeline/alarms.ts';
import { arn, type System } from '../system.ts';
import { dashboardBody } from './dashboard-body.ts';

/**
 * The dashboard of one region. Call it when the stack has all of its alarms.
 * @param stages whose machines are in this region
 */
export function makeDashboard(stack: Construct, system: System, stages: readonly Stage[]): void {
  const { name, home, side, plan } = system;
  const alarms = stack.node.children.filter((child) => child instanceof CfnAlarm);
  const body = dashboardBody({
    system: name,
    description: plan.description ?? '',
    region: home.region,
    side,
    machines: stages.map((stage) => ({ stage, arn: system.machineArn(stage) })),
    alarms: [...alarms.flatMap(({ alarmName }) => alarmName ?? []), ...alarmsOfAssets(system)].map((alarm) =>
      arn(home, 'cloudwatch', `alarm:${alarm}`),
    ),
  });
  // Dashboards are an account's, not a region's.
  const dashboardName = `holdfast-${name}${side === 'replica' ? '-replica' : ''}`;
  new CfnDashboard(stack, 'Dashboard', { dashboardName, dashboardBody: Stack.of(stack).toJsonString(body) });
  new CfnOutput(stack, 'DashboardName', { value: dashboardName, description: 'CloudWatch dashboard of this region' });
}

/** They stand in the stacks of single assets, which are made later. */
const alarmsOfAssets = (system: System): string[] =>
  system.side === 'replica' ? [] : system.postgresAssets.flatMap(({ id }) => [silenceAlarmName(system, id), lagAlarmName(system, id)]);
