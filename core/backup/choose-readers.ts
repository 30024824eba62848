/** How many objects of a segmented point are read at once: what the size of the task carries. */
import type { PostgresAsset } from '../plan/schema.ts';

const CPU_UNITS_PER_VCPU = 1024;
/** One connection to S3 brings far less than a vCPU can hash and decompress. */
const READERS_PER_VCPU = 4;
const FEWEST_READERS = 2;
const MOST_READERS = 16;
/** Node, pg_restore, the manifest, and the contents of the archive. */
const MEMORY_OF_TASK_MIB = 256;
/** The pieces of one object that are on their way, compressed and not. */
const MEMORY_OF_READER_MIB = 8;

export function chooseReaders({ task }: Pick<PostgresAsset, 'task'>): number {
  const byCpu = Math.floor((task.cpu / CPU_UNITS_PER_VCPU) * READERS_PER_VCPU);
  const byMemory = Math.floor((task.memoryMiB - MEMORY_OF_TASK_MIB) / MEMORY_OF_READER_MIB);
  return Math.max(FEWEST_READERS, Math.min(byCpu, byMemory, MOST_READERS));
}
