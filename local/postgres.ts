/** A PostgreSQL server on the loopback address: TLS with a certificate of this run's authority, passwords by SCRAM, no socket. */
import { randomBytes } from 'node:crypto';
import { chownSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { MachineNotReady } from './errors.ts';
import { serverAccount } from './processes/accounts.ts';
import { temporaryDirectory } from './processes/guard.ts';
import { isReachableByOthers } from './processes/reach.ts';
import { lastLines, runProgram } from './processes/run.ts';
import { startProcess } from './processes/start.ts';
import { freePort, isPortFree, LOOPBACK } from './servers/port.ts';
import type { TlsFiles } from './servers/tls-files.ts';
import type { PostgresPrograms } from './tools/postgres-programs.ts';

export type Postgres = {
  host: string;
  port: number;
  superuser: string;
  password: string;
  caPath: string;
  /** Server and client programs of the same version. */
  binDir: string;
  major: number;
  stop(): Promise<void>;
};

export type PostgresOptions = {
  programs: PostgresPrograms;
  tls: TlsFiles;
  logFile: string;
  /** A free one when absent. */
  port?: number;
  /** Further lines of postgresql.conf, such as `fsync = off` for tests. */
  settings?: readonly string[];
};

const SUPERUSER = 'postgres';
const INITDB_TIMEOUT_MS = 60_000;
const READY_TIMEOUT_MS = 30_000;
const STOP_GRACE_MS = 10_000;
const POLL_MS = 50;

/** Resolves when it accepts connections. Throws MachineNotReady when the port is taken or when it does not start. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  if (options.port !== undefined && !(await isPortFree(options.port))) {
    throw new MachineNotReady(
      `Port ${options.port} of ${LOOPBACK} is taken by another program, so PostgreSQL cannot listen there`,
      'Choose another port, or end that program',
    );
  }
  const account = serverAccount();
  const home = temporaryDirectory('postgres', account ? 0o711 : 0o700);
  try {
    const binDir = reachablePrograms(options.programs, home.path, account !== undefined);
    const server = {
      ...options,
      binDir,
      account,
      home: home.path,
      port: options.port ?? (await freePort()),
      password: randomBytes(18).toString('base64url'),
    };
    await initialise(server);
    const running = await start(server);
    const { port, password } = server;
    return {
      host: LOOPBACK,
      port,
      superuser: SUPERUSER,
      password,
      caPath: options.tls.caPath,
      binDir,
      major: options.programs.major,
      async stop() {
        await running.stop();
        home.remove();
      },
    };
  } catch (error) {
    home.remove();
    throw error;
  }
}

type Server = PostgresOptions & {
  binDir: string;
  account: { uid: number; gid: number } | undefined;
  home: string;
  port: number;
  password: string;
};

/** PostgreSQL refuses to run as root; the account that it runs as may not be able to enter the directory that our programs are in. */
function reachablePrograms(programs: PostgresPrograms, home: string, isForAnother: boolean): string {
  if (!isForAnother || programs.root === undefined || isReachableByOthers(join(programs.binDir, 'postgres'))) return programs.binDir;
  const copy = join(home, 'programs');
  cpSync(programs.root, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, programs.binDir.slice(programs.root.length));
}

const environment = (home: string) => ({ PATH: '/usr/bin:/bin', HOME: home, LC_ALL: 'C', TZ: 'UTC' });

async function initialise(server: Server): Promise<void> {
  const { home, account } = server;
  const data = join(home, 'data');
  mkdirSync(data, { mode: 0o700 });
  const passwordFile = join(home, 'password');
  writeFileSync(passwordFile, server.password, { mode: 0o600 });
  if (account) for (const path of [data, passwordFile]) chownSync(path, account.uid, account.gid);
  const made = await runProgram(
    join(server.binDir, 'initdb'),
    ['-D', data, '-U', SUPERUSER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'],
    { env: environment(home), cwd: home, timeoutMs: INITDB_TIMEOUT_MS, ...(account && { identity: account }) },
  );
  if (made.code !== 0)
    throw new MachineNotReady(
      `initdb of PostgreSQL ${server.programs.version} failed: ${lastLines(made.stderr, 2)}`,
      'Check the space in the temporary directory, then try again',
    );
  const { certPath, keyPath } = issueInto(server, home);
  const settings = [
    `listen_addresses = '${LOOPBACK}'`,
    `port = ${server.port}`,
    `unix_socket_directories = ''`,
    `password_encryption = 'scram-sha-256'`,
    'ssl = on',
    `ssl_cert_file = '${certPath}'`,
    `ssl_key_file = '${keyPath}'`,
    'max_connections = 300',
    `timezone = 'UTC'`,
    `log_min_messages = warning`,
    // Error texts quote rows; the log of a local server is a file like any other.
    `log_error_verbosity = terse`,
    ...(server.settings ?? []),
  ];
  writeFileSync(join(data, 'postgresql.auto.conf'), `${settings.join('\n')}\n`);
  writeFileSync(join(data, 'pg_hba.conf'), `hostssl all all ${LOOPBACK}/32 scram-sha-256\n`);
}

function issueInto(server: Server, home: string) {
  const issued = server.tls.issue('postgres');
  // Beside the data, so that the account can read its key wherever the authority's own directory is.
  const [certPath, keyPath] = [join(home, 'server.pem'), join(home, 'server.key')];
  writeFileSync(certPath, readFileSync(issued.certPath), { mode: 0o644 });
  writeFileSync(keyPath, readFileSync(issued.keyPath), { mode: 0o600 });
  if (server.account) chownSync(keyPath, server.account.uid, server.account.gid);
  return { certPath, keyPath };
}

async function start(server: Server) {
  const running = startProcess({
    command: join(server.binDir, 'postgres'),
    args: ['-D', join(server.home, 'data')],
    env: environment(server.home),
    cwd: server.home,
    ...(server.account && { identity: server.account }),
    // Fast shutdown: SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
    stopGraceMs: STOP_GRACE_MS,
    output: { file: server.logFile },
  });
  let ended = false;
  const markEnded = () => (ended = true);
  running.exited.then(markEnded, markEnded);
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await accepts(server))) {
    if (ended || Date.now() > deadline) {
      await running.stop();
      const log = lastLines(readFileSync(server.logFile, 'utf8'), 3);
      throw new MachineNotReady(`PostgreSQL ${server.programs.version} did not start: ${log}`, `Read ${server.logFile}, then try again`);
    }
    await sleep(POLL_MS);
  }
  return running;
}

async function accepts(server: Server): Promise<boolean> {
  const client = new Client({
    host: LOOPBACK,
    port: server.port,
    user: SUPERUSER,
    password: server.password,
    database: 'postgres',
    ssl: { ca: server.tls.caPem },
    connectionTimeoutMillis: 2_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}
