/** A small HTTP endpoint that answers as a service of AWS with the JSON protocol does; it refuses what it was not told to expect. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Handler = (request: Record<string, unknown>) => object;

/** An error as the service tells it: its name, and the status of the answer. */
export class ServiceError extends Error {
  readonly status: number;
  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** @param operations by their name, such as `SendCommand` */
export async function makeJsonService(operations: Record<string, Handler>) {
  const calls: { operation: string; request: Record<string, unknown> }[] = [];
  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
      const respond = (status: number, body: object) => {
        answer.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
        answer.end(JSON.stringify(body));
      };
      try {
        const request = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
        calls.push({ operation, request });
        const handler = operations[operation];
        if (handler === undefined) throw new ServiceError('UnknownOperationException', operation);
        respond(200, handler(request));
      } catch (error) {
        const { name, message } = error as Error;
        respond(error instanceof ServiceError ? error.status : 500, { __type: name, message });
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    settings: {
      region: 'eu-central-1',
      endpointUrl: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
    calls,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
