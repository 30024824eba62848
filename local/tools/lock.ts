/**
 * One holder at a time of a directory, by a lock that the kernel takes back when its holder dies. Node has no flock; the lock that
 * SQLite takes on its file is one.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { MachineNotReady } from '../errors.ts';

export type Lock = { release(): void };

const SQLITE_BUSY = 5;
const POLL_MS = 200;

export type LockOptions = {
  /** What the holder does, in a few words: whoever finds the lock taken reads it. */
  purpose: string;
  /** How long to wait for another holder; 0 refuses at once. */
  waitMs: number;
  onWait?: (holder: string) => void;
};

/** Throws MachineNotReady when somebody else still holds it after `waitMs`. */
export async function takeLock(path: string, options: LockOptions): Promise<Lock> {
  mkdirSync(dirname(path), { recursive: true });
  const noteFile = `${path}.holder`;
  const deadline = Date.now() + options.waitMs;
  let hasSaid = false;
  for (;;) {
    const held = tryLock(path);
    if (held) {
      writeFileSync(noteFile, `process ${process.pid} (${options.purpose}, since ${new Date().toISOString()})`);
      return { release: () => held.close() };
    }
    const holder = readNote(noteFile);
    if (Date.now() >= deadline) {
      throw new MachineNotReady(
        `${dirname(path)} is busy: ${holder} is using it`,
        'Wait until that has ended, or end that process, then try again',
      );
    }
    if (!hasSaid) options.onWait?.(holder);
    hasSaid = true;
    await sleep(POLL_MS);
  }
}

function tryLock(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path);
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}

/** The note is for the message only: between taking the lock and writing the note there is none, or that of the last holder. */
function readNote(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return 'another process';
  }
}
