/**
 * Step Functions, as functions and tasks ask it what became of an execution, and wake one that waits for a token; and the URLs of
 * functions. Whether the caller may ask is for the emulator to say:
 * each request is passed to it as it stands, and only where it is allowed is the answer given from what really runs here.
 */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { LOOPBACK } from '../servers/port.ts';
import type { ExecutionRecords } from './execution-records.ts';
import { FUNCTION_URL_PATH, type FunctionUrls } from './function-urls.ts';
import { failed, JSON_TYPE, pass, type Answer } from './pass-on.ts';
import type { Sent, TaskTokens } from './task-tokens.ts';

export type ExecutionsEndpoint = { url: string; close(): Promise<void> };

export type ExecutionsEndpointOptions = {
  records: ExecutionRecords;
  tokens: TaskTokens;
  urls: FunctionUrls;
  /** The emulator. */
  endpointUrl: string;
  caPath: string;
  certPath: string;
  keyPath: string;
};

const DESCRIBE = 'AWSStepFunctions.DescribeExecution';
/** What the emulator says of an execution that it does not know, once it has allowed the question. */
const UNKNOWN = 'ExecutionDoesNotExist';
/** The same of a token. */
const NO_TASK = 'TaskDoesNotExist';

export async function startExecutionsEndpoint(options: ExecutionsEndpointOptions): Promise<ExecutionsEndpoint> {
  const ca = readFileSync(options.caPath);
  const server = createServer({ cert: readFileSync(options.certPath), key: readFileSync(options.keyPath) }, (request, response) => {
    answer(request, options, ca).then(
      (given) => send(response, given),
      (error: unknown) => send(response, failed(503, 'ServiceUnavailable', String(error))),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, resolve);
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, options: ExecutionsEndpointOptions, ca: Buffer): Promise<Answer> {
  const body = await buffer(request);
  if (request.url?.startsWith(FUNCTION_URL_PATH)) return options.urls.answer(request, body);
  const target = request.headers['x-amz-target'];
  const send = SENDS[String(target)];
  if (send !== undefined) return sendForToken(request, body, send, options, ca);
  if (target !== DESCRIBE) {
    // Whatever else: started there, an execution would run in the emulator's own engine, which knows nothing of what is deployed here.
    return failed(400, 'UnknownOperationException', 'Here only DescribeExecution, SendTaskSuccess and SendTaskFailure are answered');
  }
  const fromEmulator = await pass(request, body, options.endpointUrl, ca);
  const isAllowed = fromEmulator.status === 200 || fromEmulator.body.includes(UNKNOWN);
  const { executionArn = '' } = JSON.parse(body.toString()) as { executionArn?: string };
  const record = isAllowed ? options.records.read(executionArn) : undefined;
  if (!record) return fromEmulator;
  const seconds = (instant: string | undefined) => (instant === undefined ? undefined : Date.parse(instant) / 1_000);
  return {
    status: 200,
    type: JSON_TYPE,
    body: JSON.stringify({
      executionArn: record.arn,
      stateMachineArn: record.machineArn,
      name: record.name,
      status: record.status,
      startDate: seconds(record.startedAt),
      stopDate: seconds(record.stoppedAt),
      input: JSON.stringify(record.input),
      output: record.output === undefined ? undefined : JSON.stringify(record.output),
      error: record.error,
      cause: record.cause,
    }),
  };
}

type Fields = Record<string, string | undefined>;
const SENDS: Record<string, (fields: Fields) => Sent> = {
  'AWSStepFunctions.SendTaskSuccess': ({ output = '{}' }) => ({ output }),
  'AWSStepFunctions.SendTaskFailure': ({ error = 'States.TaskFailed', cause = '' }) => ({ error, cause }),
};

/** Whoever is let in by the emulator, which knows no token of ours, may answer one. */
async function sendForToken(
  request: IncomingMessage,
  body: Buffer,
  read: (fields: Fields) => Sent,
  { endpointUrl, tokens }: ExecutionsEndpointOptions,
  ca: Buffer,
): Promise<Answer> {
  const fromEmulator = await pass(request, body, endpointUrl, ca);
  if (!fromEmulator.body.includes(NO_TASK)) return fromEmulator;
  const fields = JSON.parse(body.toString()) as Fields;
  if (tokens.send(fields['taskToken'] ?? '', read(fields)) === 'gone') return fromEmulator;
  return { status: 200, type: JSON_TYPE, body: '{}' };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
