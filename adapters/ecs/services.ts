import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { StepUnusable } from '../../core/quiesce/errors.ts';
import type { EcsServices } from '../../core/quiesce/ports.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

/** Services of ECS. A call takes ten names at most, which is what a step of the plan may have. */
export function ecsServices(settings: AwsSettings): EcsServices {
  const client = new ECSClient(clientConfig(settings));
  return {
    async describe(cluster, names) {
      const { services = [] } = await client.send(new DescribeServicesCommand({ cluster, services: [...names] }));
      return names.map((service) => {
        const found = services.find(({ serviceName }) => serviceName === service);
        if (found === undefined || found.status !== 'ACTIVE')
          throw new StepUnusable(`The cluster ${cluster} has no active service ${service}`);
        if (found.schedulingStrategy === 'DAEMON')
          throw new StepUnusable(
            `The service ${service} of the cluster ${cluster} is a daemon: it runs on every instance, and has no count to scale`,
          );
        const { desiredCount = 0, runningCount = 0, pendingCount = 0 } = found;
        return { service, desiredCount, runningCount, pendingCount };
      });
    },
    async setCount(cluster, service, desiredCount) {
      await client.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
    },
  };
}
