/** Fargate sells memory in steps that depend on the CPU: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html */
const SIZES = [
  { cpu: 256, leastMiB: 512, mostMiB: 2048 },
  { cpu: 512, leastMiB: 1024, mostMiB: 4096 },
  { cpu: 1024, leastMiB: 2048, mostMiB: 8192 },
  { cpu: 2048, leastMiB: 4096, mostMiB: 16_384 },
  { cpu: 4096, leastMiB: 8192, mostMiB: 30_720 },
] as const;
const STEP_MIB = 1024;

export type TaskSize = { cpu: number; memoryMiB: number };

/** The smallest size that has at least this much of both. Throws RangeError past the largest. */
export function taskSize(atLeast: TaskSize): TaskSize {
  const size = SIZES.find(({ cpu, mostMiB }) => cpu >= atLeast.cpu && mostMiB >= atLeast.memoryMiB);
  if (size === undefined)
    throw new RangeError(`No Fargate task has ${atLeast.cpu} CPU units and ${atLeast.memoryMiB} MiB; the largest has 4096 and 30720`);
  const isHalfGibibyte = size.cpu === 256 && atLeast.memoryMiB <= 512;
  return { cpu: size.cpu, memoryMiB: isHalfGibibyte ? 512 : Math.max(size.leastMiB, Math.ceil(atLeast.memoryMiB / STEP_MIB) * STEP_MIB) };
}
