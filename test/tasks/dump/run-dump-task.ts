/** The dump and verify tasks as ECS runs them: each a process of its own with an environment of its own. */
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { COMPILE_CACHE } from '../../../local/processes/compile-cache.ts';
import { clientConfig } from '../../../adapters/aws/settings.ts';
import { rootSettings, TEST_REGION, uniqueSuffix } from '../../helpers/servers.ts';
import { assetPlan, POINT } from './ports.ts';

type Task = 'dump' | 'verify' | 'restore';

const entrypoint = (task: Task) => fileURLToPath(new URL(`../../../tasks/${task}/entrypoint.ts`, import.meta.url));

export async function storeSecret(value: object): Promise<string> {
  const name = `test/source-${uniqueSuffix()}`;
  const client = new SecretsManagerClient(clientConfig(rootSettings()));
  await client.send(new CreateSecretCommand({ Name: name, SecretString: JSON.stringify(value) }));
  client.destroy();
  return name;
}

export type DumpTask = {
  pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Everything that it wrote to either stream, and the processes' arguments and environments are looked at by the tests. */
  ended: Promise<{
    exitCode: number | null;
    signal: NodeJS.Signals | null;
    output: string;
    lines: Record<string, unknown>[];
    seconds: number;
  }>;
  scratchDir: string;
};

export type TaskSettings = {
  bucket: string;
  secret: string;
  attempt?: number;
  plan?: Parameters<typeof assetPlan>[0];
  programs?: string;
  environment?: Record<string, string | undefined>;
};

export const startDumpTask = (settings: TaskSettings): DumpTask => startTask('dump', settings);

export function startTask(task: Task, { bucket, secret, attempt = 1, plan = {}, programs, environment = {} }: TaskSettings): DumpTask {
  const { accessKeyId, secretAccessKey } = rootSettings().credentials;
  const { endpointUrl, caPath } = inject('emulator');
  const scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-test-scratch-'));
  const asset = assetPlan(plan, { source: { secret, ca: 'secret', postgresMajor: 15 } });
  const env: Record<string, string | undefined> = {
    PATH: [programs, dirname(process.execPath), inject('postgres').binDir, '/usr/bin', '/bin'].filter(Boolean).join(':'),
    SCRATCH_DIR: scratchDir,
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    AWS_REGION: TEST_REGION,
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    NODE_EXTRA_CA_CERTS: caPath,
    SYSTEM: 'sys',
    VAULT_BUCKET: bucket,
    FROM: 'vault',
    ESCROW_BUCKET: bucket,
    ASSET_PLAN: JSON.stringify(asset),
    POINT,
    CLAIM: '1',
    TRY: String(attempt),
    RUN: 'run-1',
    ...environment,
  };
  const started = performance.now();
  const child = spawn(process.execPath, [entrypoint(task)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<Awaited<DumpTask['ended']>>((resolve) => {
    child.on('close', (exitCode, signal) => {
      const lines = output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []));
      resolve({ exitCode, signal, output, lines, seconds: (performance.now() - started) / 1000 });
    });
  });
  return { pid: child.pid ?? 0, kill: (signal) => void child.kill(signal), ended, scratchDir };
}

/** Arguments of every process whose arguments or environment name `text`; environments are not told, they may hold secrets. */
export function processesNaming(text: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      if (args.includes(text) || environment.includes(text)) found.push(args);
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}
