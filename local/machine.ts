/** The servers of one local system, held by one process: tools, certificates, emulator, and PostgreSQL where it is wanted. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startEmulator, type Emulator } from './emulator.ts';
import { startPostgres, type Postgres } from './postgres.ts';
import { temporaryDirectory } from './processes/guard.ts';
import { createTlsFiles } from './servers/tls-files.ts';
import { ensureTools, type Tools } from './tools/ensure.ts';
import { takeLock } from './tools/lock.ts';
import { trustAuthority } from './trust.ts';

export type LocalMachine = {
  tools: Tools;
  emulator: Emulator;
  caPath: string;
  /** Certificate of what a session answers itself. */
  executionsTls: { certPath: string; keyPath: string };
  /** A server of its own for whoever wants one, such as the database that the demo protects. */
  startPostgres(settings?: readonly string[]): Promise<Postgres>;
  /** Ends every server. */
  close(): Promise<void>;
};

export type MachineOptions = {
  /** `.holdfast` of the checkout. */
  directory: string;
  environment: NodeJS.ProcessEnv;
  now: Date;
  /** Where the tools are kept, when that is not under `directory`. */
  tools?: string;
  /** Of the emulator; a free one when absent. */
  port?: number;
  postgres?: 'prefer-machine' | 'embedded';
  onProgress?: (line: string) => void;
};

/** Throws MachineNotReady when another process holds the directory, when a port is taken, or when a tool cannot be had. */
export async function openMachine(options: MachineOptions): Promise<LocalMachine> {
  const { directory, environment, onProgress = () => {} } = options;
  const lock = await takeLock(join(directory, 'lock'), { purpose: 'a local system', waitMs: 0 });
  const stops: (() => Promise<void> | void)[] = [() => lock.release()];
  const close = async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  };
  try {
    const tools = await ensureTools({
      directory,
      environment,
      onProgress,
      ...(options.postgres && { postgres: options.postgres }),
      ...(options.tools && { tools: options.tools }),
    });
    const logs = join(directory, 'log');
    mkdirSync(logs, { recursive: true });
    // Tasks run as users of their own and read the authority's certificate here.
    const run = temporaryDirectory('run', 0o755);
    stops.push(() => run.remove());
    const tls = createTlsFiles(run.path, options.now);
    trustAuthority(tls.caPem);
    onProgress('starting the emulator');
    const emulator = await startEmulator({
      python: tools.python,
      tls,
      logFile: join(logs, 'emulator.log'),
      ...(options.port && { port: options.port }),
    });
    stops.push(() => emulator.stop());
    return {
      tools,
      emulator,
      caPath: tls.caPath,
      executionsTls: tls.issue('executions'),
      async startPostgres(settings = []) {
        onProgress(
          `starting PostgreSQL ${tools.postgres.version} (${tools.postgres.origin === 'machine' ? 'of this machine' : 'embedded'})`,
        );
        const postgres = await startPostgres({ programs: tools.postgres, tls, logFile: join(logs, 'postgres.log'), settings });
        stops.push(() => postgres.stop());
        return postgres;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
