/**
 * The PostgreSQL server whose database is backed up and restored: one for each database, since physical tools take a server whole.
 * Databases are kept from one run to the next.
 */
import { appendFileSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { serverAccount } from '../../local/processes/accounts.ts';
import { lastLines, runProgram } from '../../local/processes/run.ts';
import { startProcess } from '../../local/processes/start.ts';
import { freePort, LOOPBACK } from '../../local/servers/port.ts';
import type { Place } from '../place.ts';

export const SUPERUSER = 'bench';
const INITDB_TIMEOUT_MS = 120_000;
const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 60_000;

/** Settings that a server of this size would have; `archive_mode` is for the tools that take physical backups. */
const SETTINGS = `
shared_buffers = 1GB
max_wal_size = 8GB
checkpoint_timeout = 30min
maintenance_work_mem = 256MB
wal_level = replica
archive_mode = on
archive_command = '/bin/true'
`;

export type BenchPostgres = {
  pid: number;
  port: number;
  socketDir: string;
  dataDir: string;
  binDir: string;
  connect(database: string): Promise<Client>;
  url(database: string): string;
  stop: () => Promise<void>;
};

export async function startBenchPostgres(place: Place, binDir: string, name: string): Promise<BenchPostgres> {
  const account = serverAccount();
  const home = join(place.postgres, name);
  const dataDir = join(home, 'data');
  const env = { PATH: `${binDir}:/usr/bin:/bin`, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  mkdirSync(home, { recursive: true, mode: 0o711 });
  if (account) chownSync(home, account.uid, account.gid);
  if (!existsSync(join(dataDir, 'PG_VERSION'))) {
    const args = ['-D', dataDir, '-U', SUPERUSER, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-k'];
    const options = { env, cwd: home, timeoutMs: INITDB_TIMEOUT_MS, ...(account && { identity: account }) };
    const made = await runProgram(join(binDir, 'initdb'), args, options);
    if (made.code !== 0) throw new Error(`initdb failed: ${lastLines(made.stderr, 2)}`);
    appendFileSync(join(dataDir, 'postgresql.conf'), SETTINGS);
  }
  const port = await freePort();
  const running = startProcess({
    command: join(binDir, 'postgres'),
    args: ['-D', dataDir, '-p', String(port), '-k', home, '-h', LOOPBACK],
    env,
    cwd: home,
    ...(account && { identity: account }),
    stopSignal: 'SIGINT',
    stopGraceMs: STOP_GRACE_MS,
    output: { file: join(place.logs, 'postgres.log') },
  });
  const connect = async (database: string) => {
    const client = new Client({ host: LOOPBACK, port, user: SUPERUSER, database });
    // A server that is stopped ends its connections; the query under way tells.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  for (const deadline = Date.now() + READY_TIMEOUT_MS; ; await sleep(100)) {
    const client = await connect('postgres').catch(() => undefined);
    if (client) {
      await client.end();
      break;
    }
    if (Date.now() > deadline) {
      await running.stop();
      throw new Error(`PostgreSQL did not start: see ${join(place.logs, 'postgres.log')}`);
    }
  }
  return {
    pid: running.pid,
    port,
    socketDir: home,
    dataDir,
    binDir,
    connect,
    url: (database) => `postgresql://${SUPERUSER}@${LOOPBACK}:${port}/${database}`,
    stop: async () => void (await running.stop()),
  };
}
