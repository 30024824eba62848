import { expect, it } from 'vitest';
import { stateMachineArn } from '../../core/names.ts';
import { partitionOf } from '../../core/partition.ts';

it.each([
  ['eu-central-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['us-isof-south-1', 'aws-iso-f'],
  ['eu-isoe-west-1', 'aws-iso-e'],
  ['eusc-de-east-1', 'aws-eusc'],
])('%s is in %s', (region, partition) => {
  expect(partitionOf(region)).toBe(partition);
  const arn = stateMachineArn({ system: 'ida', account: '111122223333', region }, 'drill', 'replica');
  expect(arn).toBe(`arn:${partition}:states:${region}:111122223333:stateMachine:holdfast-ida-drill-replica`);
});
