/**
 * Fills the cache of compiled code in NODE_COMPILE_CACHE with what the tasks load, when their image is built: half a second of every
 * start is reading and compiling TypeScript. Each task is started without its configuration, and ends for that reason alone.
 */
import { spawnSync } from 'node:child_process';
import { FAILURES } from '../core/failure/classes.ts';
import { taskArguments, type TaskName } from '../core/task-command.ts';
import { startReader } from './dump/segments/reader-thread.ts';

const TASKS: TaskName[] = ['dump', 'verify', 'drill', 'restore'];

const { NODE_COMPILE_CACHE, PATH = '' } = process.env;
if (NODE_COMPILE_CACHE === undefined) throw new Error('NODE_COMPILE_CACHE does not say where compiled code is kept');

for (const task of TASKS) {
  const ended = spawnSync(process.execPath, taskArguments(task), { env: { PATH, NODE_COMPILE_CACHE }, encoding: 'utf8' });
  if (ended.status !== FAILURES.BadConfiguration.exitCode)
    throw new Error(`The task ${task} did not come as far as its configuration: ${ended.stderr || ended.stdout}`);
}
// The threads of a dump load a driver that nothing else has loaded by then.
const reader = startReader({ compression: { method: 'zstd', level: 1 }, partBytes: 1, parts: 1 }, () => undefined);
await reader.close();
