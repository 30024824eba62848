/** The restore machine where somebody has signed off: that is kept first, and only then is anybody asked whether something may be dropped. */
import { describe, expect, test } from 'vitest';
import { RestoreOutput } from '../../../core/restore/result.ts';
import { functionTask } from '../../../infra/asl/function-task.ts';
import type { RestoreBlocks } from '../../../infra/restore/block.ts';
import { restoreWorkflow, type RestoreWorkflowParts } from '../../../infra/restore/workflow.ts';
import { accepted, ANSWERS, refuse, restored, run } from './answers.ts';
import { RESTORE_PARTS } from './definitions.ts';
import { runMachine, type Answers } from './run-machine.ts';

const OF = '20261121T091500Z-3fa9c1';
const signOff = { evidence: `evidence/ida/2026/sign-off-${OF}.json`, signature: `evidence/ida/2026/sign-off-${OF}.dsse.json` };
const finish = (drops: boolean) => ({
  ...accepted,
  action: 'finish',
  of: OF,
  target: drops ? 'in-place' : 'beside',
  database: 'ida',
  signOff: { ...signOff, drops },
});
const approve = 'arn:aws:lambda:eu-central-1:000000000000:function:holdfast-ida-approve';
const blocks: RestoreBlocks = {
  approval: ({ next }) => ({
    first: 'Ask for approval',
    tasks: { 'Ask for approval': functionTask(approve, {}, { assign: {}, next }) },
    states: {},
    assign: { approvalSeconds: 240 },
  }),
};
const start = (check: object, changed: Answers = {}, parts: Partial<RestoreWorkflowParts> = {}) =>
  runMachine(
    'restore',
    { finish: OF },
    { ...ANSWERS.restore, 'restore-check-request': () => check as never, approve: () => ({}), ...changed },
    undefined,
    restoreWorkflow({ ...RESTORE_PARTS, blocks, ...parts }),
  );
type End = Awaited<ReturnType<typeof start>>;
const outputOf = (end: End) => (end.status === 'SUCCEEDED' ? end.output : undefined);
const states = ({ calls }: End) => calls.map(({ state }) => state);
const KEEP = ['Check the request', 'Sign what was signed off', 'Lock what was signed off', 'Copy what was signed off'];

describe('a sign-off', () => {
  test('of a restore that has kept nothing is signed, locked and copied, and nobody has to approve that', async () => {
    const end = await start(finish(false));
    expect(states(end)).toEqual(KEEP);
    expect(end.calls.slice(1).map(({ payload }) => payload)).toMatchObject([
      { keys: [signOff.evidence] },
      { keys: [signOff.evidence, signOff.signature] },
      { keys: [signOff.evidence, signOff.signature] },
    ]);
    expect(RestoreOutput.parse(outputOf(end))).toMatchObject({ action: 'sign-off', result: signOff.evidence, asset: 'ida-db' });
  });

  test('is kept before somebody is asked whether the old database may go', async () => {
    const end = await start(finish(true));
    const drop = ['Ask for approval', 'Drop the database that was kept'];
    const evidence = ['Write the evidence', 'Sign the evidence', 'Lock the evidence', 'Copy the records'];
    expect(states(end)).toEqual([...KEEP, ...drop, ...evidence]);
    expect(RestoreOutput.parse(outputOf(end))).toMatchObject({ action: 'finish' });
  });

  test.each([
    ['evidence-sign-objects', 'Sign what was signed off'],
    ['lock-lock-objects', 'Lock what was signed off'],
    ['copy-copy-records', 'Copy what was signed off'],
  ])('that cannot be kept drops nothing (%s)', async (failing, step) => {
    const end = await start(finish(true), { [failing]: refuse });
    expect(end).toMatchObject({ status: 'FAILED', error: 'VaultRefused' });
    expect(states(end)).toContain(step);
    expect(states(end)).not.toContain('Drop the database that was kept');
  });

  test('in the second region is kept there, and copied nowhere', async () => {
    const { safetyBackup: _, functions, ...parts } = RESTORE_PARTS;
    const { copyRecords: __, ...own } = functions;
    const workflow = restoreWorkflow({ ...parts, functions: own, blocks });
    const answers = { ...ANSWERS.restore, 'restore-check-request': () => finish(false) as never };
    const end = await runMachine('restore', { finish: OF }, answers, undefined, workflow);
    expect([end.status, states(end)]).toEqual(['SUCCEEDED', KEEP.slice(0, 3)]);
  });
});

test('what the plan leaves to people, and how long people took, goes into the record of a restore', async () => {
  const left = JSON.stringify({ checks: [{ name: 'login', what: 'The list of users is there' }], followUps: [] });
  const recorded = async (manual: Record<string, string>) => {
    const end = await start({ ...accepted }, { 'restore-write-result': () => restored }, { manual });
    return end.calls.find(({ state }) => state === 'Write the evidence')?.payload;
  };
  expect(await recorded({ 'ida-db': left })).toMatchObject({ run, manual: left, times: { approvalSeconds: 240, retrievalSeconds: 0 } });
  expect(await recorded({ 'another-db': left })).toMatchObject({ manual: '' });
});
