/** The machines on AWS. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { clientConfig } from '../../adapters/aws/settings.ts';
import type { AwsSettings } from '../../adapters/aws/settings.ts';
import { stateMachineArn, stateMachineName, type Side } from '../../core/names.ts';
import type { ExecutionEnd, Machines } from '../machines.ts';
import { translated } from './aws-errors.ts';
import { historyReader } from './history.ts';

/** History is read this often; an execution of minutes needs no more, and Step Functions throttles below two a second. */
const POLL_SECONDS = 2;

export type StepFunctionsParts = {
  system: string;
  side: Side;
  account: string;
  region: string;
  settings: AwsSettings;
  pollSeconds?: number;
};

export function stepFunctionsMachines(parts: StepFunctionsParts): Machines {
  const client = new SFNClient(clientConfig(parts.settings));
  const where = `account ${parts.account}, ${parts.region}`;
  const pollMilliseconds = 1000 * (parts.pollSeconds ?? POLL_SECONDS);

  const describe = async (execution: string) =>
    endOf(await translated(`Looking at ${execution}`, where, () => client.send(new DescribeExecutionCommand({ executionArn: execution }))));

  return {
    outlivesUs: true,
    async start(stage, input, called) {
      const name = stateMachineName(parts.system, stage, parts.side);
      const started = await translated(`Starting the state machine ${name}`, where, () =>
        client.send(
          new StartExecutionCommand({
            stateMachineArn: stateMachineArn(parts, stage, parts.side),
            // With a name of ours a start that is sent twice starts once.
            name: called ?? `by-hand-${randomUUID()}`,
            input: JSON.stringify(input),
          }),
        ),
      );
      return started.executionArn ?? '';
    },
    async watch(execution, { onEvent, signal }) {
      const history = historyReader((token) =>
        translated(`Reading the history of ${execution}`, where, () =>
          client.send(
            new GetExecutionHistoryCommand({ executionArn: execution, includeExecutionData: false, maxResults: 1000, nextToken: token }),
          ),
        ),
      );
      while (!signal.aborted) {
        // Asked before the history is read, so that the history of an execution that has ended is read whole.
        const end = await describe(execution);
        for (const event of await history.next()) onEvent(event);
        if (end !== undefined) return end;
        await pause(pollMilliseconds, signal);
      }
      return undefined;
    },
    async stop(execution, why) {
      await translated(`Stopping ${execution}`, where, () =>
        client.send(new StopExecutionCommand({ executionArn: execution, error: 'Interrupted', cause: why })),
      );
    },
  };
}

/** A pause that ends early when `signal` aborts. */
const pause = (milliseconds: number, signal: AbortSignal) =>
  sleep(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });

/** Undefined while it runs. */
function endOf({ status, output, error = '', cause = '', startDate: startedAt }: DescribeExecutionOutput): ExecutionEnd | undefined {
  if (status === undefined || status === 'RUNNING' || status === 'PENDING_REDRIVE') return undefined;
  if (status === 'SUCCEEDED') return { status: 'succeeded', output: JSON.parse(output ?? 'null') as unknown };
  if (status === 'FAILED') return { status: 'failed', error, cause };
  return status === 'TIMED_OUT'
    ? { status: 'timed-out', error: error === '' ? 'States.Timeout' : error, cause, startedAt }
    : { status: 'stopped', error: error === '' ? 'Interrupted' : error, cause, startedAt };
}
