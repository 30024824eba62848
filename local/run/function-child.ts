/**
 * The runtime of one function: loads the handler of a bundle once, then answers one request after the other. Requests and answers
 * are messages of the process; standard output is the function's log.
 */
import { flushCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';

type Request = { id: string; payload: unknown; deadline: number; arn: string };

const [bundlePath = '', exportName = 'handler'] = process.argv.slice(2);

const answer = (message: object) => process.send?.(message);

const describe = (error: unknown) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

const context = (request: Request) => ({
  functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
  functionVersion: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
  memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
  logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
  logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
  invokedFunctionArn: request.arn,
  awsRequestId: request.id,
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () => Math.max(0, request.deadline - Date.now()),
});

async function serve(handler: (payload: unknown, context: unknown) => unknown, request: Request): Promise<void> {
  try {
    const result = (await handler(request.payload, context(request))) ?? null;
    answer({ id: request.id, result: JSON.parse(JSON.stringify(result)) as unknown });
  } catch (error) {
    answer({ id: request.id, error: describe(error) });
  }
}

// Without the process that asks there is nobody to answer.
process.on('disconnect', () => process.exit());

try {
  const module = (await import(pathToFileURL(bundlePath).href)) as Record<string, unknown>;
  const handler = module[exportName];
  if (typeof handler !== 'function') throw new TypeError(`${bundlePath} exports no function '${exportName}'`);
  process.on('message', (request: Request) => void serve(handler as (payload: unknown, context: unknown) => unknown, request));
  answer({ ready: true });
  // A process that is ended by a signal would not.
  flushCompileCache();
} catch (error) {
  answer({ failedToLoad: describe(error) });
}
