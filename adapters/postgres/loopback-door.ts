/**
 * A way to the throwaway server over TCP, for what cannot open a Unix socket: on the loopback of this task alone, and for one role
 * alone. The server itself listens on no address; whether the password is right is its own decision.
 */
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';

export const LOOPBACK = '127.0.0.1';
export type Door = { port: number; close: () => Promise<void> };

/** Numbers of the protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const PROTOCOL_3 = 3;
const CANCEL = 80_877_102;
const ENCRYPTION = [80_877_103, 80_877_104];
/** The server's own limit for what begins a session. */
const LONGEST_START_BYTES = 10_000;
const START_TIMEOUT_MILLISECONDS = 30_000;

/** @param socketDirectory where the server's socket is */
export async function openLoopbackDoor(socketDirectory: string, role: string): Promise<Door> {
  const open = new Set<Socket>();
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    return socket;
  };
  const server = createServer((client) => {
    keep(client).on('error', () => client.destroy());
    client.setTimeout(START_TIMEOUT_MILLISECONDS, () => client.destroy());
    readStart(client, role, (start) => {
      client.setTimeout(0);
      const inside = keep(createConnection(join(socketDirectory, '.s.PGSQL.5432')));
      inside.on('error', () => client.destroy());
      inside.once('close', () => client.destroy());
      client.once('close', () => inside.destroy());
      inside.write(start);
      client.pipe(inside).pipe(client);
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, LOOPBACK, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Hands on the first packet, with all that came with it, once it is known to be of the one role. */
function readStart(client: Socket, role: string, admit: (start: Buffer) => void): void {
  let got = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    got = Buffer.concat([got, chunk]);
    for (;;) {
      if (got.length < 8) return;
      const length = got.readInt32BE(0);
      if (length < 8 || length > LONGEST_START_BYTES) {
        client.destroy();
        return;
      }
      if (got.length < length) return;
      const code = got.readInt32BE(4);
      if (ENCRYPTION.includes(code)) {
        // Nothing leaves the task: as over a Unix socket there is no encryption.
        client.write('N');
        got = got.subarray(length);
        continue;
      }
      const isAdmitted = code === CANCEL || (code >>> 16 === PROTOCOL_3 && roleOf(got.subarray(8, length)) === role);
      if (!isAdmitted) {
        client.end(refusal());
        return;
      }
      client.off('data', onData).pause();
      admit(got);
      return;
    }
  };
  client.on('data', onData);
}

function roleOf(parameters: Buffer): string | undefined {
  const parts = parameters.toString('utf8').split('\0');
  const at = parts.findIndex((part, i) => i % 2 === 0 && part === 'user');
  return at === -1 ? undefined : parts[at + 1];
}

/** ErrorResponse: invalid_authorization_specification. */
function refusal(): Buffer {
  const fields = Buffer.from('SFATAL\0VFATAL\0C28000\0Mthis role is not let in here\0\0', 'utf8');
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
