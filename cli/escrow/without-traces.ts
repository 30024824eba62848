import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { emptyCoreDumps } from '../../adapters/empty-core-dumps.ts';
import type { Frame } from '../frame.ts';

/** Says to the process begun anew that it is. */
const MARK = 'HOLDFAST_WITHOUT_TRACES';
/** What makes Node write files of its own: a cache of compiled sources, reports, profiles, snapshots of its memory. */
const TELLTALES = ['NODE_OPTIONS', 'NODE_COMPILE_CACHE', 'NODE_V8_COVERAGE', 'NODE_REPORT_DIRECTORY', 'NODE_DEBUG'];

/**
 * Whoever handles a share or an identity does so in a process that leaves no core dump when it crashes, and writes nothing of its
 * own. A process cannot lower that limit for itself from within Node, so it is begun anew under a shell that did.
 * @returns the exit code of the process begun anew; undefined when this is the one
 */
export async function beginWithoutTraces(frame: Frame): Promise<number | undefined> {
  if (frame.environment[MARK] === '1' && !mayDumpCore()) {
    emptyCoreDumps();
    return undefined;
  }
  const environment: Frame['environment'] = { ...frame.environment, [MARK]: '1' };
  for (const name of TELLTALES) delete environment[name];
  const program = [process.execPath, process.argv[1] ?? '', ...frame.arguments];
  const child = spawn('/bin/sh', ['-c', 'ulimit -c 0 && exec "$@"', 'holdfast', ...program], { env: environment, stdio: 'inherit' });
  // ^C reaches both: the child decides what comes of it.
  const forget = frame.onInterrupt(() => child.kill('SIGTERM'), true);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    forget();
  }
}

/** Where the kernel does not tell, the shell's word has to do. */
function mayDumpCore(): boolean {
  try {
    return !/^Max core file size\s+0\s/m.test(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return false;
  }
}
