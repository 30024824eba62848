/** A way to a database server on which the connection breaks at one message of a run, counted over all connections from the first. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { FailingDoor, PlannedFault } from './failing-calls.ts';

/**
 * `refused`: before the server heard of the message. `cut`: in its middle. `lost`: the server did what it was asked, and its answer
 * never comes. Messages are what a client writes at once; of a new connection the first asks for TLS.
 */
export type FailingConnections = FailingDoor & { port: number; close(): Promise<void> };

export async function failingConnections(target: { host: string; port: number }): Promise<FailingConnections> {
  const sockets = new Set<Socket>();
  let names: string[] = [];
  let planned: PlannedFault | undefined;
  let hasFailed = false;
  let connections = 0;

  const server = createServer((client) => {
    const number = ++connections;
    const upstream = connect(target.port, target.host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
    }
    const breakOff = () => {
      planned?.happened?.();
      client.destroy();
      upstream.destroy();
    };
    let isLost = false;
    client.on('data', (message: Buffer) => {
      names.push(`message ${names.length + 1}, ${message.length} bytes of connection ${number}`);
      if (isLost || planned?.position !== names.length) {
        if (!upstream.write(message)) client.pause();
        return;
      }
      hasFailed = true;
      if (planned.kind === 'refused') breakOff();
      else if (planned.kind === 'cut') upstream.write(message.subarray(0, message.length >> 1), breakOff);
      else {
        isLost = true;
        upstream.write(message);
      }
    });
    upstream.on('drain', () => client.resume());
    upstream.on('data', (answer: Buffer) => {
      if (isLost) breakOff();
      else if (!client.write(answer)) upstream.pause();
    });
    client.on('drain', () => upstream.resume());
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    begin(fault) {
      names = [];
      planned = fault;
      hasFailed = false;
      connections = 0;
    },
    calls: () => names,
    hasFailed: () => hasFailed,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
