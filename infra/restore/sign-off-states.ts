/**
 * Keeping a sign-off: whoever signs writes it down first, and the machine then signs, locks and copies that. What a restore in place has
 * kept is dropped afterwards, once others have agreed to that.
 */
import { SIGN_OFF } from '../../core/failure/steps.ts';
import { expression } from '../asl/expression.ts';
import { functionTask } from '../asl/function-task.ts';
import type { Block } from './block.ts';

const KEPT = 'What was signed off is kept';
const DROPS = 'Decide whether something is dropped';
const records = { keys: expression('[$check.signOff.evidence, $check.signOff.signature]') };

/** @param parts.functions ARNs. `copyRecords` is absent beside the replica, from which nothing is copied. */
export function signOffBlock(
  parts: { system: string; functions: { signObjects: string; lockObjects: string; copyRecords?: string } },
  { next, drop }: { next: string; drop: string },
): Block {
  const { system, functions } = parts;
  const { signObjects, lockObjects, copyRecords } = functions;
  return {
    first: SIGN_OFF.decide,
    tasks: {
      [SIGN_OFF.sign]: functionTask(signObjects, { keys: expression('[$check.signOff.evidence]') }, { next: SIGN_OFF.lock }),
      [SIGN_OFF.lock]: functionTask(lockObjects, records, { next: copyRecords === undefined ? DROPS : SIGN_OFF.copy }),
      ...(copyRecords === undefined ? {} : { [SIGN_OFF.copy]: functionTask(copyRecords, records, { next: DROPS }) }),
    },
    states: {
      [SIGN_OFF.decide]: {
        Type: 'Choice',
        Choices: [{ Condition: expression('$exists($check.signOff)'), Next: SIGN_OFF.sign }],
        Default: next,
      },
      [DROPS]: { Type: 'Choice', Choices: [{ Condition: expression('$check.signOff.drops'), Next: drop }], Default: KEPT },
      [KEPT]: {
        Type: 'Succeed',
        Output: {
          system,
          action: 'sign-off',
          asset: expression('$asset'),
          point: expression('$point'),
          run: expression('$run'),
          target: expression('$target'),
          database: expression('$database'),
          result: expression('$check.signOff.evidence'),
        },
      },
    },
  };
}
