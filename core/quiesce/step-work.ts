import type { Progress, Remembered } from './contract.ts';

/** Not done yet: to be asked again with this. `why` is told when time runs out. */
export type Pending = { pending: Progress; why: string };

/** What each kind of step can do. Every call may come a second time, after a kill, and does no more than the first. */
export type StepWork = {
  /** What runs now, before anything is stopped. */
  look(progress: Progress): Promise<Remembered | Pending>;
  /** Tells all of it to stop. */
  stop(remembered: Remembered): Promise<Progress>;
  check(remembered: Remembered, progress: Progress): Promise<'stopped' | Pending>;
  /** Puts back what was remembered, unless somebody has changed it since; `how` says which. */
  putBack(remembered: Remembered, progress: Progress): Promise<{ how: string } | Pending>;
};

export const isPending = (answer: object | string): answer is Pending => typeof answer === 'object' && 'pending' in answer;

/** What was remembered is of the step's own kind: both stand in one paper. */
export function remembered<K extends Remembered['kind']>(found: Remembered, kind: K): Extract<Remembered, { kind: K }> {
  if (found.kind !== kind) throw new TypeError(`a step of kind ${kind} remembers ${found.kind}`);
  return found as Extract<Remembered, { kind: K }>;
}
