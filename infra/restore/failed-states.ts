/** How a restore ends that began and did not come through: with evidence of that, signed, locked and copied like that of any other. */
import { FAILED_RESTORE } from '../../core/failure/steps.ts';
import type { ChoiceRule, Fields } from '../asl/definition.ts';
import { expression } from '../asl/expression.ts';
import { functionTask } from '../asl/function-task.ts';
import type { Block } from './block.ts';

export const ENDS = { failed: 'End with the failure' } as const;
/** Where every failure leads. What nobody had agreed to has not begun, and needs no record of its own. */
export const FAILED = FAILED_RESTORE.decide;

/** The first failure is what the machine ends with, whatever follows from it. */
export const REMEMBER: Fields = {
  first: expression("$first.failure = '' ? {'failure': $report.failure, 'message': $report.message, 'step': $failedStep} : $first"),
};

/** @param parts.request what the function that writes evidence is told of any end */
export function failedBlock(
  parts: { functions: { writeResult: string; signObjects: string; lockObjects: string; copyRecords?: string }; request: Fields },
  { next, mayReplace }: { next: string; mayReplace: boolean },
): Block {
  const { writeResult, signObjects, lockObjects, copyRecords } = parts.functions;
  const { begin, decide, write, sign, lock, copy } = FAILED_RESTORE;
  const records = { keys: expression('$append([$result.evidence], [$result.signature])') };
  // The failure itself is told already: that its record is not as it should be is said beside it.
  const unproven: Omit<ChoiceRule, 'Condition'> = { Assign: { unproven: expression('$report.message') }, Next: ENDS.failed };
  return {
    first: begin,
    assign: { begun: false, unproven: '' },
    goOn: Object.fromEntries([write, sign, lock, copy].map((step) => [step, unproven])),
    tasks: {
      [write]: functionTask(
        writeResult,
        { ...parts.request, stands: false, ...(mayReplace ? { settled: expression('$settled') } : {}) },
        { assign: { result: expression('$states.result.Payload') }, next: sign },
      ),
      [sign]: functionTask(signObjects, { keys: expression('[$result.evidence]') }, { next: lock }),
      [lock]: functionTask(lockObjects, records, { next: copyRecords === undefined ? ENDS.failed : copy }),
      ...(copyRecords === undefined ? {} : { [copy]: functionTask(copyRecords, records, { next: ENDS.failed }) }),
    },
    states: {
      [begin]: { Type: 'Pass', Assign: { begun: true }, Output: {}, Next: next },
      [decide]: {
        Type: 'Choice',
        Choices: [{ Condition: expression('$begun'), Assign: REMEMBER, Next: write }],
        Default: ENDS.failed,
      },
    },
  };
}
