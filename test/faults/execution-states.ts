/** Step Functions, as far as functions ask it: what became of an execution. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export type ExecutionStates = {
  endpointUrl: string;
  set(executionArn: string, status: string): void;
  close(): Promise<void>;
};

export async function executionStates(): Promise<ExecutionStates> {
  const states = new Map<string, string>();
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { executionArn } = JSON.parse(body.toString()) as { executionArn: string };
      const status = states.get(executionArn);
      response.writeHead(status ? 200 : 400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(status ? { executionArn, status } : { __type: 'ExecutionDoesNotExist', message: 'unknown' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (executionArn, status) => void states.set(executionArn, status),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
