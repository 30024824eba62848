/** The AWS emulator: stock ministack with IAM enforced, over TLS, on the loopback address only. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MachineNotReady } from './errors.ts';
import { temporaryDirectory } from './processes/guard.ts';
import { lastLines } from './processes/run.ts';
import { startProcess, type RunningProcess } from './processes/start.ts';
import { freePort, isPortFree, LOOPBACK } from './servers/port.ts';
import type { TlsFiles } from './servers/tls-files.ts';

export type Emulator = {
  endpointUrl: string;
  caPath: string;
  accountId: string;
  /** Root of the account, made up for this run. */
  accessKeyId: string;
  secretAccessKey: string;
  stop(): Promise<void>;
};

export type EmulatorOptions = {
  /** The virtual environment's Python, from `ensureTools`. */
  python: string;
  tls: TlsFiles;
  logFile: string;
  /** A free one when absent. */
  port?: number;
};

const ACCOUNT_ID = '000000000000';
const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 5_000;
const POLL_MS = 50;

/** Resolves when it answers. Throws MachineNotReady when the port is taken or when it ends before it is ready. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  if (options.port !== undefined && !(await isPortFree(options.port))) {
    throw new MachineNotReady(
      `Port ${options.port} of ${LOOPBACK} is taken by another program, so the emulator cannot listen there`,
      `Choose another port, or end that program (find it with: ss -ltnp sport = :${options.port})`,
    );
  }
  const port = options.port ?? (await freePort());
  const { certPath, keyPath } = options.tls.issue('emulator');
  const home = temporaryDirectory('emulator');
  const root = {
    accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
  };
  const running = startProcess({
    command: options.python,
    args: ['-m', 'ministack'],
    cwd: home.path,
    env: {
      PATH: '/usr/bin:/bin',
      HOME: home.path,
      TMPDIR: home.path,
      AUTH: 'true',
      USE_SSL: '1',
      MINISTACK_SSL_CERT: certPath,
      MINISTACK_SSL_KEY: keyPath,
      BIND_HOST: LOOPBACK,
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      LOG_LEVEL: 'WARNING',
      MINISTACK_ACCOUNT_ID: ACCOUNT_ID,
      S3_DATA_DIR: join(home.path, 's3'),
      STATE_DIR: join(home.path, 'state'),
      AWS_ACCESS_KEY_ID: root.accessKeyId,
      AWS_SECRET_ACCESS_KEY: root.secretAccessKey,
    },
    stopGraceMs: STOP_GRACE_MS,
    output: { file: options.logFile },
  });
  const endpointUrl = `https://localhost:${port}`;
  try {
    await waitUntilReady(running, `${endpointUrl}/_ministack/health`, options);
  } catch (error) {
    await running.stop();
    home.remove();
    throw error;
  }
  return {
    endpointUrl,
    caPath: options.tls.caPath,
    accountId: ACCOUNT_ID,
    ...root,
    async stop() {
      await running.stop();
      home.remove();
    },
  };
}

async function waitUntilReady(running: RunningProcess, url: string, options: EmulatorOptions): Promise<void> {
  let ended = false;
  const markEnded = () => (ended = true);
  running.exited.then(markEnded, markEnded);
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await answers(url, options.tls.caPem))) {
    if (ended) {
      const log = lastLines(readFileSync(options.logFile, 'utf8'), 3);
      throw new MachineNotReady(`The emulator ended before it was ready: ${log}`, `Read ${options.logFile}, then try again`);
    }
    if (Date.now() > deadline) {
      throw new MachineNotReady(
        `The emulator did not answer within ${READY_TIMEOUT_MS / 1000} s`,
        `Read ${options.logFile}, then try again`,
      );
    }
    await sleep(POLL_MS);
  }
}

function answers(url: string, caPem: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { ca: caPem, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
    request.on('timeout', () => request.destroy());
  });
}
