/** Runs a workflow in the interpreter of local/, with the functions and tasks as a test wants them. Time passes at once. */
import { z } from 'zod';
import * as audit from '../../../core/audit/contract.ts';
import * as backup from '../../../core/backup/contract.ts';
import * as drill from '../../../core/drill/contract.ts';
import { JudgeScenarioRequest } from '../../../core/drill/scenario.ts';
import * as escrow from '../../../core/escrow/contract.ts';
import * as quiesce from '../../../core/quiesce/contract.ts';
import * as validation from '../../../core/validation/contract.ts';
import * as lock from '../../../core/lock/contract.ts';
import * as restore from '../../../core/restore/contract.ts';
import * as retention from '../../../core/retention/contract.ts';
import { StateFailed } from '../../../local/interpreter/errors.ts';
import { runExecution } from '../../../local/interpreter/execution.ts';
import type { ExecutionResult } from '../../../local/interpreter/execution.ts';
import type { Clock } from '../../../local/interpreter/host.ts';
import type { Fields, Json } from '../../../local/interpreter/language.ts';
import { readDefinition } from '../../../local/interpreter/lint.ts';
import { DEFINITIONS } from './definitions.ts';

const LAMBDA = 'arn:aws:states:::lambda:invoke';
const FARGATE = 'arn:aws:states:::ecs:runTask.sync';
const MACHINE = 'arn:aws:states:::states:startExecution.sync:2';
const ABLE = { resources: new Set([LAMBDA, FARGATE, MACHINE]), readers: new Set(['arn:aws:states:::s3:getObject']) };

/** What each function is asked, as its own handler parses it. */
const REQUESTS: Record<string, z.ZodType> = {
  'backup-admit-slot': backup.AdmitRequest,
  'backup-report-failure': backup.ReportFailureRequest,
  'lock-lock-objects': backup.LockRequest,
  'audit-begin-audit': audit.BeginAuditRequest,
  'audit-check-settings': audit.CheckSettingsRequest,
  'audit-check-objects': audit.CheckObjectsRequest,
  'audit-write-evidence': audit.WriteAuditRequest,
  'lock-find-due': lock.FindDueRequest,
  'lock-record-hold': lock.RecordHoldRequest,
  'lock-hold-objects': lock.HoldObjectsRequest,
  'copy-plan-copy': backup.CopyPointRequest,
  'copy-copy-parts': backup.CopyBatch,
  'copy-complete-copy': backup.CompleteCopyRequest,
  'copy-copy-records': backup.CopyRecordsRequest,
  'evidence-sign-objects': backup.SignRequest,
  'record-record-point': backup.RecordRequest,
  'escrow-list-versions': escrow.ListVersionsRequest,
  'escrow-escrow-version': escrow.EscrowVersionRequest,
  'escrow-read-back': escrow.ReadBackRequest,
  'escrow-list-older': escrow.ListOlderRequest,
  'escrow-renew-locks': escrow.RenewLocksRequest,
  'drill-choose-point': drill.ChoosePointRequest,
  'drill-judge-drill': drill.JudgeRequest,
  'drill-judge-scenario': JudgeScenarioRequest,
  'restore-check-request': restore.CheckRequestRequest,
  'retention-list-assets': retention.ListAssetsRequest,
  'retention-decide-points': retention.DecideRequest,
  'retention-expire-points': retention.ExpireRequest,
  'retention-sweep-attempts': retention.AssetRun,
  'restore-retrieve-point': restore.RetrieveRequest,
  'quiesce-stop': quiesce.StopRequest,
  'quiesce-check': quiesce.CheckRequest,
  'quiesce-start': quiesce.StartRequest,
  'validation-probe': validation.ProbeRequest,
  'restore-write-result': restore.WriteResultRequest,
  'restore-find-safety': restore.FindSafetyRequest,
  'retention-mark-cold': retention.DecideRequest,
  'retention-write-evidence': retention.WriteEvidenceRequest,
};

export type Call = { state: string; name: string; payload: Fields; timing: Timing };
/** `limitSeconds`: the time-out of the call. `pass`: how long it takes, in seconds. */
type Timing = { limitSeconds: number; pass: (seconds: number) => void };
export type Answers = Record<string, (call: Call, earlier: number) => Json | Promise<Json>>;

