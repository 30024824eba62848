/** Fargate has CPU and memory in fixed combinations. */
import { workersInMemory } from '../../backup/choose-workers.ts';
import { finding, postgresAssets, type Rule } from './rule.ts';

const MEMORY_STEP_MIB = 1024;
/** Least and most MiB for each amount of CPU units; in steps of 1024 but for the smallest, which also has 512. */
const MEMORY_MIB = { 256: [512, 2048], 512: [1024, 4096], 1024: [2048, 8192], 2048: [4096, 16_384], 4096: [8192, 30_720] } as const;

/** Fargate's largest task: it has to hold a drill's runner and its ephemeral database together. */
const MOST_MEMORY_MIB = 30_720;

export const checkDrillMemory: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset: { task, drill }, path }) => {
    const beside = task.memoryMiB + (drill.application?.memoryMiB ?? 0);
    const together = beside + drill.throwawayMemoryMiB;
    if (together <= MOST_MEMORY_MIB) return [];
    const who = drill.application === undefined ? 'its runner' : 'its runner and the application';
    const problem = `A drill would need ${together} MiB with ${who}, Fargate has at most ${MOST_MEMORY_MIB}`;
    const fix = beside < MOST_MEMORY_MIB ? `Write ${MOST_MEMORY_MIB - beside} or less` : 'Give the task and the application less';
    return [finding(plan, 'error', [...path, 'drill', 'throwawayMemoryMiB'], problem, fix)];
  });

export const checkTaskSize: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset: { task }, path }) => {
    const [least, most] = MEMORY_MIB[task.cpu];
    const isStep = task.memoryMiB % MEMORY_STEP_MIB === 0 || (task.cpu === 256 && task.memoryMiB === 512);
    if (task.memoryMiB >= least && task.memoryMiB <= most && isStep) return [];
    const nearest = Math.min(most, Math.max(least, Math.ceil(task.memoryMiB / MEMORY_STEP_MIB) * MEMORY_STEP_MIB));
    const problem = `With ${task.cpu} CPU units Fargate has ${least} to ${most} MiB, in steps of ${MEMORY_STEP_MIB}`;
    return [finding(plan, 'error', [...path, 'task', 'memoryMiB'], problem, `Write ${nearest}, or choose other CPU units`)];
  });

export const checkWorkers: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset: { dump, task }, path }) => {
    const most = workersInMemory(task);
    if (dump.workers === undefined || dump.workers <= most) return [];
    const problem = `${dump.workers} workers need more than the ${task.memoryMiB} MiB of the task`;
    return [finding(plan, 'error', [...path, 'dump', 'workers'], problem, `Write ${most} or less, or give the task more memory`)];
  });
