import { readFileSync } from 'node:fs';

/** Whether a process would leave anything of its memory in a file or, however small files must be, with a program that dumps are piped to. */
export function mayDumpCore(pid: number): boolean {
  const [limits, filter] = ['limits', 'coredump_filter'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
  return !/^Max core file size\s+0\s+0\s/m.test(limits ?? '') || !/^0+$/m.test(filter ?? '');
}
