/** How many connections read a segmented dump side by side: what the size of the task carries, unless the plan says. */
import type { PostgresAsset } from '../plan/schema.ts';

const CPU_UNITS_PER_VCPU = 1024;
/** A session of the server writes COPY text at half the speed at which one vCPU here compresses and stores it. */
const WORKERS_PER_VCPU = 2;
const MOST_WORKERS = 16;
/** The main thread, pg_dump and what is on its way of its output. */
const MEMORY_OF_TASK_MIB = 200;
/** An isolate, a block of rows, and the parts that wait for the vault. */
const MEMORY_OF_WORKER_MIB = 64;

/** What the memory of a task carries. */
export const workersInMemory = ({ memoryMiB }: PostgresAsset['task']): number =>
  Math.max(1, Math.floor((memoryMiB - MEMORY_OF_TASK_MIB) / MEMORY_OF_WORKER_MIB));

export function chooseWorkers({ dump, task }: Pick<PostgresAsset, 'dump' | 'task'>): number {
  if (dump.workers !== undefined) return dump.workers;
  const byCpu = Math.floor((task.cpu / CPU_UNITS_PER_VCPU) * WORKERS_PER_VCPU);
  return Math.max(1, Math.min(byCpu, workersInMemory(task), MOST_WORKERS));
}
