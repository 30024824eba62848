/**
 * The system that runs on this machine, as whoever runs it announces it to the command line: one file, gone when the system is. It
 * names the root credentials of the emulator, which reach nothing but the emulator.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { NothingRunsHere } from './errors.ts';

export const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
/** What belongs to the local system: `.holdfast` of the checkout. */
export const LOCAL_DIRECTORY = join(CHECKOUT, '.holdfast');

const LocalSystem = z.strictObject({
  /** The process that holds the servers. */
  pid: z.int().positive(),
  system: z.string(),
  /** The plan that was deployed: an absolute path, since the command line may be called from elsewhere. */
  planPath: z.string(),
  place: z.strictObject({
    endpointUrl: z.string(),
    caPath: z.string(),
    accountId: z.string(),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    region: z.string(),
  }),
  programs: z.object({
    binDir: z.string(),
    major: z.int(),
    version: z.string(),
    origin: z.enum(['machine', 'embedded']),
    root: z.string().optional(),
  }),
  databaseCaPath: z.string(),
  executionsTls: z.strictObject({ certPath: z.string(), keyPath: z.string() }),
});
export type LocalSystem = z.infer<typeof LocalSystem>;

const fileIn = (directory: string) => join(directory, 'local.json');

/** @param directory `.holdfast` of the checkout. The answer takes the announcement back. */
export function announceLocalSystem(directory: string, system: LocalSystem): () => void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(fileIn(directory), JSON.stringify(LocalSystem.parse(system), null, 2), { mode: 0o600 });
  return () => rmSync(fileIn(directory), { force: true });
}

/** Undefined when none is announced, or when the process that announced it has ended without taking it back. */
export function findLocalSystem(directory: string): LocalSystem | undefined {
  let text: string;
  try {
    text = readFileSync(fileIn(directory), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const announced = LocalSystem.safeParse(JSON.parse(text));
  return announced.success && isRunning(announced.data.pid) ? announced.data : undefined;
}

/** Throws NothingRunsHere. */
export function requireLocalSystem(directory: string): LocalSystem {
  const running = findLocalSystem(directory);
  if (running === undefined) throw new NothingRunsHere('No system runs on this machine');
  return running;
}

/** Whether the process that holds its servers is still there. */
export const isStillRunning = ({ pid }: Pick<LocalSystem, 'pid'>): boolean => isRunning(pid);

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, and another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
