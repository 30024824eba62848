/** What workers give within one table where a connection, not a core, is the limit: as it is to a database across a network. */
import { join } from 'node:path';
import { startProcess } from '../../local/processes/start.ts';
import { ownTool } from '../peers/own.ts';
import { APP_ROOT } from '../place.ts';
import { backUp, type Measuring } from './run-tool.ts';
import type { Bench } from '../peers/peer.ts';
import { cpuSeconds } from '../measure/processes.ts';

export const SHAPED_BYTES_PER_SECOND = 50_000_000;
export const SHAPED_WORKERS = [1, 4] as const;

export const shapedName = (workers: number) => `holdfast-${workers}`;

export type Shaper = { port: number; pid: number; stop: () => Promise<void> };

/** The kernel, where it lets us: it takes no processor time. Elsewhere a proxy, which takes a good part of a core. */
export async function startShaper(server: { pid: number; port: number }, bytesPerSecond = SHAPED_BYTES_PER_SECOND): Promise<Shaper> {
  return startKernelPacing(server, bytesPerSecond).catch(() => startProxy(server.port, bytesPerSecond));
}

export const startKernelPacing = ({ pid, port }: { pid: number; port: number }, bytesPerSecond: number): Promise<Shaper> =>
  startListening('python3', [join(SHAPING, 'pace.py'), String(pid), String(port), String(bytesPerSecond)]);

export const startProxy = (targetPort: number, bytesPerSecond: number): Promise<Shaper> =>
  startListening(process.execPath, [join(SHAPING, 'proxy.ts'), String(targetPort), String(bytesPerSecond)]);

const SHAPING = join(APP_ROOT, 'bench', 'shaping');

/** Both say the port to connect to, and are ready then. */
async function startListening(command: string, args: readonly string[]): Promise<Shaper> {
  const listening = Promise.withResolvers<number>();
  const running = startProcess({
    command,
    args,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    stopGraceMs: 2_000,
    output: { onLine: (line, stream) => stream === 'stdout' && listening.resolve(Number(line)) },
  });
  running.exited.then(
    () => listening.reject(new Error('The shaper ended before it listened')),
    (error: unknown) => listening.reject(error),
  );
  return { port: await listening.promise, pid: running.pid, stop: async () => void (await running.stop()) };
}

/** `bench` finds its database through the shaper. */
export async function measureShaped(bench: Bench, shaper: Shaper, rounds: number, measuring: Measuring): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    measuring.say(`Shaped connections, round ${round} of ${rounds}`);
    for (const workers of SHAPED_WORKERS) {
      const tool = ownTool(shapedName(workers), `${workers} workers`, { format: 'segmented', workers });
      const before = cpuSeconds(shaper.pid).own;
      await backUp(bench, tool, {
        ...measuring,
        save: (result) => {
          const shaperSeconds = cpuSeconds(shaper.pid).own - before;
          measuring.save({ ...result, work: 'shaped', otherCpuSeconds: Math.max(0, (result.otherCpuSeconds ?? 0) - shaperSeconds) });
        },
      });
      for (const prefix of tool.prefixes) await bench.store.wipe(tool.bucket, prefix);
    }
  }
}
