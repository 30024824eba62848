/** Runs the command line: as a child process, as a person would; or in this process, for everything that needs no process. */
import { spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { COMPILE_CACHE } from '../../local/processes/compile-cache.ts';
import { runCommandLine } from '../../cli/run.ts';
import { VERBS } from '../../cli/verbs.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/holdfast.ts', import.meta.url));

export type Run = { code: number | null; stdout: string; stderr: string };
export type RunOptions = {
  environment?: Record<string, string>;
  directory?: string;
  /** Where a system on this machine is announced: of the command line in this process only. */
  localDirectory?: string;
  onStderr?: (text: string, signal: (name: NodeJS.Signals) => void) => void;
};

export async function holdfast(words: readonly string[], { environment = {}, directory, onStderr }: RunOptions = {}): Promise<Run> {
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    // Nothing of the surroundings: no profile, no plan, no colours.
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      AWS_EC2_METADATA_DISABLED: 'true',
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...environment,
    },
    ...(directory === undefined ? {} : { cwd: directory }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    onStderr?.(stderr, (name) => child.kill(name));
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

/** The environment of somebody who is logged in to the emulator. */
export function emulatorEnvironment(): Record<string, string> {
  const { endpointUrl, caPath, accessKeyId, secretAccessKey } = inject('emulator');
  return {
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    NODE_EXTRA_CA_CERTS: caPath,
  };
}

/** The same without a process of its own: a child takes a second or more to start. */
export async function holdfastHere(
  words: readonly string[],
  { environment = {}, directory, localDirectory }: Omit<RunOptions, 'onStderr'> = {},
): Promise<Run> {
  const streams = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof streams) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        streams[name] += chunk.toString();
        done();
      },
    });
  const frame = {
    arguments: words,
    environment,
    workingDirectory: directory ?? process.cwd(),
    stdin: Readable.from([]),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    now: () => new Date(),
    onInterrupt: () => () => undefined,
  };
  const code = await runCommandLine(frame, VERBS, '0.0.0', localDirectory);
  return { code, ...streams };
}
