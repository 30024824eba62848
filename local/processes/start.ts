/** Starts a program as the leader of a process group of its own, guarded: stopping it, or our own death, ends the whole group. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { COMPILE_CACHE } from './compile-cache.ts';
import { releaseGroup, watchGroup } from './guard.ts';

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type ProcessOptions = {
  command: string;
  args: readonly string[];
  /** The whole environment: nothing is inherited. What Node compiles is kept. */
  env: Readonly<Record<string, string>>;
  cwd?: string;
  /** Needs root. All supplementary groups are dropped. */
  identity?: { uid: number; gid: number };
  /** Asks the program to end by itself. */
  stopSignal?: NodeJS.Signals;
  /** After this long it is killed. */
  stopGraceMs: number;
  output: { file: string } | { onLine: (line: string, stream: 'stdout' | 'stderr') => void };
  /** Opens a channel of messages to a Node program. */
  onMessage?: (message: unknown) => void;
};

export type RunningProcess = {
  pid: number;
  /** Settles when the program has ended and its output has been read to the end. Rejects when it could not be started. */
  exited: Promise<Exit>;
  /** Resolves once it is gone; a second call waits for the same end. */
  stop(): Promise<Exit>;
  /** Only for a program started with `onMessage`. */
  send(message: object): void;
};

export function startProcess(options: ProcessOptions): RunningProcess {
  const stopSignal = options.stopSignal ?? 'SIGTERM';
  const child = spawnChild(options);
  const { pid } = child;
  if (pid !== undefined) watchGroup(pid, stopSignal);
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  child.once('exit', () => {
    if (pid === undefined) return;
    // What the program started and left running goes with it.
    signalGroup(pid, 'SIGKILL');
    releaseGroup(pid);
  });
  // Whoever awaits `exited` or `stop()` sees the failure; a start that nobody awaits must not end this process.
  exited.catch(() => {});
  return {
    pid: pid ?? 0,
    exited,
    send(message) {
      // A program that is ending cannot be told any more; whoever waits for an answer sees its exit.
      if (child.connected) child.send(message);
    },
    async stop() {
      if (pid !== undefined && child.exitCode === null && child.signalCode === null) {
        signalGroup(pid, stopSignal);
        const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), options.stopGraceMs);
        await exited.finally(() => clearTimeout(timer));
      }
      return exited;
    },
  };
}

function spawnChild(options: ProcessOptions): ChildProcess {
  const common = { env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...options.env }, cwd: options.cwd, detached: true, ...options.identity };
  if ('file' in options.output) {
    const log = openSync(options.output.file, 'a', 0o600);
    try {
      return spawn(options.command, options.args, { ...common, stdio: ['ignore', log, log] });
    } finally {
      closeSync(log);
    }
  }
  const { onLine } = options.output;
  const child = spawn(options.command, options.args, {
    ...common,
    stdio: ['ignore', 'pipe', 'pipe', ...(options.onMessage ? ['ipc' as const] : [])],
  });
  if (!child.stdout || !child.stderr) throw new TypeError('A program was started without its output');
  if (options.onMessage) child.on('message', options.onMessage);
  createInterface({ input: child.stdout }).on('line', (line) => onLine(line, 'stdout'));
  createInterface({ input: child.stderr }).on('line', (line) => onLine(line, 'stderr'));
  return child;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: it ended in the meantime, which is what was wanted. EPERM: only zombies are left of the group.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
