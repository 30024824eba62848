/** What Linux tells of processes under /proc. A process that ends while it is looked at counts as nothing. */
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
const KIB_PER_MIB = 1024;

type Stat = { parent: number; ownSeconds: number; reapedSeconds: number };

function readStat(pid: number | 'self'): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name, in brackets, may hold blanks: count from behind it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const seconds = (from: number) => (Number(fields[from]) + Number(fields[from + 1])) / TICKS_PER_SECOND;
  return { parent: Number(fields[1]), ownSeconds: seconds(11), reapedSeconds: seconds(13) };
}

const allProcesses = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** CPU of one process, and of the children that it has waited for. */
export function cpuSeconds(pid: number | 'self'): { own: number; reaped: number } {
  const stat = readStat(pid);
  return { own: stat?.ownSeconds ?? 0, reaped: stat?.reapedSeconds ?? 0 };
}

/** CPU of a server with all its children, living and dead. */
export function serverCpuSeconds(pid: number): number {
  const server = readStat(pid);
  if (server === undefined) return 0;
  const living = allProcesses()
    .map(readStat)
    .filter((stat) => stat?.parent === pid)
    .reduce((sum, stat) => sum + (stat?.ownSeconds ?? 0), 0);
  return server.ownSeconds + server.reapedSeconds + living;
}

/** Everything that the machine has computed, whoever asked for it. */
export function machineBusySeconds(): number {
  const line = readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '';
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}

export function loadAverage(): number {
  return Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
}

/** The proportional set size of a process and its descendants: shared pages are counted once. */
export function treeMemoryMiB(root: number): number {
  const children = new Map<number, number[]>();
  for (const pid of allProcesses()) {
    const parent = readStat(pid)?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  let kib = 0;
  for (const queue = [root]; queue.length > 0;) {
    const pid = queue.pop() ?? 0;
    kib += memoryKib(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return kib / KIB_PER_MIB;
}

function memoryKib(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
