/** What the evidence of a restore that did not come through says that there is. */
import { expect, it } from 'vitest';
import { BEFORE_REPLACING, RESTORE_STEPS } from '../../../core/failure/steps.ts';
import { describeLeft, type FailedRun } from '../../../core/restore/describe-left.ts';

const SAFETY = '20261121T013000Z-m3fa9c1';
const of = (over: Partial<FailedRun>) =>
  describeLeft({
    action: 'restore',
    target: 'beside',
    database: 'ida',
    point: '20261121T010000Z',
    run: '20261121T020001Z-3fa9c1',
    of: '',
    safety: '',
    step: RESTORE_STEPS.restore,
    settled: '',
    filled: undefined,
    ...over,
  }).join('. ');

it.each<[Partial<FailedRun>, RegExp]>([
  [{}, /^Nothing has all of the point.*heading Half-made databases/],
  [{ filled: 'ida', step: RESTORE_STEPS.validate }, /^The new database "ida" has all of the point, and is kept$/],
  [{ target: 'in-place', step: RESTORE_STEPS.preflight }, /^"ida" is the old database: nothing was replaced$/],
  [{ target: 'in-place', safety: SAFETY }, /nothing was replaced\. If there is a database "ida_new_20261121t010000z", it is half made/],
  [
    { target: 'in-place', safety: SAFETY, settled: 'The server is away', step: RESTORE_STEPS.swap },
    /^Whether "ida" is the old.*The server is away/,
  ],
  [
    { target: 'drop-and-create', step: BEFORE_REPLACING.time, safety: SAFETY },
    /^"ida" was not replaced by this run\. The safety backup .* which has/,
  ],
  [
    { target: 'drop-and-create', step: RESTORE_STEPS.replace, safety: SAFETY },
    /^"ida" may be gone or half made.*replaced by half\)\. The safety/,
  ],
  [{ target: 'clean-replay', step: RESTORE_STEPS.replace, safety: SAFETY }, /^"ida" is as it was, or has all of the point/],
  [{ target: 'clean-replay', step: RESTORE_STEPS.replace, safety: SAFETY, filled: 'ida' }, /^"ida" has all of the point\. The safety/],
  [{ action: 'undo', of: 'earlier', step: RESTORE_STEPS.undo }, /^What the restore earlier made still has the name "ida"/],
  [
    { action: 'undo', of: 'earlier', step: RESTORE_STEPS.undo, settled: 'away' },
    /or it is "ida_undone_earlier" and the old one has it\. away$/,
  ],
  [{ action: 'finish', of: 'earlier', step: RESTORE_STEPS.finish }, /^What the restore earlier has kept may still be there/],
])('%j', (over, said) => expect(of(over)).toMatch(said));
