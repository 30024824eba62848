/** The note that the holder of a local system leaves for other processes of this checkout, so that they can work with it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { MachineNotReady } from './errors.ts';
import { processStart } from './processes/identity.ts';
import { openSession, type LocalSession, type SessionOptions } from './session.ts';
import { trustAuthority } from './trust.ts';

const Files = z.object({ certPath: z.string(), keyPath: z.string() });

const LocalState = z.object({
  /** Name of the deployed system, and its plan. */
  system: z.string(),
  planPath: z.string(),
  place: z.object({
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
  executionsTls: Files,
  holder: z.object({ pid: z.int(), start: z.string() }),
});
export type LocalState = Omit<z.infer<typeof LocalState>, 'holder'>;

const pathOf = (directory: string) => join(directory, 'local.json');

/** It holds the emulator's root credentials: for this user alone. */
export function writeLocalState(directory: string, state: LocalState): void {
  const holder = { pid: process.pid, start: processStart(process.pid) ?? '' };
  writeFileSync(pathOf(directory), JSON.stringify({ ...state, holder }, null, 2), { mode: 0o600 });
}

export const removeLocalState = (directory: string) => rmSync(pathOf(directory), { force: true });

/** Throws MachineNotReady when no local system runs in this checkout. */
export function readLocalState(directory: string): LocalState {
  const notRunning = (why: string) =>
    new MachineNotReady(`No local system runs in this checkout: ${why}`, 'Start one and leave it running: npm run demo -- --keep');
  let text: string;
  try {
    text = readFileSync(pathOf(directory), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw notRunning('none was started');
    throw error;
  }
  const { holder, ...state } = LocalState.parse(JSON.parse(text));
  if (processStart(holder.pid) !== holder.start) throw notRunning(`process ${holder.pid}, which held it, has ended`);
  return state;
}

export type AttachOptions = Pick<SessionOptions, 'directory' | 'appDir' | 'environment' | 'onLine'>;

/** A session on a local system that another process holds. What it runs ends with this process. */
export async function attachSession(options: AttachOptions): Promise<LocalSession & { state: LocalState }> {
  const state = readLocalState(options.directory);
  trustAuthority(readFileSync(state.place.caPath, 'utf8'));
  const session = await openSession({ ...options, ...state });
  return { ...session, state };
}
