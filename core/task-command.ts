export type TaskName = 'dump' | 'verify' | 'drill' | 'restore';

/**
 * Bytes on their way to S3 stand outside of Node's heap, and are freed when it is tidied up. A small nursery is tidied up often: a
 * dump of any size then stays under 256 MiB (docs/performance.md, "Memory").
 */
const NODE_OPTIONS: Partial<Record<TaskName, string[]>> = { dump: ['--max-semi-space-size=2'] };

/** The command of a task's container, from the root of the app. */
export const taskCommand = (task: TaskName): string[] => ['node', ...(NODE_OPTIONS[task] ?? []), `tasks/${task}/entrypoint.ts`];
