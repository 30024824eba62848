/** A program of PostgreSQL as a child process: its output as a stream, its end as a value. */
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** `errorOutput` may quote rows: it is for classifying, never for telling. */
type ProgramEnd = { exitCode: number | undefined; signal: NodeJS.Signals | undefined; errorOutput: string };
export type RunningProgram = {
  stdin: Writable;
  stdout: Readable;
  /** Resolves when the process is gone and its output read; never rejects. */
  ended: Promise<ProgramEnd>;
  /** Ends the process: politely, so that pg_dump cancels its query on the server, then by force. Resolves when it is gone. */
  stop(): Promise<void>;
};

/** The first error is the cause, the last may only say that the rest failed too. */
const ERROR_OUTPUT_HEAD_BYTES = 64 * 1024;
const GRACE_MILLISECONDS = 3_000;

/** The environment is exactly `environment`: nothing is inherited. */
export function startProgram(path: string, args: readonly string[], environment: Record<string, string>): RunningProgram {
  const child = spawn(path, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  let errorOutput = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    if (errorOutput.length < ERROR_OUTPUT_HEAD_BYTES) errorOutput += text;
  });
  // The program may end before it has read everything: how it ended tells why.
  child.stdin.on('error', () => undefined);

  const gone = Promise.withResolvers<{ exitCode: number | undefined; signal: NodeJS.Signals | undefined }>();
  child.on('exit', (code, signal) => gone.resolve({ exitCode: code ?? undefined, signal: signal ?? undefined }));
  child.on('error', (error) => {
    errorOutput += error.message;
    gone.resolve({ exitCode: undefined, signal: undefined });
  });
  const errorOutputRead = new Promise<void>((resolve) => child.stderr.once('close', resolve));

  return {
    stdin: child.stdin,
    stdout: child.stdout,
    ended: Promise.all([gone.promise, errorOutputRead]).then(([end]) => ({ ...end, errorOutput })),
    async stop() {
      child.stdout.destroy();
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), GRACE_MILLISECONDS);
      await gone.promise;
      clearTimeout(force);
    },
  };
}
