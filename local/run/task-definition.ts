/** What is read of a deployed task definition, and of the overrides that a state gives. */
import { DescribeTaskDefinitionCommand, type ContainerDefinition, type ECSClient } from '@aws-sdk/client-ecs';
import { z } from 'zod';
import { StateFailed } from '../interpreter/errors.ts';
import type { Json } from '../interpreter/language.ts';

export type Container = {
  name: string;
  image: string;
  isEssential: boolean;
  command: string[];
  environment: Record<string, string>;
  /** `uid:gid` or `uid`; undefined is root. */
  user: string | undefined;
  mounts: { volume: string; path: string }[];
  dependsOn: { container: string; condition: string }[];
  /** Whether others of its task reach it over the network. */
  hasPorts: boolean;
  stopTimeoutSeconds: number;
};

export type TaskDefinition = { arn: string; family: string; roleArn: string; volumes: string[]; containers: Container[] };

const Overrides = z.strictObject({
  ContainerOverrides: z
    .array(
      z.strictObject({
        Name: z.string(),
        Environment: z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]),
        Command: z.array(z.string()).optional(),
      }),
    )
    .default([]),
});

/** The parameters of `ecs:runTask.sync` that mean something here; placement and network have no counterpart on one machine. */
export const RunTaskParameters = z.strictObject({
  TaskDefinition: z.string(),
  Overrides: Overrides.prefault({}),
  Cluster: z.string().optional(),
  LaunchType: z.string().optional(),
  PlatformVersion: z.string().optional(),
  NetworkConfiguration: z.json().optional(),
  PropagateTags: z.string().optional(),
  EnableExecuteCommand: z.boolean().optional(),
});

/** ECS refuses longer overrides, counted as JSON: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html */
const LARGEST_OVERRIDES = 8_192;
const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

export async function readTaskDefinition(ecs: ECSClient, parameters: Json): Promise<TaskDefinition> {
  const parsed = RunTaskParameters.safeParse(parameters);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new StateFailed('ECS.InvalidParameterException', `Arguments of ecs:runTask that are not understood here: ${problems.join('; ')}`);
  }
  const { TaskDefinition: family, Overrides: overrides } = parsed.data;
  if (JSON.stringify(overrides).length > LARGEST_OVERRIDES) {
    throw new StateFailed('ECS.InvalidParameterException', `The overrides are longer than ${LARGEST_OVERRIDES} characters`);
  }
  const described = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: family })).catch((error: unknown) => {
    throw new StateFailed('ECS.ClientException', `The task definition ${family} could not be read: ${(error as Error).message}`, {
      cause: error,
    });
  });
  const definition = described.taskDefinition;
  const containers = (definition?.containerDefinitions ?? []).map(toContainer);
  for (const override of overrides.ContainerOverrides) {
    const container = containers.find(({ name }) => name === override.Name);
    if (!container) throw new StateFailed('ECS.InvalidParameterException', `${family} has no container '${override.Name}' to override`);
    for (const { Name, Value } of override.Environment) container.environment[Name] = Value;
    if (override.Command) container.command = override.Command;
  }
  return {
    arn: definition?.taskDefinitionArn ?? family,
    family: definition?.family ?? family,
    roleArn: definition?.taskRoleArn ?? '',
    volumes: (definition?.volumes ?? []).flatMap(({ name }) => (name ? [name] : [])),
    containers,
  };
}

function toContainer(defined: ContainerDefinition): Container {
  return {
    name: defined.name ?? '',
    image: defined.image ?? '',
    isEssential: defined.essential ?? true,
    command: [...(defined.entryPoint ?? []), ...(defined.command ?? [])],
    environment: Object.fromEntries((defined.environment ?? []).map(({ name = '', value = '' }) => [name, value])),
    user: defined.user,
    mounts: (defined.mountPoints ?? []).map(({ sourceVolume = '', containerPath = '' }) => ({ volume: sourceVolume, path: containerPath })),
    dependsOn: (defined.dependsOn ?? []).map(({ containerName = '', condition = 'START' }) => ({ container: containerName, condition })),
    hasPorts: (defined.portMappings ?? []).length > 0,
    stopTimeoutSeconds: defined.stopTimeout ?? DEFAULT_STOP_TIMEOUT_SECONDS,
  };
}
