/** `lambda:invoke`: the deployed function's configuration and role, and the local bundle of the same handler. */
import { GetFunctionConfigurationCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { clientConfig } from '../../adapters/aws/settings.ts';
import type { TaskCall } from '../interpreter/host.ts';
import type { Fields, Json } from '../interpreter/language.ts';
import { StateFailed } from '../interpreter/errors.ts';
import { FunctionWorker, type FunctionSettings } from './function-worker.ts';
import { awsEnvironment, rootSettings, type LocalPlace } from './place.ts';
import type { AssumeRole } from './roles.ts';
import { slots } from './slots.ts';

export type FunctionHostOptions = {
  place: LocalPlace;
  assumeRole: AssumeRole;
  /** Holds `<path>/<path>.mjs` for each handler `<path>.handler`. */
  bundlesDir: string;
  executionsUrl: string;
  onLine: (source: string, line: string) => void;
};

export type FunctionHost = { invoke(parameters: Json, call: TaskCall): Promise<Json>; close(): Promise<void> };

/** A warm copy is given up this long before its credentials end. */
const CREDENTIALS_MARGIN_MS = 1_200_000;
/** More at once would only wait for the processors. */
const AT_ONCE = Math.max(2, availableParallelism() * 2);

type Warm = { worker: FunctionWorker; usableUntil: number };

export function functionHost(options: FunctionHostOptions): FunctionHost {
  const lambda = new LambdaClient(clientConfig(rootSettings(options.place)));
  const idle = new Map<string, Warm[]>();
  const all = new Set<FunctionWorker>();
  const slot = slots(AT_ONCE);

  async function take(functionName: string): Promise<Warm & { isNew: boolean }> {
    const waiting = idle.get(functionName) ?? [];
    for (let warm = waiting.pop(); warm; warm = waiting.pop()) {
      if (warm.worker.isUsable && Date.now() < warm.usableUntil) return { ...warm, isNew: false };
      await warm.worker.stop();
    }
    const { settings, expiresAt } = await describeFunction(lambda, functionName, options);
    const worker = new FunctionWorker(settings);
    all.add(worker);
    return { worker, usableUntil: expiresAt.getTime() - CREDENTIALS_MARGIN_MS, isNew: true };
  }

  return {
    async invoke(parameters, call) {
      const { FunctionName: functionName, Payload: payload } = parameters as Fields;
      if (typeof functionName !== 'string') throw new StateFailed('Lambda.ValidationException', 'FunctionName is missing');
      return slot(async () => {
        call.signal.throwIfAborted();
        const warm = await take(functionName);
        const answer = await warm.worker.invoke(payload ?? {}, call.signal, warm.isNew);
        if (warm.worker.isUsable) idle.set(functionName, [...(idle.get(functionName) ?? []), warm]);
        else all.delete(warm.worker);
        if ('error' in answer) throw new StateFailed(answer.error.errorType, JSON.stringify(answer.error));
        return { ExecutedVersion: '$LATEST', Payload: answer.result, StatusCode: 200 };
      });
    },
    async close() {
      await Promise.all([...all].map((worker) => worker.stop()));
      lambda.destroy();
    },
  };
}

async function describeFunction(
  lambda: LambdaClient,
  functionName: string,
  options: FunctionHostOptions,
): Promise<{ settings: FunctionSettings; expiresAt: Date }> {
  const deployed = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName })).catch((error: unknown) => {
    if (error instanceof ResourceNotFoundException)
      throw new StateFailed('Lambda.ResourceNotFoundException', error.message, { cause: error });
    throw error;
  });
  const {
    FunctionName: name = functionName,
    Handler: handler = '',
    Role: role = '',
    MemorySize: memoryMiB = 128,
    Timeout: timeoutSeconds = 3,
  } = deployed;
  const path = handler.slice(0, handler.lastIndexOf('.'));
  const bundlePath = join(options.bundlesDir, path, `${path}.mjs`);
  if (!existsSync(bundlePath))
    throw new StateFailed(
      'Runtime.ImportModuleError',
      `The deployed function ${name} has the handler ${handler}, and there is no bundle ${path}.mjs`,
    );
  const credentials = await options.assumeRole(role, name);
  const logGroup = deployed.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`;
  return {
    expiresAt: credentials.expiresAt,
    settings: {
      arn: deployed.FunctionArn ?? functionName,
      name,
      handler,
      bundlePath,
      timeoutSeconds,
      memoryMiB,
      environment: {
        ...deployed.Environment?.Variables,
        ...awsEnvironment(options.place, credentials, options.executionsUrl),
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB),
        AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
        AWS_LAMBDA_LOG_STREAM_NAME: 'local',
        AWS_EXECUTION_ENV: `AWS_Lambda_${deployed.Runtime ?? 'nodejs24.x'}`,
        LAMBDA_TASK_ROOT: dirname(bundlePath),
        _HANDLER: handler,
        PATH: '/usr/bin:/bin',
        TZ: ':UTC',
      },
      onLine: (line) => options.onLine(name, line),
    },
  };
}
