/** What a person is told of a restore that failed: what it means for the database, and the command that helps. */
import { expect, it } from 'vitest';
import { failureBody, type FailureReport } from '../../../core/failure/message.ts';
import {
  AFTER_THE_RESTORE,
  BEFORE_REPLACING,
  FAILED_RESTORE,
  PROBE,
  QUIESCE,
  RESTORE_LOOKS,
  RESTORE_STEPS,
  RESUME,
  SIGN_OFF,
} from '../../../core/failure/steps.ts';
import { APPROVAL } from '../../../core/approval/steps.ts';

const OF = '20261121T091500Z-3fa9c1';
const told = (over: Partial<FailureReport>) => {
  const body = failureBody({
    system: 'ida',
    side: 'vault',
    stage: 'restore',
    step: RESTORE_STEPS.validate,
    asset: 'ida-db',
    point: '20261121T020000Z',
    execution: 'arn:aws:states:eu-central-1:000000000000:execution:holdfast-ida-restore:one',
    tries: 1,
    failure: 'CheckFailed',
    detail: 'rows of users: 1, not 5',
    database: 'ida',
    ...over,
  });
  const line = (name: string) => body.split('\n').find((text) => text.startsWith(name)) ?? '';
  return { what: line('What'), meaning: line('Meaning'), runbook: line('Runbook'), next: line('Then') };
};

it.each([
  [{ target: 'drop-and-create' }, /is replaced.*safety backup.*heading CheckFailed/],
  [{ target: 'clean-replay' }, /is replaced.*safety backup/],
  [{ target: 'in-place' }, /was not touched/],
  [{ target: 'drop-and-create', step: RESTORE_STEPS.replace }, /half made.*replaced by half/],
  [{ target: 'clean-replay', step: RESTORE_STEPS.replace }, /as it was, unless all of the dump came through/],
] as const)('of %j', (over, meaning) => expect(told(over).meaning).toMatch(meaning));

it('a point that failed its check is not restored once more', () => {
  expect(told({ target: 'drop-and-create' }).next).toMatch(/npx holdfast list ida-db$/);
  expect(told({ target: 'in-place', failure: 'TargetUnreachable' }).next).toMatch(/--target in-place --to ida$/);
});

const RUN = '20261122T080000Z-abcdef';
const IN_PLACE = { action: 'restore', target: 'in-place', run: RUN } as const;
const UNDO = { action: 'undo', target: 'in-place', of: OF, run: RUN } as const;
const FINISH = { action: 'finish', target: 'in-place', of: OF, run: RUN } as const;
const RESUME_BY_HAND = { action: 'resume', of: OF, run: OF, point: undefined, database: '' } as const;
it('names the copy beside that a restore in place may leave, as large as the database, and of no other step or target', () => {
  const staged = /stands as "ida_new_20261121t020000z": the same restore .* goes on with it; drop it/;
  for (const step of [RESTORE_STEPS.restore, RESTORE_STEPS.validate, QUIESCE.stop, QUIESCE.check, BEFORE_REPLACING.time])
    expect(told({ target: 'in-place', step }).meaning, step).toMatch(staged);
  for (const step of [RESTORE_STEPS.preflight, AFTER_THE_RESTORE.sign, PROBE.ask])
    expect(told({ target: 'in-place', step }).meaning, step).not.toContain('_new_');
  expect(told({ target: 'drop-and-create', step: RESTORE_STEPS.validate }).meaning).not.toContain('_new_');
  expect(told({ target: 'in-place', action: 'undo', step: QUIESCE.stop }).meaning).not.toContain('_new_');
});

