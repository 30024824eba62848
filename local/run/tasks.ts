/** `ecs:runTask.sync`: the deployed task definition, its role, and its containers as processes of this machine. */
import { ECSClient } from '@aws-sdk/client-ecs';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { StateFailed } from '../interpreter/errors.ts';
import type { TaskCall } from '../interpreter/host.ts';
import type { Json } from '../interpreter/language.ts';
import { temporaryDirectory } from '../processes/guard.ts';
import { isReachableByOthers } from '../processes/reach.ts';
import { runContainers, type ContainersEnd } from './containers.ts';
import { findImage, imagesDirectory, whyNotPulled } from './images.ts';
import type { Isolator } from './isolation.ts';
import { awsEnvironment, rootSettings, type LocalPlace } from './place.ts';
import type { PostgresPrograms } from '../tools/postgres-programs.ts';
import type { AssumeRole } from './roles.ts';
import { readTaskDefinition, type TaskDefinition } from './task-definition.ts';
import { makeVolumes, parseUser, rewriteMounts } from './volumes.ts';

export type TaskHostOptions = {
  place: LocalPlace;
  assumeRole: AssumeRole;
  executionsUrl: string;
  isolator: Isolator;
  /** Where the application is: working directory of every container, as in the image. */
  appDir: string;
  /** Where the files of images that are not the tasks’ own are; below the checkout when absent. */
  imagesDir?: string;
  /** Those of the image; Node and the system's come besides. */
  programs: PostgresPrograms;
  /** Authorities of the databases, where the image has those of RDS. */
  databaseCaPath: string;
  onLine: (source: string, line: string) => void;
};

export type TaskHost = { run(parameters: Json, call: TaskCall): Promise<Json>; close(): void };

/** Path inside the image; a volume is mounted there. */
const SCRATCH_DIR = '/scratch';

export function taskHost(options: TaskHostOptions): TaskHost {
  const ecs = new ECSClient(clientConfig(rootSettings(options.place)));
  return {
    async run(parameters, call) {
      const definition = await readTaskDefinition(ecs, parameters);
      const id = randomUUID().replaceAll('-', '');
      const startedAt = new Date();
      const credentials = await options.assumeRole(definition.roleArn, id).catch((error: unknown) => {
        const why = (error as Error).message;
        throw new StateFailed('ECS.AccessDeniedException', `ECS was unable to assume the role ${definition.roleArn}: ${why}`, {
          cause: error,
        });
      });
      const aws = awsEnvironment(options.place, credentials, options.executionsUrl);
      const end = await runDefinition(definition, aws, options, call);
      return resultOf({ definition, id, startedAt, end, accountId: options.place.accountId, region: options.place.region });
    },
    close: () => ecs.destroy(),
  };
}

async function runDefinition(
  definition: TaskDefinition,
  aws: Record<string, string>,
  options: TaskHostOptions,
  call: TaskCall,
): Promise<ContainersEnd> {
  const imagesDir = options.imagesDir ?? imagesDirectory(options.appDir);
  const reason = whyNotPulled(definition, imagesDir);
  if (reason !== undefined) return { containers: definition.containers.map(({ name }) => ({ name, reason })), stoppedBy: 'start-failure' };
  const home = temporaryDirectory('task', 0o711);
  try {
    const volumesDir = join(home.path, 'v');
    mkdirSync(volumesDir);
    chmodSync(volumesDir, 0o711);
    const volumes = makeVolumes(volumesDir, definition.volumes, definition.containers);
    // As root the containers' users may not be able to enter the directory that the checkout is in.
    const isPrivate = process.getuid?.() === 0 && !isReachableByOthers(options.appDir);
    const bind = isPrivate ? { from: options.appDir, to: join(home.path, 'app') } : undefined;
    const shown = (path: string) => (bind && path.startsWith(`${bind.from}/`) ? `${bind.to}${path.slice(bind.from.length)}` : path);
    const image = {
      PATH: [shown(dirname(process.execPath)), shown(options.programs.binDir), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
      RDS_CA_BUNDLE: options.databaseCaPath,
      SCRATCH_DIR,
      HOLDFAST_ISOLATION: options.isolator.isolation,
    };
    return await runContainers({
      containers: definition.containers,
      signal: call.signal,
      onLine: (container, line) => options.onLine(`${definition.family}/${container}`, line),
      prepare(container) {
        const rewrite = rewriteMounts(container, volumes);
        const directory = join(home.path, container.name);
        mkdirSync(directory, { mode: 0o700 });
        const owner = parseUser(container.user);
        if (process.getuid?.() === 0 && owner) chownSync(directory, owner.uid, owner.gid);
        const files = findImage(container, definition, imagesDir);
        const visible = [
          ...(files === undefined ? [] : [files, dirname(process.execPath)]),
          ...container.mounts.flatMap(({ volume }) => volumes.get(volume) ?? []),
          options.programs.root ?? dirname(options.programs.binDir),
          join(options.appDir, 'tasks'),
        ];
        const env = Object.entries({ ...image, HOME: directory, ...container.environment, ...aws }).map(
          ([name, value]) => [name, rewrite(value)] as const,
        );
        const launch = options.isolator.launch(container, container.command.map(rewrite), {
          directory,
          visible,
          workingDirectory: files ?? options.appDir,
          ...(bind && { bind }),
        });
        return { ...launch, env: Object.fromEntries(env), cwd: files ?? options.appDir };
      },
    });
  } finally {
    home.remove();
  }
}

type Ended = { definition: TaskDefinition; id: string; startedAt: Date; end: ContainersEnd; accountId: string; region: string };

const STOP = {
  'essential-container': { StopCode: 'EssentialContainerExited', StoppedReason: 'Essential container in task exited' },
  'start-failure': { StopCode: 'TaskFailedToStart', StoppedReason: 'A container of the task could not be started' },
  signal: { StopCode: 'UserInitiated', StoppedReason: 'The task was stopped' },
} as const;

/** The task as ECS describes it once it has stopped. As `.sync` does, a task that did not end well is an error with it as the cause. */
function resultOf({ definition, id, startedAt, end, accountId, region }: Ended): Json {
  const essential = new Set(definition.containers.filter(({ isEssential }) => isEssential).map(({ name }) => name));
  const task = {
    TaskArn: `arn:aws:ecs:${region}:${accountId}:task/local/${id}`,
    TaskDefinitionArn: definition.arn,
    LastStatus: 'STOPPED',
    DesiredStatus: 'STOPPED',
    StartedAt: startedAt.getTime(),
    StoppedAt: Date.now(),
    ...STOP[end.stoppedBy],
    Containers: end.containers.map(({ name, exitCode, reason }) => ({
      Name: name,
      LastStatus: 'STOPPED',
      ...(exitCode === undefined ? {} : { ExitCode: exitCode }),
      ...(reason === undefined ? {} : { Reason: reason }),
    })),
  };
  const isGood =
    end.stoppedBy === 'essential-container' && end.containers.every(({ name, exitCode }) => !essential.has(name) || exitCode === 0);
  if (!isGood) throw new StateFailed('States.TaskFailed', JSON.stringify(task));
  return task;
}
