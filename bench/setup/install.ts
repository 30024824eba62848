/**
 * Installs what is measured beside us, and the S3 server: nothing is installed by a measurement itself. Programs go into the state
 * directory; packages of the system only when this process may install them.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, runProgram } from '../../local/processes/run.ts';
import type { Place } from '../place.ts';
import { certificatePaths } from '../servers/store.ts';
import { findProgramFile } from './find-program.ts';

const PYTHON_PACKAGES = ['awscli==1.46.2', 'barman[cloud]==3.19.1', 'boto3', 'lz4', 'psycopg2-binary'];
const SYSTEM_PACKAGES = { pgbackrest: 'pgbackrest', restic: 'restic', zstd: 'zstd', openssl: 'openssl' };
/** WAL-G is not among them: its modules are not offered to `go install`. It is measured where a `wal-g` is found. */
const GO_PROGRAMS = { versitygw: 'github.com/versity/versitygw/cmd/versitygw@v1.8.0' };
const INSTALL_TIMEOUT_MS = 20 * 60_000;

type Step = { what: string; isDone: () => boolean; commands: string[][]; isForRoot?: boolean };

export async function setUp(place: Place, environment: NodeJS.ProcessEnv, say: (text: string) => void): Promise<void> {
  const path = environment['PATH'] ?? '';
  const isOurs = (file: string) => existsSync(file);
  const { cert, key } = certificatePaths(place);
  const python = join(place.python, 'bin');
  const steps: Step[] = [
    ...Object.entries(SYSTEM_PACKAGES).map(([program, name]) => ({
      what: program,
      isDone: () => findProgramFile(program, path) !== undefined,
      commands: [
        ['apt-get', 'update', '-q'],
        ['apt-get', 'install', '-y', '-q', '--no-install-recommends', name],
      ],
      isForRoot: true,
    })),
    ...Object.entries(GO_PROGRAMS).map(([program, module]) => ({
      what: program,
      isDone: () => isOurs(join(place.bin, program)) || findProgramFile(program, path) !== undefined,
      commands: [['go', 'install', module]],
    })),
    {
      what: 'aws and barman-cloud',
      isDone: () => isOurs(join(python, 'barman-cloud-backup')),
      commands: [
        ['python3', '-m', 'venv', place.python],
        [join(python, 'pip'), 'install', '-q', ...PYTHON_PACKAGES],
      ],
    },
    {
      what: 'a certificate for the S3 server',
      isDone: () => isOurs(cert),
      commands: [
        // prettier-ignore
        ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
      ],
    },
  ];
  for (const step of steps) say(`${step.what}: ${await take(step, { ...environment, GOBIN: place.bin })}`);
}

async function take({ isDone, commands, isForRoot }: Step, env: NodeJS.ProcessEnv): Promise<string> {
  if (isDone()) return 'is here';
  if (isForRoot && process.getuid?.() !== 0) return 'is missing, and only root can install it';
  for (const [program = '', ...args] of commands)
    try {
      const { code, stderr } = await runProgram(program, args, { env, timeoutMs: INSTALL_TIMEOUT_MS });
      if (code !== 0) return `could not be installed: ${lastLines(stderr, 1)}`;
    } catch (error) {
      return `could not be installed: ${error instanceof Error ? error.message : String(error)}`;
    }
  return 'installed';
}
