/** Fargate task definitions: read-only root, no capabilities, not root, credentials of a role of the task's own. */
import { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { z } from 'zod';
import type { TaskName } from '../core/names.ts';
import type { DumpEnvironment, VerifyEnvironment } from '../core/backup/contract.ts';
import type { DrillEnvironment } from '../core/drill/contract.ts';
import type { RestoreEnvironment } from '../core/restore/contract.ts';
import { taskCommand } from '../core/task-command.ts';
import { RUNNER_CONTAINER } from './asl/fargate-task.ts';
import { makeRole, type Statement } from './policy.ts';
import type { Settings } from './settings.ts';
import { roleArn, type System } from './system.ts';

/** The workflow's overrides bring the ids of the run; everything else stands in the task definition. */
type RunIds = 'POINT' | 'CLAIM' | 'TRY' | 'RUN' | 'LAST_POINT' | 'DATABASE' | 'SELECTION' | 'SCENARIO';
type Environments = {
  dump: Omit<z.input<typeof DumpEnvironment>, RunIds>;
  verify: Omit<z.input<typeof VerifyEnvironment>, RunIds>;
  drill: Omit<z.input<typeof DrillEnvironment>, RunIds>;
  restore: Omit<z.input<typeof RestoreEnvironment>, RunIds>;
};

/** Fargate gives a container 30 s after SIGTERM unless it is told otherwise; an upload is aborted well inside this. */
const STOP_TIMEOUT_SECONDS = 60;
const RUNNER_USER = '10001:10001';
const DATABASE_USER = '10002:10002';

/** Declared as volumes by the image, which gives each to its user. */
const SCRATCH_DIR = '/scratch';
export const SOCKET_DIR = '/holdfast/socket';
export const APPLICATION_DIR = '/holdfast/application';
const DATA_DIR = '/holdfast-data';

type Mount = { volume: string; path: string };

export type TaskProps<T extends TaskName> = {
  system: System;
  settings: Settings;
  asset: string;
  task: T;
  description: string;
  image: string;
  logGroupName: string;
  cpu: number;
  memoryMiB: number;
  /** Fargate's own 20 GiB when absent; at least 21. */
  ephemeralStorageGiB?: number;
  environment: Environments[T];
  statements: Statement[];
  /** Longest life of the throwaway database, when the task has one. */
  throwaway?: { lifeSeconds: number };
  /** Another container of the task, which is not ours. */
  companion?: Companion | undefined;
};

export type Companion = {
  name: string;
  image: string;
  user: string;
  entryPoint: string[];
  command: string[];
  port: number;
  memoryMiB: number;
};

/** One task definition with its role. Logical ids: `<id>` and `<id>Role`. */
export function makeTask<T extends TaskName>(scope: Construct, id: string, props: TaskProps<T>): void {
  const { system, asset, task } = props;
  const role = makeRole(scope, `${id}Role`, {
    roleName: system.taskRole(asset, task),
    description: `Holdfast ${system.name}: ${props.description}`,
    trust: { service: 'ecs-tasks.amazonaws.com' },
    statements: props.statements,
  });
  const scratch = { volume: 'scratch', path: SCRATCH_DIR };
  const socket = { volume: 'socket', path: SOCKET_DIR };
  const data = { volume: 'data', path: DATA_DIR };
  const isDrill = props.throwaway !== undefined;
  const talk = props.companion === undefined ? [] : [{ volume: 'application', path: APPLICATION_DIR }];
  const definition = new CfnTaskDefinition(scope, id, {
    family: system.taskFamily(asset, task),
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: String(props.cpu),
    memory: String(props.memoryMiB),
    runtimePlatform: { cpuArchitecture: props.settings.architecture === 'arm64' ? 'ARM64' : 'X86_64', operatingSystemFamily: 'LINUX' },
    executionRoleArn: roleArn(system.home, system.taskExecutionRole),
    taskRoleArn: role.attrArn,
    ...(props.ephemeralStorageGiB === undefined ? {} : { ephemeralStorage: { sizeInGiB: props.ephemeralStorageGiB } }),
    volumes: [scratch, ...(isDrill ? [socket, data] : []), ...talk].map(({ volume }) => ({ name: volume })),
    containerDefinitions: [
      {
        ...container(props, RUNNER_CONTAINER, RUNNER_USER, [scratch, ...(isDrill ? [socket] : []), ...talk]),
        essential: true,
        command: taskCommand(task),
        environment: Object.entries(props.environment).map(([name, value]) => ({ name, value })),
        linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
      },
      ...(props.throwaway === undefined ? [] : [databaseContainer(props, props.throwaway.lifeSeconds, [socket, data])]),
      ...(props.companion === undefined ? [] : [companionContainer(props, props.companion, talk)]),
    ],
  });
  Validations.of(definition).acknowledge({
    id: 'AwsSolutions-ECS2',
    reason:
      'The environment holds names and the asset’s part of the plan. Secrets are fetched by the task under its role and stand in no task definition.',
  });
}

const container = (
  props: Pick<TaskProps<TaskName>, 'system' | 'image' | 'logGroupName' | 'task'>,
  name: string,
  user: string,
  mounts: Mount[],
) => ({
  name,
  image: props.image,
  user,
  readonlyRootFilesystem: true,
  stopTimeout: STOP_TIMEOUT_SECONDS,
  mountPoints: mounts.map(({ volume, path }) => ({ sourceVolume: volume, containerPath: path, readOnly: false })),
  logConfiguration: {
    logDriver: 'awslogs',
    options: {
      'awslogs-group': props.logGroupName,
      'awslogs-region': props.system.home.region,
      'awslogs-stream-prefix': `${props.task}-${name}`,
    },
  },
});

/**
 * What a restored dump may start runs here: another user, an empty environment, and as the first process of its container, so that
 * the script can end everything in it. Hence no init process.
 */
const databaseContainer = (props: Parameters<typeof container>[0], lifeSeconds: number, mounts: Mount[]) => ({
  ...container(props, 'database', DATABASE_USER, mounts),
  essential: false,
  command: ['sh', 'tasks/drill/database.sh', SOCKET_DIR, DATA_DIR, String(lifeSeconds)],
  environment: [],
  linuxParameters: { initProcessEnabled: false, capabilities: { drop: ['ALL'] } },
});

/**
 * Of another's image: its root file system is its own affair and gone with the task. It is given what it works with in a file, once the
 * database is there; the volume of that file is the runner's, which therefore starts first. Hence no init process either: its
 * environment would keep what the entry point forgets.
 */
const companionContainer = (props: Parameters<typeof container>[0], companion: Companion, mounts: Mount[]) => ({
  ...container({ ...props, image: companion.image }, companion.name, companion.user, mounts),
  essential: false,
  readonlyRootFilesystem: false,
  memory: companion.memoryMiB,
  entryPoint: companion.entryPoint,
  command: companion.command,
  environment: [],
  portMappings: [{ containerPort: companion.port, protocol: 'tcp' }],
  dependsOn: [{ containerName: RUNNER_CONTAINER, condition: 'START' }],
  linuxParameters: { initProcessEnabled: false, capabilities: { drop: ['ALL'] } },
});