/** An error as Step Functions tells that of a function: its name, and the rest as JSON in the cause. */
export const functionError = (name: string, message: string) =>
  new StateFailed(name, JSON.stringify({ errorType: name, errorMessage: message, trace: [] }));
export const taskError = (exitCode: number) =>
  new StateFailed(
    'States.TaskFailed',
    JSON.stringify({ StopCode: 'EssentialContainerExited', Containers: [{ Name: 'runner', ExitCode: exitCode }] }),
  );

export async function runMachine(
  stage: keyof typeof DEFINITIONS,
  input: Json,
  answers: Answers,
  /** What the readers of distributed maps find. */
  readText: (parameters: Fields) => string = unread,
  definition: object = DEFINITIONS[stage],
): Promise<ExecutionResult & { calls: Call[]; slept: number[] }> {
  const machine = readDefinition(stage, JSON.stringify(definition), ABLE);
  const calls: Call[] = [];
  const slept: number[] = [];
  let now = Date.parse('2026-11-21T02:00:00Z');
  /** Of the call that comes next: nothing runs beside it, but in a Map. */
  let limitSeconds = 0;
  const clock: Clock = {
    now: () => new Date(now),
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
    after(milliseconds) {
      limitSeconds = milliseconds / 1000;
      return () => undefined;
    },
    random: () => 0.5,
  };
  const answer = (state: string, name: string, payload: Fields): Json | Promise<Json> => {
    const timing: Timing = {
      limitSeconds,
      pass: (seconds) => {
        now += 1000 * seconds;
      },
    };
    const call = { state, name, payload, timing };
    const earlier = calls.filter((other) => other.name === name && other.state === state).length;
    calls.push(call);
    const found = answers[name];
    if (!found) throw new Error(`the test did not expect a call of ${name}`);
    return found(call, earlier);
  };
  const result = await runExecution({
    machine,
    machineArn: `arn:aws:states:eu-central-1:000000000000:stateMachine:holdfast-ida-${stage}`,
    machineName: `holdfast-ida-${stage}`,
    roleArn: 'arn:aws:iam::000000000000:role/machine',
    executionArn: `arn:aws:states:eu-central-1:000000000000:execution:holdfast-ida-${stage}:one`,
    executionName: 'one',
    input,
    clock,
    host: {
      ...ABLE,
      readText: (_resource, parameters) => Promise.resolve(readText(parameters as Fields)),
      async task(resource, given, { state }) {
        const parameters = given as Fields;
        if (resource === LAMBDA) {
          const name = (parameters['FunctionName'] as string).split(':function:holdfast-ida-')[1] ?? '';
          REQUESTS[name]?.parse(parameters['Payload']);
          return { StatusCode: 200, Payload: await answer(state, name, parameters['Payload'] as Fields) };
        }
        if (resource === MACHINE) {
          const { StateMachineArn: machineArn = '', Name = '' } = parameters as Record<string, string>;
          const name = machineArn.split(':stateMachine:')[1] ?? '';
          const execution = `${machineArn.replace(':stateMachine:', ':execution:')}:${Name}`;
          const Output = await answer(state, name, parameters);
          return { ExecutionArn: execution, StartDate: now, Status: 'SUCCEEDED', Output };
        }
        const overrides = parameters['Overrides'] as { ContainerOverrides: { Environment: { Name: string; Value: string }[] }[] };
        const environment = Object.fromEntries(
          (overrides.ContainerOverrides[0]?.Environment ?? []).map(({ Name, Value }) => [Name, Value]),
        );
        return answer(state, parameters['TaskDefinition'] as string, environment);
      },
    },
  });
  return { ...result, calls, slept };
}

const unread = (): never => {
  throw new Error('the test did not expect that anything is read');
};

/** A report-failure that tries again until a step has failed three times, unless its class says otherwise. */
export const reportFailure =
  (retried: (error: string) => boolean = () => false) =>
  ({ payload }: Call): Json => {
    const { error, tries, step } = payload as { error: { Error: string }; tries: number; step: string };
    return {
      failure: error.Error.startsWith('States.') ? 'Unexpected' : error.Error,
      retry: retried(error.Error) && tries < 3,
      waitSeconds: 30 * tries,
      message: `${step}: ${error.Error}`,
    };
  };
