/**
 * A pooler as doctor sees one: it answers the login with a process id of its own making and hands the bytes on. pgbouncer and its
 * like are not on every machine that runs the tests; what gives them away on the wire is.
 */
import { once } from 'node:events';
import { createServer, connect as connectTcp, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const BACKEND_KEY_DATA = 'K'.charCodeAt(0);

export async function startFakePooler(server: {
  host: string;
  port: number;
  ca: string;
}): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    sockets.add(client);
    client.on('error', () => client.destroy());
    void openServer(server).then((upstream) => {
      sockets.add(upstream);
      upstream.on('error', () => client.destroy());
      upstream.on('data', (chunk: Buffer) => client.write(withOwnProcessId(chunk)));
      upstream.on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
      client.pipe(upstream);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}

async function openServer({ host, port, ca }: { host: string; port: number; ca: string }): Promise<Socket> {
  const plain = connectTcp(port, host);
  await once(plain, 'connect');
  plain.write(SSL_REQUEST);
  await once(plain, 'data');
  const secure = connectTls({ socket: plain, host, servername: 'localhost', ca });
  await once(secure, 'secureConnect');
  return secure;
}

/** The server sends what follows the login in one write, message by message: one byte of type, four of length. */
function withOwnProcessId(chunk: Buffer): Buffer {
  for (let at = 0; at + 5 <= chunk.length; at += 1 + chunk.readUInt32BE(at + 1)) {
    if (chunk[at] !== BACKEND_KEY_DATA) continue;
    const copy = Buffer.from(chunk);
    copy.writeUInt32BE(4_000_001, at + 5);
    return copy;
  }
  return chunk;
}
