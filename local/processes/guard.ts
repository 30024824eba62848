/** Registers what must not outlive this process with its watchdog (watchdog.ts), which is started with the first of it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isReachableByOthers } from './reach.ts';

const OTHERS_ENTER = 0o001;
/** For what another account has to enter, when TMPDIR is a private one. */
const SHARED_TEMPORARY = '/tmp';

let watchdog: ChildProcess | undefined;

function tell(...words: string[]): void {
  if (!watchdog) {
    watchdog = spawn(process.execPath, [fileURLToPath(new URL('watchdog.ts', import.meta.url))], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: {},
    });
    watchdog.unref();
    (watchdog.stdin as unknown as { unref(): void }).unref();
    // A write after the watchdog's death must not take this process with it; the next one starts another.
    watchdog.stdin?.on('error', () => {});
    watchdog.once('exit', () => (watchdog = undefined));
  }
  watchdog.stdin?.write(`${words.join('\t')}\n`);
}

/** From now on the group of `pid` is ended when this process dies, however it dies. */
export const watchGroup = (pid: number, stopSignal: NodeJS.Signals) => tell('watch', String(pid), stopSignal);
export const releaseGroup = (pid: number) => tell('release', String(pid));

export type TemporaryDirectory = { path: string; remove(): void };

/** A directory that is gone when this process is. Its path is short: it may hold a Unix socket (107 characters at most). */
export function temporaryDirectory(purpose: string, mode = 0o700): TemporaryDirectory {
  const isForOthers = (mode & OTHERS_ENTER) !== 0;
  const parent = isForOthers && !isReachableByOthers(tmpdir()) ? SHARED_TEMPORARY : tmpdir();
  const path = mkdtempSync(join(parent, `holdfast-${purpose}-`));
  chmodSync(path, mode);
  tell('remove', path);
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true });
      tell('removed', path);
    },
  };
}
