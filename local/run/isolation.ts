/**
 * How a container is kept apart on this machine. As root each has a user id of its own, as on Fargate. A container that is not
 * essential (the throwaway database, in which a restored dump can run programs) gets namespaces besides, where the kernel allows
 * them: its own processes, its own root directory with nothing in it but the system's programs and its volumes, and no network, unless
 * it has ports that others of its task ask.
 */
import { accessSync, constants, existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MachineNotReady } from '../errors.ts';
import { runProgram } from '../processes/run.ts';
import type { Container } from './task-definition.ts';
import { parseUser } from './volumes.ts';

/** As the runner of a drill is told in HOLDFAST_ISOLATION, and as its evidence says. */
export type Isolation = 'own-uid' | 'user-namespace' | 'none';

export type Launch = { command: string; args: string[]; identity?: { uid: number; gid: number } };

export type Isolator = {
  isolation: Isolation;
  launch(container: Container, command: readonly string[], surroundings: Surroundings): Launch;
};

export type Surroundings = {
  /** Of the task: gone with it. */
  directory: string;
  /** Directories that the container may use, at the paths where they are. */
  visible: readonly string[];
  workingDirectory: string;
  /** Shows the checkout at another path, for a user who cannot enter the directory that it is in. */
  bind?: { from: string; to: string };
};

const ENTER = fileURLToPath(new URL('enter-container.sh', import.meta.url));
const PROBE_TIMEOUT_MS = 10_000;
const BIND_CHECKOUT = 'set -e; mkdir -p "$2"; mount --bind "$1" "$2"; cd "$2"; shift 2; exec "$@"';
const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--ipc'];

export async function createIsolator(environment: NodeJS.ProcessEnv): Promise<Isolator> {
  const isRoot = process.getuid?.() === 0;
  const setpriv = findProgram('setpriv', environment);
  const chroot = findProgram('chroot', environment);
  const unshare = setpriv && chroot && findProgram('unshare', environment);
  const asUser = (container: Container): string[] => {
    const { uid, gid } = parseUser(container.user) ?? { uid: 65_534, gid: 65_534 };
    const namespaces = container.hasPorts ? NAMESPACES : [...NAMESPACES, '--net'];
    return isRoot ? namespaces : ['--user', `--map-user=${uid}`, `--map-group=${gid}`, '--keep-caps', ...namespaces];
  };
  const probe = { user: '10002:10002' } as Container;
  const hasNamespaces =
    unshare !== undefined && (await runs(unshare, [...asUser(probe), 'sh', '-c', 'mount -t tmpfs tmpfs /tmp'], environment));
  return {
    isolation: isRoot ? 'own-uid' : hasNamespaces ? 'user-namespace' : 'none',
    launch(container, command, surroundings) {
      const user = parseUser(container.user);
      if (unshare && chroot && hasNamespaces && !container.isEssential && user) {
        return {
          command: unshare,
          args: [...asUser(container), 'sh', ENTER, ...enterArguments(user, surroundings, { setpriv, chroot }), ...command],
        };
      }
      const [program = '', ...args] = command;
      if (!isRoot || !user) return { command: program, args };
      const { bind } = surroundings;
      if (bind && !(unshare && setpriv && hasNamespaces && isOpen(bind.from))) {
        throw new MachineNotReady(
          `Other users cannot read the checkout ${bind.from}, and as root each task runs as a user of its own`,
          'Make a checkout that others can read, in a directory that they can enter, or run this as an ordinary user',
        );
      }
      if (!setpriv) return { command: program, args, identity: user };
      const drop = [
        `--reuid=${user.uid}`,
        `--regid=${user.gid}`,
        '--clear-groups',
        '--no-new-privs',
        '--inh-caps=-all',
        '--bounding-set=-all',
      ];
      const dropped = [setpriv, ...drop, '--', ...command];
      if (bind && unshare) return { command: unshare, args: ['--mount', 'sh', '-c', BIND_CHECKOUT, 'sh', bind.from, bind.to, ...dropped] };
      return { command: setpriv, args: dropped.slice(1) };
    },
  };
}

/** The new root is made inside the namespaces, on a directory of the task; here only what it is made of. */
function enterArguments(
  user: { uid: number; gid: number },
  surroundings: Surroundings,
  programs: { setpriv: string; chroot: string },
): string[] {
  const root = join(surroundings.directory, 'root');
  const accounts = join(surroundings.directory, 'passwd');
  mkdirSync(root, { recursive: true, mode: 0o755 });
  // initdb asks for the name of its user.
  writeFileSync(accounts, `root:x:0:0::/:/bin/false\ncontainer:x:${user.uid}:${user.gid}::/:/bin/false\n`, { mode: 0o644 });
  const visible = [...new Set(surroundings.visible.filter((path) => existsSync(path)).map((path) => realpathSync(path)))];
  return [
    root,
    accounts,
    String(user.uid),
    String(user.gid),
    programs.setpriv,
    programs.chroot,
    surroundings.workingDirectory,
    String(visible.length),
    ...visible,
  ];
}

const OTHERS_READ_AND_ENTER = 0o005;
/** Wherever it stands: whether others could use it if they could get to it. */
const isOpen = (directory: string) => (statSync(directory).mode & OTHERS_READ_AND_ENTER) === OTHERS_READ_AND_ENTER;

function findProgram(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const candidates = [...(environment['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin', '/sbin', '/usr/sbin'].filter(Boolean);
  return candidates.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return dirname(path) !== '.';
  } catch {
    return false;
  }
}

async function runs(command: string, args: string[], environment: NodeJS.ProcessEnv): Promise<boolean> {
  const { code } = await runProgram(command, args, { env: environment, timeoutMs: PROBE_TIMEOUT_MS }).catch(() => ({ code: 1 }));
  return code === 0;
}
