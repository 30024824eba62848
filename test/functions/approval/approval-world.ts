/**
 * The part of the restore machine that waits for people, in the interpreter of this machine, over a real bucket: every function is the
 * deployed one, the tokens are those of this machine, and only time and the account's trail are the test's.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../../../core/approval/caller.ts';
import type { ApprovalRule } from '../../../core/approval/rule.ts';
import type { TaskTokens } from '../../../core/ports/task-tokens.ts';
import type { FindStarter } from '../../../core/ports/find-starter.ts';
import { askApprovers } from '../../../functions/approval/ask-approvers.ts';
import { confirmDecisions } from '../../../functions/approval/confirm-decisions.ts';
import { decide } from '../../../functions/approval/decide.ts';
import { readRequest } from '../../../adapters/vault/read-approval.ts';
import { takeRequest } from '../../../functions/approval/take-request.ts';
import { writeRequest } from '../../../functions/approval/write-request.ts';
import { signObjects, type SignPorts } from '../../../functions/evidence/sign-objects.ts';
import { lockObjects } from '../../../functions/lock/lock-objects.ts';
import { approvalAllowanceSeconds, approvalBlock } from '../../../infra/approval/block.ts';
import { withFailureStates } from '../../../infra/asl/failure-states.ts';
import { TAKE_REQUEST, takeRequest as takeRequestState } from '../../../infra/asl/request-state.ts';
import { tellable } from '../../../functions/edge.ts';
import { StateFailed } from '../../../local/interpreter/errors.ts';
import { ASKED } from '../../../infra/restore/asked.ts';
import { runExecution } from '../../../local/interpreter/execution.ts';
import type { Clock } from '../../../local/interpreter/host.ts';
import type { Fields, Json } from '../../../local/interpreter/language.ts';
import { readDefinition } from '../../../local/interpreter/lint.ts';
import { taskTokens } from '../../../local/run/task-tokens.ts';
import { ROLES, session } from '../../core/approval/records.ts';
import { signingKey } from '../../helpers/signed-vault.ts';
import { ASSET, makeVaultWorld } from '../vault-world.ts';

export const POINT = '20261121T011500Z';
export const ANN = session('requester', 'ann');
export const [BOB, CLEO] = [session('approver', 'bob'), session('approver', 'cleo')];
const LAMBDA = 'arn:aws:states:::lambda:invoke';
const ABLE = { resources: new Set([LAMBDA, `${LAMBDA}.waitForTaskToken`]), readers: new Set<string>() };
const FUNCTIONS = {
  writeRequest: 'write-request',
  askApprovers: 'ask-approvers',
  confirmDecisions: 'confirm-decisions',
  signObjects: 'sign-objects',
  lockObjects: 'lock-objects',
};

const REPORT = 'report-failure';

/** Time goes on by itself, and further where a test says so. */
function movableClock(): Clock & { advance(milliseconds: number): void } {
  let ahead = 0;
  const timers = new Set<{ at: number; callback: () => void }>();
  const now = () => Date.now() + ahead;
  const advance = (milliseconds: number) => {
    ahead += milliseconds;
    for (const timer of Array.from(timers)) if (timer.at <= now() && timers.delete(timer)) timer.callback();
  };
  return {
    now: () => new Date(now()),
    sleep: (milliseconds) => Promise.resolve(advance(milliseconds)),
    after(milliseconds, callback) {
      const timer = { at: now() + milliseconds, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    random: () => 0.5,
    advance,
  };
}

export type ApprovalWorld = Awaited<ReturnType<typeof makeApprovalWorld>>;

export async function makeApprovalWorld() {
  const world = await makeVaultWorld();
  await world.putPoint(POINT);
  const { signPorts } = await signingKey(world.system, world.vault);
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-tokens-'));
  return {
    ...world,
    signPorts: signPorts satisfies SignPorts,
    directory,
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

let runs = 0;
type Options = {
  rule?: Partial<ApprovalRule>;
  target?: string;
  input?: Fields;
  name?: string;
  /** The id of another execution's run, where two come to the same. */
  run?: string;
  /** What is asked besides. */
  details?: string[];
  starter?: () => ReturnType<FindStarter>;
  /** What the first calls end with that ask people, once the token is kept. */
  faultsOfAsking?: string[];
};

/** Starts the machine. Each has an execution, and so a request, of its own. */
export function startMachine(world: ApprovalWorld, options: Options = {}) {
  const { rule, target = 'in-place', input, name, details, starter, faultsOfAsking = [] } = options;
  const { system, vault, signPorts, lockPorts } = world;
  const clock = movableClock();
  const waiting = taskTokens(world.directory);
  const messages: string[] = [];
  const tokens: TaskTokens = {
    succeed: (token, output) => Promise.resolve(waiting.send(token, { output: JSON.stringify(output) })),
  };
  const ports = {
    system,
    side: 'vault' as const,
    vault,
    ...ROLES,
    tokens,
    now: () => clock.now(),
    findStarter: starter ?? (() => Promise.resolve(undefined)),
    executions: { stateOf: () => Promise.resolve('running' as const) },
    notifier: { publish: (subject: string, body: string) => Promise.resolve(void messages.push(`${subject}\n${body}`)) },
  };
  const calls: string[] = [];
  const seenTokens: string[] = [];
  async function call(functionName: string, payload: Json): Promise<Json> {
    calls.push(functionName);
    const request = payload as never;
    const answers: Record<string, () => Promise<unknown>> = {
      [FUNCTIONS.writeRequest]: () => writeRequest(request, ports),
      [FUNCTIONS.askApprovers]: async () => {
        const fault = faultsOfAsking[seenTokens.length];
        await askApprovers(request, ports);
        seenTokens.push((payload as Fields)['token'] as string);
        if (fault !== undefined) throw new StateFailed(fault, 'no answer');
      },
      [FUNCTIONS.confirmDecisions]: () => confirmDecisions(request, ports),
      [FUNCTIONS.signObjects]: () => signObjects(request, signPorts),
      [FUNCTIONS.lockObjects]: () => lockObjects(request, lockPorts),
    };
    const answer = answers[functionName];
    if (functionName === REPORT && faultsOfAsking.length > 0)
      return { failure: 'AwsUnreachable', retry: true, waitSeconds: 30, message: 'The step is tried again' };
    // Where the failure cannot be reported the machine ends with the function's own words.
    if (answer === undefined) throw new StateFailed('Unexpected', `there is no function ${functionName}`);
    try {
      return ((await answer()) ?? null) as Json;
    } catch (error) {
      if (error instanceof StateFailed) throw error;
      const told = tellable(error);
      throw new StateFailed(told.name, told.message);
    }
  }
  const rules = { [ASSET]: { needed: 1, beside: 0, expirySeconds: 3600, ...rule } };
  const block = approvalBlock({
    functions: FUNCTIONS,
    rules,
    stops: { [ASSET]: ['the service api is stopped'] },
    next: 'It is approved',
    asked: ASKED,
  });
  runs += 1;
  const run = options.run ?? `20261121T1000${String(runs).padStart(2, '0')}Z-3fa9c1`;
  const definition = {
    Comment: 'Waits for people',
    QueryLanguage: 'JSONata',
    StartAt: TAKE_REQUEST,
    TimeoutSeconds: approvalAllowanceSeconds(rules),
    States: {
      [TAKE_REQUEST]: takeRequestState({
        longestRuns: {},
        askedFor: 'asset',
        assign: {
          ...block.assign,
          point: POINT,
          run,
          target,
          action: 'restore',
          database: 'ida',
          check: details === undefined ? {} : { details },
        },
        next: block.first,
      }),
      ...withFailureStates({ stage: 'restore', reportFailure: REPORT }, block.tasks),
      ...block.states,
      'It is approved': { Type: 'Succeed', Output: { seconds: '{% $approvalSeconds %}', later: '{% $deadline - $millis() > 0 %}' } },
    },
  };
  const executionName = name ?? `by-hand-${runs}`;
  const machineArn = `arn:aws:states:eu-central-1:111111111111:stateMachine:holdfast-${system}-restore`;
  const executionArn = `${machineArn.replace(':stateMachine:', ':execution:')}:${executionName}`;
  const ended = runExecution({
    machine: readDefinition('restore', JSON.stringify(definition), ABLE),
    machineArn,
    machineName: 'restore',
    roleArn: 'arn:aws:iam::111111111111:role/machine',
    executionArn,
    executionName,
    input: input ?? { asset: ASSET },
    clock,
    host: {
      ...ABLE,
      openToken: () => waiting.open(),
      readText: () => Promise.reject(new Error('nothing is read here')),
      async task(_resource, given) {
        const { FunctionName, Payload } = given as { FunctionName: string; Payload: Json };
        return { StatusCode: 200, Payload: await call(FunctionName, Payload) };
      },
    },
  });
  return {
    run,
    executionArn,
    ended,
    clock,
    ports,
    calls,
    messages,
    /** Waits until the machine waits for people, for the n-th time. */
    async asked(round = 1): Promise<string> {
      while (seenTokens.length < round || messages.length === 0) await sleep(20);
      return seenTokens[round - 1] ?? '';
    },
    send: (token: string) => waiting.send(token, { output: '{}' }),
    /** Decides as somebody, about the request as it stands. */
    async decide(by: Caller, outcome: 'approved' | 'rejected' = 'approved', reason = 'because it is needed') {
      const records = await readRequest(ports, run);
      return decide({ run, outcome, reason, requestSha256: records!.requestSha256 }, ports, by);
    },
  };
}

/** Asks through the signed call, and starts what was asked. */
export async function askAndStart(world: ApprovalWorld, by: Caller, options: Options = {}) {
  const input = options.input ?? { asset: ASSET };
  const ports = {
    system: world.system,
    requesters: ROLES.requesters,
    vault: world.vault,
    now: () => new Date(),
    newName: () => String(runs + 1),
  };
  const { name } = await takeRequest({ input }, { ...ports, newName: () => `${runs + 1}` }, by);
  return startMachine(world, { ...options, input, name });
}
