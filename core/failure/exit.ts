/** Exit codes: how a Fargate task says which class of failure ended it. */
import { FAILURES } from './classes.ts';
import type { FailureName } from './classes.ts';

export const exitCodeOf = (name: FailureName): number => FAILURES[name].exitCode;

export const isFailureName = (name: string): name is FailureName => Object.hasOwn(FAILURES, name);

export const failureNames: readonly FailureName[] = Object.keys(FAILURES).filter(isFailureName);

const byExitCode = new Map<number, FailureName>(failureNames.map((name) => [exitCodeOf(name), name]));

/** Undefined when the code is none of ours: 0, a signal (128 and up), or a program that ended before it could say why. */
export const failureOfExitCode = (code: number): FailureName | undefined => byExitCode.get(code);
