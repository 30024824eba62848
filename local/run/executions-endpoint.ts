/**
 * Step Functions, as functions and tasks ask it what became of an execution. Whether the caller may ask is for the emulator to say:
 * each request is passed to it as it stands, and only where it is allowed is the answer given from what really runs here.
 */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, request as httpsRequest } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { LOOPBACK } from '../servers/port.ts';
import type { ExecutionRecords } from './execution-records.ts';

export type ExecutionsEndpoint = { url: string; close(): Promise<void> };

export type ExecutionsEndpointOptions = {
  records: ExecutionRecords;
  /** The emulator. */
  endpointUrl: string;
  caPath: string;
  certPath: string;
  keyPath: string;
};

type Answer = { status: number; type: string; body: string };

const DESCRIBE = 'AWSStepFunctions.DescribeExecution';
/** What the emulator says of an execution that it does not know, once it has allowed the question. */
const UNKNOWN = 'ExecutionDoesNotExist';
const JSON_TYPE = 'application/x-amz-json-1.0';

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
  if (request.headers['x-amz-target'] !== DESCRIBE) {
    // Whatever else: started there, an execution would run in the emulator's own engine, which knows nothing of what is deployed here.
    return failed(400, 'UnknownOperationException', 'Here only DescribeExecution is answered');
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

/** With the caller's own headers, `host` among them: the signature is of these. */
function pass(request: IncomingMessage, body: Buffer, endpointUrl: string, ca: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const passed = httpsRequest(
      new URL(request.url ?? '/', endpointUrl),
      { method: request.method, headers: request.headers, ca },
      (response) => {
        const { statusCode: status = 502 } = response;
        buffer(response).then(
          (text) => resolve({ status, type: response.headers['content-type'] ?? JSON_TYPE, body: text.toString() }),
          reject,
        );
      },
    );
    passed.once('error', reject);
    passed.end(body);
  });
}

const failed = (status: number, code: string, message: string): Answer => ({
  status,
  type: JSON_TYPE,
  body: JSON.stringify({ __type: code, message }),
});

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
