/** The partition of AWS that a region is in, which begins every ARN: read off the region's name, so that nobody has to be asked. */
const PARTITIONS: readonly [region: string, partition: string][] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
  ['eusc-', 'aws-eusc'],
];

export const partitionOf = (region: string): string => PARTITIONS.find(([start]) => region.startsWith(start))?.[1] ?? 'aws';
