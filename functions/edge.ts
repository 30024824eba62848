/**
 * The edge of every function: parse what comes in, run, and tell an error so that the state machine can act on it. Step Functions
 * sees the name of an error and its message; the name is the class of failure (core/failure/classes.ts), which bundling cannot
 * change, and the message is text of ours only.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import type { z } from 'zod';
import type { FailureName } from '../core/failure/classes.ts';
import { HoldfastError } from '../core/failure/error.ts';
import { BadConfiguration, BadRequest } from '../core/failure/input-errors.ts';

export type Edge<Environment extends z.ZodType, Request extends z.ZodType, Ports, Answer> = {
  environment: Environment;
  request: Request;
  /** Makes the adapters from the environment; called once per instance of the function. */
  connect: (environment: z.output<Environment>) => Ports;
  run: (request: z.output<Request>, ports: Ports) => Promise<Answer>;
};

/** A Lambda handler. Environment is read at the first call, so that a bad one is an answer and not a crash of the runtime. */
export function handle<Environment extends z.ZodType, Request extends z.ZodType, Ports, Answer>(
  edge: Edge<Environment, Request, Ports, Answer>,
): (event: unknown) => Promise<Answer> {
  let ports: Ports | undefined;
  return async (event) => {
    try {
      ports ??= edge.connect(parse(edge.environment, process.env, (problems) => new BadConfiguration(problems)));
      return await edge.run(
        parse(edge.request, event, (problems) => new BadRequest(problems)),
        ports,
      );
    } catch (error) {
      throw tellable(error);
    }
  };
}

/** An error as Step Functions is told of it: named after its class of failure. */
export class ToldError extends Error {
  constructor(failure: FailureName, message: string, cause: unknown) {
    super(message, { cause });
    this.name = failure;
    // The trace would go into the state's payload; it goes to the log instead.
    this.stack = `${failure}: ${message}`;
  }
}

export function tellable(error: unknown): ToldError {
  if (error instanceof ToldError) return error;
  const told = describe(error);
  new Logger({ serviceName: 'holdfast' }).error(told.message, { failure: told.name, frames: frames(error) });
  return told;
}

function describe(error: unknown): ToldError {
  if (error instanceof HoldfastError) return new ToldError(error.failure, `${error.message}. ${error.advice}`, error);
  if (isServiceError(error)) {
    const status = error.$metadata.httpStatusCode;
    const failure =
      status === 403 || /AccessDenied/.test(error.name) ? 'VaultRefused' : isTransient(error) ? 'VaultUnavailable' : 'Unexpected';
    return new ToldError(failure, `AWS answered ${error.name}${status ? ` (${status})` : ''}`, error);
  }
  // An error that nobody foresaw may quote what it choked on, so its name is told and its text is not.
  return new ToldError(
    'Unexpected',
    `It ended with the error ${error instanceof Error ? error.name : typeof error}; the log has its place`,
    error,
  );
}

type ServiceError = Error & { $metadata: { httpStatusCode?: number }; $fault?: string; $retryable?: unknown };
const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && '$metadata' in error && typeof error.$metadata === 'object' && error.$metadata !== null;
const isTransient = (error: ServiceError) =>
  error.$retryable !== undefined ||
  error.$metadata.httpStatusCode === undefined ||
  error.$metadata.httpStatusCode >= 500 ||
  /Throttl|TooManyRequests|SlowDown/.test(error.name);

/** Where it happened, without the message, which stands in front of the frames. */
const frames = (error: unknown): string[] => {
  const own = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at ')) : [];
  return error instanceof Error && error.cause !== undefined ? [...own, 'caused by', ...frames(error.cause)] : own;
};

export function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  refuse: (problems: string[]) => HoldfastError,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refuse(parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`));
}
