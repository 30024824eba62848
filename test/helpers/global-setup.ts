/** One emulator and one PostgreSQL for the whole run; every suite takes a database, system name or bucket of its own in them. */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { startEmulator } from '../../local/emulator.ts';
import { startPostgres } from '../../local/postgres.ts';
import { temporaryDirectory } from '../../local/processes/guard.ts';
import { createTlsFiles } from '../../local/servers/tls-files.ts';
import { ensureTools } from '../../local/tools/ensure.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type TestEmulator = { endpointUrl: string; caPath: string; accountId: string; accessKeyId: string; secretAccessKey: string };
export type TestPostgres = {
  host: string;
  port: number;
  superuser: string;
  password: string;
  caPath: string;
  binDir: string;
  major: number;
};

declare module 'vitest' {
  interface ProvidedContext {
    emulator: TestEmulator;
    postgres: TestPostgres;
    /** Of this run: what one suite has made and others need too. */
    sharedDirectory: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const tools = await ensureTools({
    directory: join(ROOT, '.holdfast'),
    environment: process.env,
    onProgress: (line) => console.log(line),
  });
  // Readable by every account: tasks that run as a user of their own trust the same authority.
  const run = temporaryDirectory('test', 0o755);
  const logs = join(ROOT, '.holdfast', 'log', 'test');
  mkdirSync(logs, { recursive: true });
  const tls = createTlsFiles(run.path, new Date());
  // Suites that synthesize would each bundle the same otherwise. One that does not compile is told by them.
  const isWholeRun = process.argv.slice(2).every((word) => word === 'run' || word.startsWith('-'));
  const [emulator, postgres] = await Promise.all([
    startEmulator({ python: tools.python, tls, logFile: join(logs, `emulator-${process.pid}.log`) }),
    startPostgres({
      programs: tools.postgres,
      tls,
      logFile: join(logs, `postgres-${process.pid}.log`),
      settings: ['fsync = off', 'full_page_writes = off', 'wal_level = logical', 'max_prepared_transactions = 8'],
    }),
    isWholeRun && promisify(execFile)(process.execPath, [join(ROOT, 'infra', 'bundle.ts')]).catch(() => undefined),
  ]);
  const sharedDirectory = join(run.path, 'shared');
  mkdirSync(sharedDirectory);
  project.provide('sharedDirectory', sharedDirectory);
  // Node reads it when a process starts: the workers are started after this.
  process.env['NODE_EXTRA_CA_CERTS'] = tls.caPath;
  const { endpointUrl, caPath, accountId, accessKeyId, secretAccessKey } = emulator;
  project.provide('emulator', { endpointUrl, caPath, accountId, accessKeyId, secretAccessKey });
  const { host, port, superuser, password, binDir, major } = postgres;
  project.provide('postgres', { host, port, superuser, password, caPath, binDir, major });
  return async () => {
    await Promise.all([emulator.stop(), postgres.stop()]);
    run.remove();
  };
}
