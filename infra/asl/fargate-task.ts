import { expression } from './expression.ts';
import { timeLeft } from './deadline.ts';
import type { Retrier, TaskState } from './definition.ts';
import type { TaskName } from '../../core/names.ts';
import { taskFamily } from '../../core/names.ts';

/** The container of every task definition that gets the ids of a run. */
export const RUNNER_CONTAINER = 'runner';

/** Where a task runs. Lists may be CDK tokens. */
export type TaskNetwork = { subnets: string[]; securityGroups: string[] };

/**
 * Throttling and faults of ECS are `ECS.…`. A RunTask that is answered with a non-empty `Failures` (a lack of Fargate capacity) is
 * `AmazonECS.Unknown` under `.sync`: nothing was started. A task that ran and failed is `States.TaskFailed`.
 */
const SERVICE_FAULTS: Retrier = {
  ErrorEquals: ['AmazonECS.Unknown', 'ECS.AmazonECSException', 'ECS.ServerException', 'ECS.SdkClientException'],
  IntervalSeconds: 10,
  MaxAttempts: 4,
  BackoffRate: 2,
  MaxDelaySeconds: 120,
  JitterStrategy: 'FULL',
};

/** JSONata of the newest revision of an asset's task definition; `$asset` is a variable of the machine. */
const familyOfAsset = (system: string, task: TaskName) => {
  const [before, after] = taskFamily(system, '<asset>', task).split('<asset>');
  return expression(`'${before}' & $asset & '${after}'`);
};

/**
 * Runs one task of an asset to its end. Overrides carry ids only: ECS keeps 8,192 characters for all of them, and everything else
 * stands in the asset's own task definition. `environment` maps a variable's name to the JSONata of its value.
 */
export const fargateTask = (parts: {
  system: string;
  task: TaskName;
  cluster: string;
  network: TaskNetwork;
  environment: Record<string, string>;
  next: string;
}): TaskState => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::ecs:runTask.sync',
  Arguments: {
    LaunchType: 'FARGATE',
    PlatformVersion: '1.4.0',
    Cluster: parts.cluster,
    TaskDefinition: familyOfAsset(parts.system, parts.task),
    NetworkConfiguration: {
      AwsvpcConfiguration: { Subnets: parts.network.subnets, SecurityGroups: parts.network.securityGroups, AssignPublicIp: 'DISABLED' },
    },
    Overrides: {
      ContainerOverrides: [
        {
          Name: RUNNER_CONTAINER,
          Environment: Object.entries(parts.environment).map(([Name, value]) => ({ Name, Value: expression(`$string(${value})`) })),
        },
      ],
    },
  },
  TimeoutSeconds: timeLeft,
  Retry: [SERVICE_FAULTS],
  Output: {},
  Next: parts.next,
});