/** What is never said: that nothing was touched where something may have been, and a command that does harm. */
it.each([
  // What was replaced is not replaced again, because something around it failed.
  [{ ...IN_PLACE, step: RESUME.start }, /may not run again/, `restore resume ${RUN} --asset ida-db`],
  [{ ...IN_PLACE, step: RESUME.see }, /may not run again/, `restore resume ${RUN} --asset ida-db`],
  [{ ...IN_PLACE, step: PROBE.see }, /itself worked.*does not answer/, `restore undo ${RUN}`],
  [{ ...IN_PLACE, step: PROBE.ask }, /itself worked.*nobody could ask/, /^nothing has to be restored again/],
  [{ ...IN_PLACE, target: 'drop-and-create', step: RESTORE_STEPS.settle }, /may be half made/, /--target drop-and-create/],
  [{ ...IN_PLACE, target: 'clean-replay', step: RESTORE_STEPS.settle }, /one transaction/, /--target clean-replay/],
  [{ ...IN_PLACE, step: RESTORE_STEPS.settle }, /One of the two databases/, /--target in-place --to ida$/],
  [{ ...IN_PLACE, target: 'clean-replay', step: AFTER_THE_RESTORE.lock }, /stands in the database/, /^nothing has to be restored again/],
  [{ ...IN_PLACE, step: QUIESCE.stop }, /was not touched/, /--target in-place --to ida$/],
  // What somebody has signed off as good is not undone.
  [{ ...FINISH, step: SIGN_OFF.lock }, /sign-off is written down/, `restore signoff ${OF}`],
  [{ ...FINISH, target: 'beside', step: SIGN_OFF.copy }, /nothing was dropped/, `restore signoff ${OF}`],
  [{ ...FINISH, step: APPROVAL.ask }, /Nothing was dropped/, `restore signoff ${OF}`],
  [{ ...FINISH, step: RESTORE_STEPS.finish }, /may still be there/, `restore signoff ${OF}`],
  [{ ...FINISH, step: AFTER_THE_RESTORE.sign }, /is dropped/, /^nothing has to be dropped again/],
  [{ ...UNDO, step: QUIESCE.check }, /the database is what the restore has made/, `restore undo ${OF}`],
  [{ ...UNDO, step: RESTORE_STEPS.undo }, /swap left closed/, `restore undo ${OF}`],
  [{ ...UNDO, step: RESUME.start }, /may not run again/, `restore resume ${RUN} --asset ida-db`],
  [{ ...UNDO, step: AFTER_THE_RESTORE.write }, /old database has its name again/, /^nothing has to be put back again/],
  [{ ...RESUME_BY_HAND, step: RESTORE_LOOKS.request }, /is as it was/, `restore resume ${OF} --asset ida-db`],
  [{ ...RESUME_BY_HAND, step: RESUME.start }, /may not run again/, `restore resume ${OF} --asset ida-db`],
] as const)('%j', (over, meaning, next) => {
  const body = told({ failure: 'VaultUnavailable', ...over });
  expect(body.meaning).toMatch(meaning);
  const command = body.next.replace(/^Then +/, '');
  if (typeof next === 'string') expect(command).toBe(`npx holdfast ${next}`);
  else expect(command).toMatch(next);
});

it.each([
  ['undo', 'undo'],
  ['settle', 'undo'],
  ['finish', 'signoff'],
] as const)('what an earlier restore has kept is dealt with by its run (%s)', (step, verb) =>
  expect(
    told({
      step: RESTORE_STEPS[step],
      failure: 'TargetUnreachable',
      target: 'in-place',
      action: verb === 'undo' ? 'undo' : 'finish',
      of: OF,
    }).next,
  ).toMatch(new RegExp(`npx holdfast restore ${verb} ${OF}$`)),
);

it.each([
  ['TooLittleTime', BEFORE_REPLACING.time],
  ['NotSaved', BEFORE_REPLACING.saved],
] as const)('%s names what there is, its heading and the same restore again', (failure, step) =>
  expect(told({ step, failure, target: 'drop-and-create', selection: { noOwner: true, noPrivileges: true } })).toEqual({
    what: expect.stringContaining(`${step} failed`) as string,
    meaning: expect.stringMatching(/Nothing was replaced: the database is as this run found it/) as string,
    runbook: expect.stringMatching(new RegExp(`heading ${failure}$`)) as string,
    next: expect.stringMatching(
      /npx holdfast restore ida-db\/20261121T020000Z --target drop-and-create --to ida --no-owner --no-privileges$/,
    ) as string,
  }),
);

it('a record of a failure that is incomplete restores nothing', () => {
  const { meaning, next } = told({ step: FAILED_RESTORE.sign, failure: 'VaultRefused', target: 'in-place' });
  expect(meaning).toMatch(/had failed before/);
  expect(next).toMatch(/heading Evidence of a restore$/);
});
