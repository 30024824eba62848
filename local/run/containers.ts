/** The containers of one task as processes: started by their dependencies, ended together. */
import { startProcess, type Exit, type RunningProcess } from '../processes/start.ts';
import type { Container } from './task-definition.ts';

export type ContainerEnd = { name: string; exitCode?: number; reason?: string };

export type ContainerProcess = {
  command: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
  identity?: { uid: number; gid: number };
};

export type ContainersOptions = {
  containers: readonly Container[];
  prepare(container: Container): ContainerProcess;
  onLine: (container: string, line: string) => void;
  /** Ends the task. */
  signal: AbortSignal;
};

export type ContainersEnd = { containers: ContainerEnd[]; stoppedBy: 'essential-container' | 'signal' | 'start-failure' };

/** Exit codes of a process that a signal ended, as a shell counts them. */
const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};
const exitCodeOf = ({ code, signal }: Exit) => code ?? 128 + (signal ? (SIGNAL_NUMBERS[signal] ?? 0) : 0);

/** Resolves when no container is left running. */
export async function runContainers(options: ContainersOptions): Promise<ContainersEnd> {
  const running = new Map<string, RunningProcess>();
  const ends = new Map<string, ContainerEnd>();
  let stoppedBy: ContainersEnd['stoppedBy'] | undefined;
  const stopping = new AbortController();
  const stop = (by: ContainersEnd['stoppedBy']) => {
    stoppedBy ??= by;
    stopping.abort();
  };
  const onAbort = () => stop('signal');
  options.signal.addEventListener('abort', onAbort, { once: true });
  if (options.signal.aborted) onAbort();

  const life = (container: Container) => async () => {
    if (stopping.signal.aborted) return;
    const started = startProcess({
      ...options.prepare(container),
      stopGraceMs: container.stopTimeoutSeconds * 1_000,
      output: { onLine: (line) => options.onLine(container.name, line) },
    });
    running.set(container.name, started);
    const end = () => void started.stop().catch(() => undefined);
    stopping.signal.addEventListener('abort', end, { once: true });
    try {
      ends.set(container.name, { name: container.name, exitCode: exitCodeOf(await started.exited) });
      if (container.isEssential) stop('essential-container');
    } catch (error) {
      ends.set(container.name, { name: container.name, reason: `CannotStartContainerError: ${(error as Error).message}` });
      stop('start-failure');
    }
  };

  const lives = new Map<string, Promise<void>>();
  const started = new Map<string, Promise<void>>();
  for (const container of inOrder(options.containers)) {
    const ready = Promise.all(
      container.dependsOn.map(async ({ container: name, condition }) => (condition === 'START' ? started.get(name) : lives.get(name))),
    );
    const lived = ready.then(life(container));
    lives.set(container.name, lived);
    started.set(
      container.name,
      ready.then(() => undefined),
    );
  }
  await Promise.all(lives.values());
  options.signal.removeEventListener('abort', onAbort);
  return {
    containers: options.containers.map(({ name }) => ends.get(name) ?? { name, reason: 'Never started' }),
    stoppedBy: stoppedBy ?? 'essential-container',
  };
}

/** Dependencies first. ECS has refused circles when the definition was registered. */
function inOrder(containers: readonly Container[]): Container[] {
  const ordered: Container[] = [];
  const visit = (container: Container) => {
    if (ordered.includes(container)) return;
    for (const { container: name } of container.dependsOn) {
      const dependency = containers.find((candidate) => candidate.name === name);
      if (dependency) visit(dependency);
    }
    ordered.push(container);
  };
  containers.forEach(visit);
  return ordered;
}
