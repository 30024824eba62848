/** Memory of a task as the limit of a Fargate task counts it: of the whole process tree. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const SAMPLE_MILLISECONDS = 100;

/** Memory of a process and its descendants; what they share counts once. Unit: MiB. */
function treeMemoryMiB(root: number): number {
  const parents = new Map<number, number>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = read(`/proc/${pid}/stat`);
    parents.set(Number(pid), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const isOfTree = (pid: number): boolean => pid === root || (parents.has(pid) && isOfTree(parents.get(pid) ?? 0));
  let kib = 0;
  for (const pid of parents.keys()) if (isOfTree(pid)) kib += Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  return kib / 1024;
}
const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
};

/** The highest that was seen until `ended` settled. Unit: MiB. */
export async function peakMemoryMiB(pid: number, ended: Promise<unknown>): Promise<number> {
  let peak = 0;
  const sampling = new AbortController();
  const end = ended.finally(() => sampling.abort());
  while (!sampling.signal.aborted) {
    peak = Math.max(peak, treeMemoryMiB(pid));
    await sleep(SAMPLE_MILLISECONDS);
  }
  await end;
  return peak;
}
