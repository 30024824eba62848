/** Runs one program and says what it cost: time, CPU by whose it was, memory at its highest, local disk. */
import { spawn } from 'node:child_process';
import { closeSync, lstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds, loadAverage, machineBusySeconds, serverCpuSeconds, treeMemoryMiB } from './processes.ts';

export type Command = { program: string; args: readonly string[]; env: Readonly<Record<string, string>>; cwd?: string };
export type Measured = {
  exitCode: number;
  wallSeconds: number;
  toolCpuSeconds: number;
  postgresCpuSeconds: number;
  storeCpuSeconds: number;
  /** Of everybody else on the machine, meanwhile. */
  otherCpuSeconds: number;
  peakMemoryMiB: number;
  diskMiB: number;
  loadBefore: number;
};
export type Surroundings = { postgresPid: number | undefined; storePids: readonly number[]; watched: string; logFile: string };

const SAMPLE_MILLISECONDS = 300;
/** A server has counted the work of a connection only when the connection's process has ended. */
const SETTLE_MILLISECONDS = 200;
const BYTES_PER_MIB = 2 ** 20;

export async function measure(command: Command, around: Surroundings): Promise<Measured> {
  const read = () => ({
    postgres: around.postgresPid === undefined ? 0 : serverCpuSeconds(around.postgresPid),
    store: around.storePids.reduce((sum, pid) => sum + serverCpuSeconds(pid), 0),
    machine: machineBusySeconds(),
    self: cpuSeconds('self'),
  });
  const diskBefore = diskBytes(around.watched);
  const loadBefore = loadAverage();
  const before = read();
  const startedAt = performance.now();
  const log = openSync(around.logFile, 'a');
  const child = spawn(command.program, command.args, { env: { ...command.env }, cwd: command.cwd, stdio: ['ignore', log, log] });
  closeSync(log);
  let peakMemoryMiB = 0;
  let peakDiskBytes = 0;
  const sampling = setInterval(() => {
    if (child.pid !== undefined) peakMemoryMiB = Math.max(peakMemoryMiB, treeMemoryMiB(child.pid));
    peakDiskBytes = Math.max(peakDiskBytes, diskBytes(around.watched) - diskBefore);
  }, SAMPLE_MILLISECONDS);
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  }).finally(() => clearInterval(sampling));
  const wallSeconds = (performance.now() - startedAt) / 1000;
  const diskAfter = diskBytes(around.watched) - diskBefore;
  await sleep(SETTLE_MILLISECONDS);
  const after = read();
  const toolCpuSeconds = after.self.reaped - before.self.reaped;
  const postgresCpuSeconds = after.postgres - before.postgres;
  const storeCpuSeconds = after.store - before.store;
  const known = toolCpuSeconds + postgresCpuSeconds + storeCpuSeconds + (after.self.own - before.self.own);
  return {
    exitCode,
    wallSeconds,
    toolCpuSeconds,
    postgresCpuSeconds,
    storeCpuSeconds,
    otherCpuSeconds: Math.max(0, after.machine - before.machine - known),
    peakMemoryMiB,
    diskMiB: Math.max(peakDiskBytes, diskAfter) / BYTES_PER_MIB,
    loadBefore,
  };
}

/** Blocks that files take, whoever else removes some meanwhile. */
function diskBytes(directory: string): number {
  let entries;
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch {
    return 0;
  }
  return entries.reduce((sum, entry) => {
    const path = join(entry.parentPath, entry.name);
    return sum + (entry.isDirectory() ? diskBytes(path) : blocksOf(path));
  }, 0);
}

const BLOCK_BYTES = 512;
function blocksOf(path: string): number {
  try {
    return lstatSync(path).blocks * BLOCK_BYTES;
  } catch {
    return 0;
  }
}
