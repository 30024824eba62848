/**
 * Names of everything that Holdfast deploys, computed from the plan alone: no stack has to read another stack's outputs, so a
 * region can be lost without the other region's stacks losing a reference. `account` may be CDK's account token.
 */
import { partitionOf } from './partition.ts';

export type Place = { system: string; account: string; region: string };

/** Longest name: holdfast-<16>-replica-<12>-<14>: 61 of S3's 63 characters. */
export const vaultBucketName = (p: Place) => `holdfast-${p.system}-vault-${p.account}-${p.region}`;
export const replicaBucketName = (p: Place) => `holdfast-${p.system}-replica-${p.account}-${p.region}`;
export const escrowBucketName = (p: Place) => `holdfast-${p.system}-escrow-${p.account}-${p.region}`;

/** Purposes of the KMS keys. Every region has a key of its own for each purpose. */
export type KeyPurpose = 'vault' | 'escrow' | 'fingerprint' | 'evidence';
export const keyAlias = (system: string, purpose: KeyPurpose) => `alias/holdfast/${system}/${purpose}`;

export type Stage = 'backup' | 'escrow' | 'drill' | 'restore' | 'retention' | 'hold' | 'audit';
/** Beside which vault something runs. The names differ, since a role's name is its account's and both regions may be of one account. */
export type Side = 'vault' | 'replica';
/** The machines beside each vault: points are made, and keys kept, at home alone. */
export const STAGES: Readonly<Record<Side, readonly Stage[]>> = {
  vault: ['backup', 'escrow', 'drill', 'restore', 'retention', 'hold', 'audit'],
  replica: ['drill', 'restore', 'retention', 'hold', 'audit'],
};
const ofSide = (side: Side) => (side === 'replica' ? '-replica' : '');
export const stateMachineName = (system: string, stage: Stage, side: Side = 'vault') => `holdfast-${system}-${stage}${ofSide(side)}`;
export const stateMachineArn = ({ system, account, region }: Place, stage: Stage, side: Side) =>
  `arn:${partitionOf(region)}:states:${region}:${account}:stateMachine:${stateMachineName(system, stage, side)}`;

export const TASKS = ['dump', 'verify', 'drill', 'restore'] as const;
export type TaskName = (typeof TASKS)[number];
export const taskFamily = (system: string, asset: string, task: TaskName) => `holdfast-${system}-${asset}-${task}`;
/** A role's name has 64 characters: the longest leaves no room for more than a digit to tell the second region's from home's. */
export const taskRoleName = (system: string, asset: string, task: TaskName, side: Side = 'vault') =>
  `holdfast-${system}-${asset}-${task}${side === 'replica' ? '-2' : ''}`;

/** `functionName` is the handler's path with hyphens, such as `backup-admit-slot`. One role per function, of the same name. */
export const functionName = (system: string, handler: string, side: Side = 'vault') =>
  `holdfast-${system}-${handler.replace('/', '-')}${ofSide(side)}`;

/** The document of Systems Manager that stops and starts services of Docker Compose. */
export const composeDocumentName = (system: string) => `holdfast-${system}-compose`;
export const clusterName = (system: string) => `holdfast-${system}`;
export const alarmTopicName = (system: string) => `holdfast-${system}-alarms`;
export const stackName = (system: string, part: 'vault' | 'replica-vault' | 'pipeline' | 'recovery') => `holdfast-${system}-${part}`;
/** Of what belongs to single assets, beside the pipeline or beside the recovery. */
export const assetStackName = (system: string, number: number, side: Side = 'vault') =>
  `${stackName(system, side === 'vault' ? 'pipeline' : 'recovery')}-${number}`;
