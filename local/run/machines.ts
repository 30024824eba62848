/** One machine runs another to its end, as Step Functions does it (`states:startExecution.sync:2`), under the caller's role. */
import type { ExecutionResult } from '../interpreter/execution.ts';
import { ERROR, StateFailed } from '../interpreter/errors.ts';
import type { TaskCall } from '../interpreter/host.ts';
import type { Fields, Json } from '../interpreter/language.ts';
import type { IsGranted } from './grants.ts';

export type StartMachine = (
  machineName: string,
  input: Json,
  options: { name?: string; signal: AbortSignal },
) => Promise<{ arn: string; ended: Promise<ExecutionResult> }>;

export type MachineHost = { run(parameters: Json, call: TaskCall): Promise<Json> };

/** @param roleArn of the machine that asks */
export const machineHost = (roleArn: string, start: StartMachine, isGranted: IsGranted): MachineHost => ({
  async run(parameters, { signal }) {
    const { StateMachineArn: machineArn, Input: input = {}, Name: name, ...others } = parameters as Fields;
    if (typeof machineArn !== 'string' || (name !== undefined && typeof name !== 'string') || Object.keys(others).length > 0)
      throw new StateFailed(ERROR.runtime, 'A machine is started by its ARN, with an input and a name, and nothing else is known here.');
    if (!(await isGranted(roleArn, 'states:StartExecution', machineArn)))
      throw new StateFailed(
        'StepFunctions.AccessDeniedException',
        `${roleArn} is not authorized to perform states:StartExecution on ${machineArn}`,
      );
    const { arn, ended } = await start(machineArn.split(':').at(-1) ?? '', input, { ...(name === undefined ? {} : { name }), signal });
    const end = await ended;
    const told = {
      ExecutionArn: arn,
      StateMachineArn: machineArn,
      StartDate: end.startedAt.getTime(),
      StopDate: end.stoppedAt.getTime(),
      Status: end.status,
      Input: input,
    };
    if (end.status !== 'SUCCEEDED')
      throw new StateFailed(
        ERROR.taskFailed,
        JSON.stringify({ ...told, Input: JSON.stringify(input), Error: end.error, Cause: end.cause }),
      );
    return { ...told, Output: end.output };
  },
});
