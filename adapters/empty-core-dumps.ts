import { writeFileSync } from 'node:fs';

/**
 * Leaves nothing of this process's memory, nor of what it starts from now on, in a core dump. The limit of a core file's size (`ulimit -c 0`)
 * is not enough: where the kernel pipes dumps to a program, as many distributions have it, that limit counts for nothing (core(5)).
 * A system without such a filter is left as it is.
 */
export function emptyCoreDumps(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // No Linux, or a file system of processes that may not be written.
  }
}
