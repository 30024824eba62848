/** What a person is told of a restore that failed: what it means for the database, and the command that helps. */
import { expect, it } from 'vitest';
import { failureBody, type FailureReport } from '../../../core/failure/message.ts';
import { BEFORE_REPLACING, FAILED_RESTORE, RESTORE_STEPS } from '../../../core/failure/steps.ts';

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

it.each([
  ['undo', 'undo'],
  ['settle', 'undo'],
  ['finish', 'signoff'],
] as const)('what an earlier restore has kept is dealt with by its run (%s)', (step, verb) =>
  expect(told({ step: RESTORE_STEPS[step], failure: 'TargetUnreachable', target: 'in-place', of: OF }).next).toMatch(
    new RegExp(`npx holdfast restore ${verb} ${OF}$`),
  ),
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
