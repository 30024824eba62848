/** Runs a program of the set-up to its end. */
import { spawn } from 'node:child_process';

export type Outcome = { code: number | null; stdout: string; stderr: string };

export type RunOptions = {
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  identity?: { uid: number; gid: number };
  timeoutMs: number;
  signal?: AbortSignal;
};

/** Resolves whatever the exit code is. Rejects when the program cannot be started. A program past its time is killed: code null. */
export function runProgram(command: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...options.env },
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
      signal: options.signal,
      ...options.identity,
    });
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout: Buffer.concat(chunks.stdout).toString(), stderr: Buffer.concat(chunks.stderr).toString() });
    });
  });
}

export const lastLines = (text: string, count: number) => text.trim().split('\n').slice(-count).join(' | ');
