/** A way to the test server for programs that know no TLS, such as those of other majors: TLS begins behind the door. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

const BINDING = 'SCRAM-SHA-256-PLUS\0';

/** A message: its letter, its length without the letter, its content. */
function withoutChannelBinding(message: Buffer): Buffer {
  const text = message.toString('latin1');
  if (!text.startsWith('R') || !text.includes(BINDING)) return message;
  const changed = Buffer.from(text.replace(BINDING, ''), 'latin1');
  changed.writeUInt32BE(message.readUInt32BE(1) - BINDING.length, 1);
  return changed;
}

export type PlainDoor = { port: number; close(): Promise<void> };

export async function openPlainDoor(target: { host: string; port: number; ca: string }): Promise<PlainDoor> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    return socket;
  };
  const server = createServer((client) => {
    keep(client).pause();
    const upstream = keep(connect(target.port, target.host, () => upstream.write(SSL_REQUEST)));
    upstream.once('data', () => {
      const inside = keep(connectTls({ socket: upstream, ca: target.ca, host: target.host }));
      // Channel binding, which the server offers, needs TLS at both ends: libpq takes the offer without TLS for an attack.
      inside.once('data', (offer: Buffer) => {
        client.write(withoutChannelBinding(offer));
        inside.pipe(client);
      });
      client.pipe(inside);
      client.on('close', () => inside.destroy());
      inside.on('close', () => client.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
