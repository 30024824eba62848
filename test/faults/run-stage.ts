/** A deployed machine's definition run to its end, with the real functions in this process and tasks as a test has them. Waits take no time. */
import type { FailureName } from '../../core/failure/classes.ts';
import { stateMachineName, type Stage as StageName } from '../../core/names.ts';
import { exitCodeOf, isFailureName } from '../../core/failure/exit.ts';
import { runId } from '../../core/vault/ids.ts';
import { ToldError } from '../../functions/edge.ts';
import type { StateMachineDefinition } from '../../infra/asl/definition.ts';
import { StateFailed } from '../../local/interpreter/errors.ts';
import { runExecution, type ExecutionResult } from '../../local/interpreter/execution.ts';
import type { Clock, Host } from '../../local/interpreter/host.ts';
import type { Fields, Json } from '../../local/interpreter/language.ts';
import { readDefinition } from '../../local/interpreter/lint.ts';
import { describeEnd } from '../../tasks/run-task.ts';
import { findHandler } from './handlers.ts';
import type { ExecutionStates } from './execution-states.ts';

const LAMBDA = 'arn:aws:states:::lambda:invoke';
const FARGATE = 'arn:aws:states:::ecs:runTask.sync';
const ABLE: Pick<Host, 'resources' | 'readers'> = {
  resources: new Set([LAMBDA, FARGATE]),
  readers: new Set(['arn:aws:states:::s3:getObject']),
};

const taskOf = (taskDefinition: string) => taskDefinition.split('-').at(-1) ?? '';

export type Handler = (event: unknown) => Promise<unknown>;
export type TaskEnvironment = Record<string, string>;

export type Stage = {
  system: string;
  name: StageName;
  definition: StateMachineDefinition;
  /** In place of the handlers of these names. */
  functions: Record<string, Handler>;
  /** By the task's name. What they throw is told as the task would tell it. */
  tasks?: Record<string, (environment: TaskEnvironment) => Promise<void>>;
  readText?: (bucket: string, key: string) => Promise<string>;
  executions: Pick<ExecutionStates, 'set'>;
  /** How much later than now it is for this run. */
  aheadMilliseconds?: number;
};

type StageEnd = ExecutionResult & {
  /** Every failure of a step on the way, as the machine was told of it. */
  failures: { state: string; failure: string; message: string }[];
  /** Id that the run gives to what it writes. */
  run: string;
};

/** @param execution its name: another one is another run */
export async function runStage(stage: Stage, input: Json, execution: string): Promise<StageEnd> {
  const machineName = stateMachineName(stage.system, stage.name);
  const failures: StageEnd['failures'] = [];
  const fail = (state: string, failure: string, message: string, error: StateFailed): never => {
    failures.push({ state, failure, message });
    throw error;
  };
  const executionArn = `arn:aws:states:eu-central-1:000000000000:execution:${machineName}:${execution}`;
  const invoke = async (state: string, { FunctionName, Payload }: Fields): Promise<Json> => {
    const arn = FunctionName as string;
    const handler = stage.functions[arn.replace('function:', '')] ?? (await findHandler(stage.name, arn));
    try {
      const answer = await handler(JSON.parse(JSON.stringify(Payload ?? null)));
      return { StatusCode: 200, Payload: JSON.parse(JSON.stringify(answer ?? null)) as Json };
    } catch (error) {
      // The edge of a function lets no other error out.
      if (!(error instanceof ToldError)) throw error;
      const cause = JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: [] });
      return fail(state, error.name, error.message, new StateFailed(error.name, cause));
    }
  };
  const run = async (state: string, { TaskDefinition, Overrides }: Fields): Promise<Json> => {
    const task = stage.tasks?.[taskOf(TaskDefinition as string)];
    if (!task) throw new Error(`the test has no task ${TaskDefinition as string}`);
    const { ContainerOverrides } = Overrides as { ContainerOverrides: { Environment: { Name: string; Value: string }[] }[] };
    const environment = Object.fromEntries((ContainerOverrides[0]?.Environment ?? []).map(({ Name, Value }) => [Name, Value]));
    try {
      await task(environment);
      return {};
    } catch (error) {
      const { failure, message } = describeEnd(error);
      const Containers = [{ Name: 'runner', ExitCode: exitCodeOf(failure) }];
      const cause = JSON.stringify({ StopCode: 'EssentialContainerExited', Containers });
      return fail(state, failure, message, new StateFailed('States.TaskFailed', cause));
    }
  };
  stage.executions.set(executionArn, 'RUNNING');
  const result = await runExecution({
    machine: readDefinition(stage.name, JSON.stringify(stage.definition), ABLE),
    machineArn: `arn:aws:states:eu-central-1:000000000000:stateMachine:${machineName}`,
    machineName,
    roleArn: 'arn:aws:iam::000000000000:role/machine',
    executionArn,
    executionName: execution,
    input,
    clock: clockWithoutWaits(stage.aheadMilliseconds),
    host: {
      ...ABLE,
      task: (resource, parameters, { state }) => (resource === LAMBDA ? invoke : run)(state, parameters as Fields),
      async readText(_resource, parameters) {
        const { Bucket, Key } = parameters as { Bucket: string; Key: string };
        return (await stage.readText?.(Bucket, Key)) ?? '';
      },
    },
  });
  stage.executions.set(executionArn, result.status);
  return { ...result, failures, run: runId(result.startedAt, executionArn) };
}

/** The class of failure that a run ended with; undefined when it succeeded. Throws when it has none: such an end helps nobody. */
export function failureOf(end: StageEnd): FailureName | undefined {
  for (const { state, failure, message } of end.failures)
    if (!isFailureName(failure) || failure === 'Unexpected') throw new Error(`${state} ended as ${failure}: ${message}`);
  if (end.status === 'SUCCEEDED') return undefined;
  if (!isFailureName(end.error) || end.error === 'Unexpected') throw new Error(`the run ended as ${end.error}: ${end.cause}`);
  return end.error;
}

export function expectSuccess(end: StageEnd, where: string): void {
  if (end.status === 'SUCCEEDED') return;
  throw new Error(`${where}: ${end.error}: ${end.cause}`);
}

const clockWithoutWaits = (startsAhead = 0): Clock => {
  let ahead = startsAhead;
  return {
    now: () => new Date(Date.now() + ahead),
    sleep(milliseconds) {
      ahead += milliseconds;
      return Promise.resolve();
    },
    after: () => () => undefined,
    random: () => 0.5,
  };
};
