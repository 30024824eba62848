/** A deployed local system, ready to run its machines: what the command line and the demo call. */
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStateMachineCommand, SFNClient, StateMachineDoesNotExist } from '@aws-sdk/client-sfn';
import { clientConfig } from '../adapters/aws/settings.ts';
import { MachineNotReady } from './errors.ts';
import { systemClock } from './interpreter/clock.ts';
import { runExecution, type ExecutionResult } from './interpreter/execution.ts';
import type { HistoryEvent } from './interpreter/history.ts';
import type { Fields, Json } from './interpreter/language.ts';
import { readDefinition } from './interpreter/lint.ts';
import { startExecutionsEndpoint } from './run/executions-endpoint.ts';
import { executionRecords } from './run/execution-records.ts';
import { functionUrls } from './run/function-urls.ts';
import { functionHost } from './run/functions.ts';
import { ABILITIES, localHost } from './run/host.ts';
import { createIsolator, type Isolation } from './run/isolation.ts';
import { rootSettings, type LocalPlace } from './run/place.ts';
import { grantReader } from './run/grants.ts';
import { machineHost } from './run/machines.ts';
import { textReader } from './run/read-text.ts';
import { roleAssumer } from './run/roles.ts';
import { taskTokens } from './run/task-tokens.ts';
import { taskHost } from './run/tasks.ts';
import type { PostgresPrograms } from './tools/postgres-programs.ts';

export type LocalSession = {
  place: LocalPlace;
  /** Where URLs of functions are answered. */
  urlsAt: string;
  /** How containers are kept apart here; a drill's evidence says it. */
  isolation: Isolation;
  /** Throws MachineNotReady when no such machine is deployed or when its definition cannot run here. */
  startExecution(machineName: string, input: Json, options?: ExecutionOptions): Promise<RunningExecution>;
  /** What Scheduler or an event would call: the deployed function, under its role. Throws StateFailed when it ends with an error. */
  callFunction(name: string, payload: Json): Promise<Json>;
  /** Ends what still runs, and every warm function. */
  close(): Promise<void>;
};

/** `name`: one that nobody has used; made up when absent. */
export type ExecutionOptions = { name?: string; onEvent?: (event: HistoryEvent) => void; signal?: AbortSignal };
export type RunningExecution = { arn: string; name: string; ended: Promise<ExecutionResult> };

export type SessionOptions = {
  place: LocalPlace;
  /** Logs and records of executions. */
  directory: string;
  /** The checkout: synthesis puts the bundles of the functions under its `.holdfast`. */
  appDir: string;
  bundlesDir?: string;
  programs: PostgresPrograms;
  /** Authorities that tasks trust for databases. */
  databaseCaPath: string;
  executionsTls: { certPath: string; keyPath: string };
  environment: NodeJS.ProcessEnv;
  /** Every line that a function or a container writes; `source` is its name. */
  onLine?: (source: string, line: string) => void;
};

export async function openSession(options: SessionOptions): Promise<LocalSession> {
  const { place, directory } = options;
  const records = executionRecords(join(directory, 'executions'));
  const tokens = taskTokens(join(directory, 'executions', 'tokens'));
  const closing = new AbortController();
  const endpoint = await startExecutionsEndpoint({
    records,
    tokens,
    // Functions are told where this is, so that they come after it.
    urls: { answer: (request, body) => urls.answer(request, body) },
    endpointUrl: place.endpointUrl,
    caPath: place.caPath,
    ...options.executionsTls,
  });
  const isolator = await createIsolator(options.environment);
  const shared = {
    place,
    assumeRole: roleAssumer(place),
    executionsUrl: endpoint.url,
    onLine: logger(join(directory, 'log'), options.onLine),
  };
  const functions = functionHost({ ...shared, bundlesDir: options.bundlesDir ?? join(options.appDir, '.holdfast', 'bundles') });
  const tasks = taskHost({
    ...shared,
    isolator,
    appDir: options.appDir,
    programs: options.programs,
    databaseCaPath: options.databaseCaPath,
  });
  const urls = functionUrls(place, functions, closing.signal);
  const readText = textReader(place);
  const isGranted = grantReader(place);
  const sfn = new SFNClient(clientConfig(rootSettings(place)));
  const running = new Set<Promise<unknown>>();

  const session: LocalSession = {
    place,
    urlsAt: endpoint.url,
    isolation: isolator.isolation,
    async startExecution(machineName, input, execution = {}) {
      const machineArn = `arn:aws:states:${place.region}:${place.accountId}:stateMachine:${machineName}`;
      const { definition, roleArn } = await describeMachine(sfn, machineArn, machineName);
      const machine = readDefinition(machineName, definition, ABILITIES);
      const name = execution.name ?? randomUUID();
      const machines = machineHost(roleArn, (...of) => session.startExecution(...of), isGranted);
      const host = localHost({ functions, tasks, machines, readText, tokens });
      const arn = `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
      if (records.read(arn)) throw new MachineNotReady(`An execution named ${name} ran before`, 'Start another one');
      const started = { arn, machineArn, name, startedAt: systemClock.now().toISOString(), input };
      records.write({ ...started, status: 'RUNNING' });
      const signal = AbortSignal.any([closing.signal, ...(execution.signal ? [execution.signal] : [])]);
      const ended = runExecution({
        machine,
        machineArn,
        machineName,
        roleArn,
        executionArn: arn,
        executionName: name,
        input,
        host,
        clock: systemClock,
        signal,
        ...(execution.onEvent && { onEvent: execution.onEvent }),
      }).then((result) => {
        const { stoppedAt, startedAt: _, history: __, ...end } = result;
        records.write({ ...started, stoppedAt: stoppedAt.toISOString(), ...end });
        return result;
      });
      running.add(ended);
      const forget = () => running.delete(ended);
      ended.then(forget, forget);
      return { arn, name, ended };
    },
    async callFunction(name, payload) {
      const call = { signal: closing.signal, heartbeat: () => {}, state: name };
      const answer = await functions.invoke({ FunctionName: name, Payload: payload }, call);
      return (answer as Fields)['Payload'] ?? null;
    },
    async close() {
      closing.abort();
      await Promise.allSettled(running);
      await Promise.all([functions.close(), endpoint.close()]);
      tasks.close();
      sfn.destroy();
    },
  };
  return session;
}

async function describeMachine(sfn: SFNClient, arn: string, name: string): Promise<{ definition: string; roleArn: string }> {
  try {
    const { definition = '', roleArn = '' } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
    return { definition, roleArn };
  } catch (error) {
    if (!(error instanceof StateMachineDoesNotExist)) throw error;
    throw new MachineNotReady(`The state machine ${name} is not deployed on this machine`, 'Deploy the plan first: npm run demo', {
      cause: error,
    });
  }
}

/** Each source has a file of its own; a name such as `family/container` becomes `family.container.log`. */
function logger(directory: string, onLine: SessionOptions['onLine']) {
  mkdirSync(directory, { recursive: true });
  return (source: string, line: string) => {
    appendFileSync(join(directory, `${source.replaceAll('/', '.')}.log`), `${line}\n`, { mode: 0o600 });
    onLine?.(source, line);
  };
}
