/** Restores that nothing goes on with: behind a lock of another session, and on a server that has stopped answering. Each ends by a name. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEnd } from '../../../tasks/run-task.ts';
import { connectToTestServer, uniqueSuffix } from '../../helpers/servers.ts';
import { makePoint, type MadePoint } from '../drill/fixture.ts';
import { SMALL_SEGMENTS } from '../dump/ports.ts';
import { EVENT_TRIGGER_SQL, openWorld, type Over, type World } from './segmented/world.ts';

const STALL_SECONDS = 3;
let world: World;
let point: MadePoint;
/** A server that subscriptions name: whoever drops one with its slot asks here. */
let publisher: Server;
let asked = 0;
const subscription = `stalled_${uniqueSuffix()}`;
beforeAll(async () => {
  world = await openWorld(2_000);
  publisher = createServer((socket) => {
    asked++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => publisher.listen(0, '127.0.0.1', resolve));
  const { port } = publisher.address() as AddressInfo;
  await world.client.query(`${EVENT_TRIGGER_SQL};
    CREATE SUBSCRIPTION ${subscription} CONNECTION 'host=127.0.0.1 port=${port} dbname=x' PUBLICATION p WITH (connect = false, slot_name = 'of_the_source')`);
  point = await makePoint(world.source, { dump: { format: 'segmented' }, limits: SMALL_SEGMENTS });
});
const letGo = [
  'DROP EVENT TRIGGER forbid',
  `ALTER SUBSCRIPTION ${subscription} SET (slot_name = NONE)`,
  `DROP SUBSCRIPTION ${subscription}`,
];
afterAll(async () => {
  for (const sql of letGo) await world.client.query(sql);
  await world.close();
  await new Promise((resolve) => publisher.close(resolve));
});

const endOf = (database: string, over: Over) =>
  world.restore(point, database, over).then(
    () => undefined,
    (error: unknown) => describeEnd(error),
  );

it('a restore behind a lock of another session names the session, and goes on once it has ended', async () => {
  const database = world.fresh();
  let holder: ReturnType<typeof connectToTestServer> | undefined;
  const report = (event: string) => {
    if (event.includes('is made and is being filled'))
      holder = connectToTestServer(database).then((client) => client.on('error', () => undefined));
    // Event triggers come last.
    if (event === 'Rows are being loaded')
      void holder?.then((client) => client.query('BEGIN; LOCK TABLE pg_catalog.pg_event_trigger IN SHARE MODE'));
  };
  const end = await endOf(database, { ports: { report, stallSeconds: STALL_SECONDS } });
  expect(end).toMatchObject({ failure: 'Stalled', message: expect.stringMatching(/The restore of db: it has waited for \d+ s/) as string });
  const client = await holder;
  const { rows } = (await client?.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')) ?? { rows: [] };
  expect(end?.message).toContain(`for a lock that other sessions hold (process ${rows[0]?.pid})`);
  expect(end?.message).toContain('is kept');
  expect(end?.advice).toContain('pg_stat_activity');
  await client?.end();
  const { notes } = await world.restore(point, database, { ports: { stallSeconds: STALL_SECONDS } });
  expect(notes.find((note) => note.startsWith('Subscriptions'))).toContain(subscription);
  expect(asked).toBe(0);
  const restored = await connectToTestServer(database);
  for (const sql of letGo) await restored.query(sql);
  await restored.end();
});

/** Hands bytes on until it freezes. Who connects while it is frozen waits; what was connected before is never heard again. */
async function freezingBridge(to: { host: string; port: number }) {
  const waiting = new Set<Socket>();
  const open = new Set<[Socket, Socket]>();
  let isFrozen = false;
  const join = (client: Socket) => {
    const server = connect(to.port, to.host);
    const pair: [Socket, Socket] = [client, server];
    open.add(pair);
    client.pipe(server).pipe(client);
    for (const [one, other] of [pair, pair.toReversed()] as [Socket, Socket][])
      one.on('error', () => undefined).on('close', () => other.destroy());
  };
  const bridge = createServer((client) => {
    client.on('error', () => undefined);
    if (isFrozen) waiting.add(client);
    else join(client);
  });
  await new Promise<void>((resolve) => bridge.listen(0, '127.0.0.1', resolve));
  return {
    port: (bridge.address() as AddressInfo).port,
    freeze() {
      isFrozen = true;
      for (const [client, server] of open) for (const socket of [client, server]) socket.unpipe().pause();
    },
    thaw() {
      isFrozen = false;
      for (const client of waiting) join(client);
      waiting.clear();
    },
    async close() {
      for (const pair of open) for (const socket of pair) socket.destroy();
      await new Promise((resolve) => bridge.close(resolve));
    },
  };
}

it('a restore on a server that has stopped answering does not wait for it', async () => {
  const bridge = await freezingBridge(world.source);
  const database = world.fresh();
  const report = (event: string) => {
    if (event !== 'Rows are being loaded') return;
    bridge.freeze();
    setTimeout(() => bridge.thaw(), (STALL_SECONDS + 1.5) * 1000);
  };
  const from = performance.now();
  const end = await endOf(database, { login: { port: bridge.port }, ports: { report, stallSeconds: STALL_SECONDS } });
  expect(end).toMatchObject({
    failure: 'Stalled',
    message: expect.stringMatching(/The restore of db: the server has not answered for \d+ s/) as string,
  });
  expect((performance.now() - from) / 1000).toBeLessThan(30);
  await bridge.close();
});
