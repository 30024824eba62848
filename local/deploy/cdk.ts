/** The CDK's own command line, as a platform team runs it, against the emulator. */
import { createWriteStream } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { MachineNotReady } from '../errors.ts';
import { temporaryDirectory } from '../processes/guard.ts';
import { startProcess } from '../processes/start.ts';
import type { LocalPlace } from '../run/place.ts';

export type CdkOptions = {
  place: LocalPlace;
  /** The checkout, where cdk.json is. */
  appDir: string;
  logFile: string;
  onLine?: (line: string) => void;
  signal?: AbortSignal;
  /** `checkout` has the app's cdk.json; `elsewhere` has none, for commands that need no app. */
  from?: 'checkout' | 'elsewhere';
};

const STOP_GRACE_MS = 5_000;
const LINES_OF_AN_ERROR = 12;

/** Resolves when the command has succeeded. Throws MachineNotReady with what it said last. */
export async function runCdk(args: readonly string[], options: CdkOptions): Promise<void> {
  const { place, appDir, logFile } = options;
  const home = temporaryDirectory('cdk');
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  const lines: string[] = [];
  const cdk = startProcess({
    command: process.execPath,
    args: [join(appDir, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args, '--ca-bundle-path', place.caPath],
    cwd: options.from === 'elsewhere' ? home.path : appDir,
    env: {
      PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
      // Neither the user's profiles nor the user's caches have a part in this.
      HOME: home.path,
      TMPDIR: home.path,
      AWS_ACCESS_KEY_ID: place.accessKeyId,
      AWS_SECRET_ACCESS_KEY: place.secretAccessKey,
      AWS_REGION: place.region,
      AWS_ENDPOINT_URL: place.endpointUrl,
      AWS_CA_BUNDLE: place.caPath,
      NODE_EXTRA_CA_CERTS: place.caPath,
      AWS_EC2_METADATA_DISABLED: 'true',
      CI: 'true',
      // A second look at the templates that takes half of a synthesis; the emulator looks at them next.
      CDK_VALIDATION: 'false',
      NO_COLOR: '1',
    },
    stopGraceMs: STOP_GRACE_MS,
    output: {
      onLine(line) {
        log.write(`${line}\n`);
        if (line.trim() !== '') lines.push(line.trim());
        options.onLine?.(line);
      },
    },
  });
  const stop = () => void cdk.stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const { code, signal } = await cdk.exited;
    options.signal?.throwIfAborted();
    if (code === 0) return;
    const said = lines.slice(-LINES_OF_AN_ERROR).join('\n  ');
    throw new MachineNotReady(`cdk ${args[0]} ended with ${signal ?? `exit code ${code}`}:\n  ${said}\n`, `Read ${logFile}`);
  } finally {
    options.signal?.removeEventListener('abort', stop);
    log.end();
    home.remove();
  }
}
