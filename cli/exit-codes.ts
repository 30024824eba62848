/**
 * Exit codes of the command line: the code of a failure class is the same as that of a task that ended by it, and both are stable.
 * Every verb's help lists those that it commonly ends with.
 */
import { FAILURES } from '../core/failure/classes.ts';
import type { FailureName } from '../core/failure/classes.ts';

export type ExitName = 'Done' | 'ProblemsFound' | 'StoppedWatching' | FailureName;

/** Of every verb that reads a vault. */
export const READING_EXITS = [
  'BadInput',
  'NotDeployed',
  'AwsUnreachable',
  'AwsLoginMissing',
  'VaultUnavailable',
  'VaultRefused',
] as const satisfies readonly ExitName[];

/** Of every verb that says something in a person's name. */
export const SIGNED_EXITS = [...READING_EXITS, 'DecisionRefused', 'PointDamaged'] as const satisfies readonly ExitName[];

const PROBLEMS_FOUND = 1;
/** What a shell reports of a program that ^C ended. */
const STOPPED_WATCHING = 130;

export const exitCode = (name: ExitName): number => {
  if (name === 'Done') return 0;
  if (name === 'ProblemsFound') return PROBLEMS_FOUND;
  if (name === 'StoppedWatching') return STOPPED_WATCHING;
  return FAILURES[name].exitCode;
};

const meaning = (name: ExitName): string => {
  if (name === 'Done') return 'done';
  if (name === 'ProblemsFound') return 'done, and what was looked at is not in order';
  if (name === 'StoppedWatching') return '^C: what runs on AWS goes on, what ran on this machine was stopped';
  return `${name}: ${FAILURES[name].what}`;
};

/** Lines for a verb's help, lowest code first. Whatever is not foreseen has the code of its class in the runbook. */
export const describeExits = (names: readonly ExitName[]): string =>
  [...new Set<ExitName>(['Done', ...names, 'OutputLost', 'Unexpected'])]
    .toSorted((a, b) => exitCode(a) - exitCode(b))
    .map((name) => `  ${String(exitCode(name)).padStart(3)}  ${meaning(name)}`)
    .join('\n');
