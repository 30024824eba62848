import type { ChoiceRule, Fields, State, States } from '../asl/definition.ts';
import type { Steps } from '../asl/failure-states.ts';

/** States of the restore machine that another folder makes. */
export type Block = {
  /** Where it is entered. */
  first: string;
  /** Their failures are reported and tried again like those of any step of the machine. */
  tasks: Steps;
  states: States;
  /** Where a step of it leads that failed for good, where that is not the end. */
  goOn?: Record<string, ChoiceRule['Next'] | Omit<ChoiceRule, 'Condition'>>;
  /** Variables before anything happened. */
  assign?: Fields;
};

/** States of other folders, each given where it leads. */
export type RestoreBlocks = {
  /** `refused` ends the machine with `$first`. */
  approval?: (to: { next: string; refused: string }) => Block;
  quiesce?: (to: { next: string; failed: string }) => Block;
  resume?: (to: { next: string; failed: string; reportFailure: string }) => Block & { afterFailure: string };
  probe?: (to: { next: string; failed: string; reportFailure: string }) => Block;
  /** Seconds that they may take beyond the longest run. */
  allowanceSeconds?: number;
};

/** A choice that may have nothing to choose. */
export const choose = (choices: readonly ChoiceRule[], otherwise: string): State =>
  choices.length === 0 ? { Type: 'Pass', Output: {}, Next: otherwise } : { Type: 'Choice', Choices: [...choices], Default: otherwise };
