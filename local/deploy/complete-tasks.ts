/** Task definitions, registered again: the emulator's CloudFormation drops or garbles the parts of them that are written here. */
import { DescribeTaskDefinitionCommand, ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { z } from 'zod';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { rootSettings, type LocalPlace } from '../run/place.ts';
import type { TemplateResource } from './templates.ts';

const TaskDefinition = z.object({
  Family: z.string(),
  Volumes: z.array(z.strictObject({ Name: z.string() })).default([]),
  EphemeralStorage: z.strictObject({ SizeInGiB: z.int() }).optional(),
  RuntimePlatform: z.strictObject({ CpuArchitecture: z.enum(['ARM64', 'X86_64']), OperatingSystemFamily: z.literal('LINUX') }).optional(),
  ContainerDefinitions: z.array(
    z.object({
      Name: z.string(),
      LinuxParameters: z
        .strictObject({
          InitProcessEnabled: z.boolean().optional(),
          Capabilities: z.strictObject({ Drop: z.array(z.string()) }).optional(),
        })
        .optional(),
    }),
  ),
});

/** Registers the next revision, which is what a family's name means from then on. Answers with the family. */
export async function completeTaskDefinition(resource: TemplateResource, place: LocalPlace): Promise<string> {
  const wanted = TaskDefinition.parse(resource.properties);
  const ecs = new ECSClient(clientConfig(rootSettings(place, resource.region)));
  try {
    const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: wanted.Family }));
    const { EphemeralStorage: storage, RuntimePlatform: platform } = wanted;
    await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: wanted.Family,
        networkMode: taskDefinition?.networkMode,
        requiresCompatibilities: taskDefinition?.requiresCompatibilities,
        cpu: taskDefinition?.cpu,
        memory: taskDefinition?.memory,
        taskRoleArn: taskDefinition?.taskRoleArn,
        executionRoleArn: taskDefinition?.executionRoleArn,
        volumes: wanted.Volumes.map(({ Name }) => ({ name: Name })),
        ...(storage && { ephemeralStorage: { sizeInGiB: storage.SizeInGiB } }),
        ...(platform && {
          runtimePlatform: { cpuArchitecture: platform.CpuArchitecture, operatingSystemFamily: platform.OperatingSystemFamily },
        }),
        containerDefinitions: (taskDefinition?.containerDefinitions ?? []).map((container) => {
          const linux = wanted.ContainerDefinitions.find(({ Name }) => Name === container.name)?.LinuxParameters;
          const { InitProcessEnabled: initProcessEnabled, Capabilities: capabilities } = linux ?? {};
          return {
            ...container,
            linuxParameters: { initProcessEnabled, ...(capabilities && { capabilities: { drop: capabilities.Drop } }) },
          };
        }),
      }),
    );
    return wanted.Family;
  } finally {
    ecs.destroy();
  }
}
