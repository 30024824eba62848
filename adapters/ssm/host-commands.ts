import { ListCommandsCommand, paginateListCommandInvocations, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { StepUnusable } from '../../core/quiesce/errors.ts';
import type { HostCommands, HostResult } from '../../core/quiesce/ports.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

/** A host whose agent does not take the command in this time counts as one that did not. 30 s is the least that the service allows. */
const DELIVERY_SECONDS = 60;
const ENDED = ['Success', 'Cancelled', 'Failed', 'TimedOut'];

/** Commands of Systems Manager. Of what a host prints only the end is read here, and nothing of it is logged. */
export function hostCommands(settings: AwsSettings): HostCommands {
  const client = new SSMClient(clientConfig(settings));
  return {
    async send(document, targets, parameters) {
      try {
        const { Command } = await client.send(
          new SendCommandCommand({
            DocumentName: document,
            ...('instances' in targets
              ? { InstanceIds: [...targets.instances] }
              : { Targets: [{ Key: `tag:${targets.tag.key}`, Values: [targets.tag.value] }] }),
            Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
            TimeoutSeconds: DELIVERY_SECONDS,
            // One host that fails is no reason to leave the others as they are.
            MaxErrors: '100%',
            MaxConcurrency: '100%',
          }),
        );
        if (Command?.CommandId === undefined)
          throw new StepUnusable(`Systems Manager took the document ${document} and gave no id of a command`);
        return Command.CommandId;
      } catch (error) {
        const name = error instanceof Error ? error.name : '';
        if (name === 'InvalidInstanceId')
          throw new StepUnusable(`A host is not there, or its agent does not answer: ${describeTargets(targets)}`, { cause: error });
        if (name === 'InvalidDocument') throw new StepUnusable(`There is no document ${document}`, { cause: error });
        if (name === 'InvalidParameters')
          throw new StepUnusable(`The document ${document} does not take these parameters`, { cause: error });
        throw error;
      }
    },
    async results(id) {
      const { Commands: [command] = [] } = await client.send(new ListCommandsCommand({ CommandId: id }));
      if (command?.Status === undefined || !ENDED.includes(command.Status)) return undefined;
      const results: HostResult[] = [];
      for await (const page of paginateListCommandInvocations({ client }, { CommandId: id, Details: true }))
        for (const { InstanceId = '', Status = '', StatusDetails = Status, CommandPlugins = [] } of page.CommandInvocations ?? [])
          results.push({
            id: InstanceId,
            succeeded: Status === 'Success',
            status: StatusDetails,
            output: CommandPlugins.map(({ Output = '' }) => Output).join('\n'),
          });
      return results;
    },
  };
}

const describeTargets = (targets: Parameters<HostCommands['send']>[1]) =>
  'instances' in targets ? targets.instances.join(', ') : `the tag ${targets.tag.key}=${targets.tag.value}`;
