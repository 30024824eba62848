/** A TCP proxy in front of a server, to make a network that stops or breaks at a chosen byte. */
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export type TcpProxy = {
  port: number;
  /** Bytes that the server has sent through so far. */
  served: () => number;
  /** From now on nothing is forwarded once the server has sent this many bytes in all; the connections stay open. */
  stopAfter(bytes: number): void;
  /** Settles when the byte of `stopAfter` was reached. */
  stopped: Promise<void>;
  /** Forwards again. */
  goOn(): void;
  /** Breaks every connection, as a failover does. */
  cut(): void;
  close(): Promise<void>;
};

/** @param listenOn another loopback address makes the server answer to a name that its certificate does not have */
export async function tcpProxy(target: { host: string; port: number }, listenOn = '127.0.0.1'): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const upstreams = new Set<Socket>();
  let served = 0;
  let limit = Number.POSITIVE_INFINITY;
  const stopped = Promise.withResolvers<void>();

  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
    }
    upstreams.add(upstream);
    upstream.on('data', (chunk) => {
      served += chunk.length;
      if (!client.write(chunk)) upstream.pause();
      if (served >= limit) {
        for (const each of upstreams) each.pause();
        stopped.resolve();
      }
    });
    client.on('drain', () => {
      if (served < limit) upstream.resume();
    });
    client.on('data', (chunk) => upstream.write(chunk));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => {
      upstreams.delete(upstream);
      client.destroy();
    });
    if (served >= limit) upstream.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, listenOn, resolve));
  const resumeAll = () => {
    for (const upstream of upstreams) upstream.resume();
  };
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    served: () => served,
    stopAfter(bytes) {
      limit = bytes;
    },
    stopped: stopped.promise,
    goOn() {
      limit = Number.POSITIVE_INFINITY;
      resumeAll();
    },
    cut,
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
