/** Everything that this machine needs beside Node: made ready once, under one directory, by one process at a time. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from './lock.ts';
import { ensureEmbeddedPrograms, findMachinePrograms, type PostgresPrograms } from './postgres-programs.ts';
import { ensurePythonEnvironment } from './python.ts';

export type Tools = { python: string; postgres: PostgresPrograms };

export type EnsureOptions = {
  /** `.holdfast` of the checkout. */
  directory: string;
  /** Where the tools are kept, when that is not under `directory`. */
  tools?: string;
  environment: NodeJS.ProcessEnv;
  onProgress?: (line: string) => void;
  /** `embedded`: even if the machine has PostgreSQL programs of its own. */
  postgres?: 'prefer-machine' | 'embedded';
};

/** Longer than a slow install: whoever comes second waits for the first one's work instead of doing it again. */
const WAIT_MS = 300_000;

export async function ensureTools(options: EnsureOptions): Promise<Tools> {
  const parent = options.tools ?? join(options.directory, 'tools');
  mkdirSync(parent, { recursive: true });
  const lock = await takeLock(join(parent, 'lock'), {
    purpose: 'installing the local tools',
    waitMs: WAIT_MS,
    onWait: (holder) => options.onProgress?.(`waiting for ${holder}`),
  });
  try {
    options.onProgress?.('making the emulator and PostgreSQL ready');
    const python = await ensurePythonEnvironment(parent, options.environment);
    const machine = options.postgres === 'embedded' ? undefined : await findMachinePrograms(options.environment);
    return { python: python.python, postgres: machine ?? (await ensureEmbeddedPrograms(parent, python, options.environment)) };
  } finally {
    lock.release();
  }
}
