import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import type { ScalableTargets } from '../../core/quiesce/ports.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

const OF_ECS = { ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount' } as const;
const resourceId = (cluster: string, service: string) => `service/${cluster}/${service}`;

/** Scaling of ECS services. What is registered again keeps every field that is not given: limits, role and policies stay. */
export function scalableTargets(settings: AwsSettings): ScalableTargets {
  const client = new ApplicationAutoScalingClient(clientConfig(settings));
  return {
    async describe(cluster, services) {
      const { ScalableTargets: targets = [] } = await client.send(
        new DescribeScalableTargetsCommand({ ...OF_ECS, ResourceIds: services.map((service) => resourceId(cluster, service)) }),
      );
      return new Map(
        services.flatMap((service) => {
          const found = targets.find(({ ResourceId }) => ResourceId === resourceId(cluster, service));
          if (found === undefined) return [];
          const state = found.SuspendedState ?? {};
          return [
            [
              service,
              {
                in: state.DynamicScalingInSuspended ?? false,
                out: state.DynamicScalingOutSuspended ?? false,
                scheduled: state.ScheduledScalingSuspended ?? false,
              },
            ] as const,
          ];
        }),
      );
    },
    async suspend(cluster, service, suspended) {
      await client.send(
        new RegisterScalableTargetCommand({
          ...OF_ECS,
          ResourceId: resourceId(cluster, service),
          SuspendedState: {
            DynamicScalingInSuspended: suspended.in,
            DynamicScalingOutSuspended: suspended.out,
            ScheduledScalingSuspended: suspended.scheduled,
          },
        }),
      );
    },
  };
}
