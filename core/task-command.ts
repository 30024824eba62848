export type TaskName = 'dump' | 'verify' | 'drill' | 'restore';

/**
 * Bytes on their way to S3 stand outside of Node's heap, and are freed when it is tidied up. A small nursery is tidied up often: a
 * dump of any size then stays under 256 MiB (docs/performance.md, "Memory").
 */
const NODE_OPTIONS: Partial<Record<TaskName, string[]>> = { dump: ['--max-semi-space-size=2'] };

/** What Node is started with, from the root of the app. */
export const taskArguments = (task: TaskName): string[] => [...(NODE_OPTIONS[task] ?? []), `tasks/${task}/entrypoint.ts`];

/**
 * The command of a task's container. A core dump would hold the keys that a drill has opened, and Node cannot lower that limit for
 * itself: a shell does, for good, and becomes Node.
 */
export const taskCommand = (task: TaskName): string[] => ['sh', '-c', 'ulimit -c 0 && exec "$@"', 'sh', 'node', ...taskArguments(task)];
