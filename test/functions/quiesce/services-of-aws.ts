/** What the emulator lacks of AWS: scalable targets, and Run Command with a document of one's own, which really runs on its hosts. */
import { composeDocument } from '../../../infra/quiesce/compose-document.ts';
import { makeJsonService, ServiceError } from '../../helpers/json-service.ts';
import type { ComposeHost } from '../../helpers/compose-host.ts';

type SuspendedState = Record<'DynamicScalingInSuspended' | 'DynamicScalingOutSuspended' | 'ScheduledScalingSuspended', boolean>;
type Target = { ResourceId: string; MinCapacity: number; MaxCapacity: number; SuspendedState: SuspendedState };
export const NOT_SUSPENDED = { DynamicScalingInSuspended: false, DynamicScalingOutSuspended: false, ScheduledScalingSuspended: false };
export const SUSPENDED = { DynamicScalingInSuspended: true, DynamicScalingOutSuspended: true, ScheduledScalingSuspended: true };

/** Application Auto Scaling: what is registered again keeps what is not given. */
export async function makeScalingService(targets: Map<string, Target>) {
  return makeJsonService({
    DescribeScalableTargets: ({ ServiceNamespace, ResourceIds }) => ({
      ScalableTargets: (ResourceIds as string[])
        .flatMap((id) => targets.get(id) ?? [])
        .map((target) => ({ ServiceNamespace, ScalableDimension: 'ecs:service:DesiredCount', RoleARN: 'arn', CreationTime: 1, ...target })),
    }),
    RegisterScalableTarget: ({ ResourceId, SuspendedState: state }) => {
      const known = targets.get(ResourceId as string);
      if (known === undefined) throw new ServiceError('ValidationException', 'MinCapacity and MaxCapacity are required');
      targets.set(ResourceId as string, { ...known, SuspendedState: { ...known.SuspendedState, ...(state as SuspendedState) } });
      return {};
    },
  });
}

type Invocation = { InstanceId: string; Status: string; StatusDetails: string; CommandPlugins: { Output: string }[] };

/** Systems Manager. A command is done at the second look: before that it is in progress. */
export async function makeCommandService(hosts: ReadonlyMap<string, { host: ComposeHost; tag?: string }>, document: string) {
  const commands = new Map<string, { looks: number; invocations: Invocation[] }>();
  const invoke = (id: string, given: Record<string, string[]>): Invocation => {
    const commandLines = composeDocument().mainSteps[0]?.inputs.runCommand ?? [];
    const filled = commandLines.map((line) => line.replaceAll(/\{\{ (\w+) \}\}/g, (_, name: string) => given[name]?.[0] ?? ''));
    const { exitCode, output, errors } = hosts.get(id)?.host.run(filled) ?? { exitCode: 1, output: '', errors: '' };
    const Status = exitCode === 0 ? 'Success' : 'Failed';
    const Output = errors === '' ? output : `${output}\n----------ERROR-------\n${errors}`;
    return { InstanceId: id, Status, StatusDetails: Status, CommandPlugins: [{ Output }] };
  };
  return makeJsonService({
    SendCommand(request) {
      const { DocumentName, InstanceIds, Targets, Parameters } = request as {
        DocumentName: string;
        InstanceIds?: string[];
        Targets?: { Key: string; Values: string[] }[];
        Parameters: Record<string, string[]>;
      };
      if (DocumentName !== document) throw new ServiceError('InvalidDocument', 'there is no such document');
      for (const [name, { allowedPattern, allowedValues }] of Object.entries<{
        allowedPattern?: string;
        allowedValues?: readonly string[];
      }>(composeDocument().parameters)) {
        const value = Parameters[name]?.[0] ?? '';
        if (allowedPattern !== undefined && !new RegExp(allowedPattern).test(value)) throw new ServiceError('InvalidParameters', name);
        if (allowedValues !== undefined && !allowedValues.includes(value)) throw new ServiceError('InvalidParameters', name);
      }
      const [target] = Targets ?? [];
      const ids = InstanceIds ?? [...hosts].filter(([, { tag }]) => tag === `${target?.Key}=${target?.Values[0]}`).map(([id]) => id);
      if (InstanceIds?.some((id) => !hosts.has(id))) throw new ServiceError('InvalidInstanceId', 'an instance is not in a valid state');
      const CommandId = `command-${commands.size}`;
      commands.set(CommandId, { looks: 0, invocations: ids.map((id) => invoke(id, Parameters)) });
      return { Command: { CommandId, Status: 'Pending' } };
    },
    ListCommands({ CommandId }) {
      const command = commands.get(CommandId as string);
      if (command === undefined) return { Commands: [] };
      command.looks++;
      const failed = command.invocations.some(({ Status }) => Status !== 'Success');
      return { Commands: [{ CommandId, Status: command.looks < 2 ? 'InProgress' : failed ? 'Failed' : 'Success' }] };
    },
    ListCommandInvocations: ({ CommandId }) => ({ CommandInvocations: commands.get(CommandId as string)?.invocations ?? [] }),
  });
}
