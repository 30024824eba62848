/** The input of the machine of holds, as a person gave it. */
import { HoldfastError } from '../failure/error.ts';
import { HoldInput } from './contract.ts';

class HoldInputRefused extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(problems: readonly string[]) {
    super(
      `A hold cannot be changed by this input: ${problems.join('; ')}`,
      'The smallest input is {"action":"add","asset":"…","point":"20261121T020000Z","reason":"…"}; "name" names the hold',
    );
  }
}

/** Throws HoldInputRefused naming everything that is wrong. */
export function readHoldInput(input: unknown): HoldInput {
  const parsed = HoldInput.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new HoldInputRefused(parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the input'}: ${issue.message}`));
}
