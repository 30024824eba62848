import { HoldfastError } from '../core/failure/error.ts';
import type { FailureName } from '../core/failure/classes.ts';

/** Something on this machine stands in the way: a program is missing, a port is taken, the directory is in use. */
export class MachineNotReady extends HoldfastError {
  readonly failure: FailureName = 'BadConfiguration';
}

/** One line for a person: what, why, what to do. */
export const oneLine = (error: HoldfastError) => `${error.message.trim()}. ${error.advice}.`;
