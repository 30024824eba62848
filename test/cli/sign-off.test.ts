/** `restore tick`, `restore signoff` and `restore resume`: what is left to people is listed with the command for each, and signed once. */
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateStateMachineCommand, DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { hashInput } from '../../core/approval/input-hash.ts';
import { exitCode } from '../../cli/exit-codes.ts';
import { approvalRequestKey, type ApprovalRequest } from '../../core/approval/records.ts';
import { stateMachineName } from '../../core/names.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { RestoreFollowUp, RestoreResult } from '../../core/restore/result.ts';
import { SignOff, signOffKey } from '../../core/sign-off/records.ts';
import { evidenceKey } from '../../core/vault/keys.ts';
import { restoreResult } from '../core/restore/results.ts';
import { rootSettings } from '../helpers/servers.ts';
import { emulatorEnvironment } from './run-holdfast.ts';
import { makeSignedWorld, type SignedWorld } from './signed-world.ts';
import { HOME } from './world.ts';

let world: SignedWorld;
let runs = 0;
const newRun = () => `20261121T0915${String(runs++).padStart(2, '0')}Z-3fa9c1`;
const output = (action: string, result: string) => ({
  system: 'x',
  action,
  asset: 'postgres',
  point: '20261121T020000Z',
  run: newRun(),
  database: 'ida',
  result: `evidence/x/2026/${result}.json`,
});
/** Ends at once: what is tested is what it is started with, and what is said of its end. */
const MACHINE = {
  StartAt: 'Which?',
  States: {
    'Which?': { Type: 'Choice', Choices: [{ Variable: '$.resume', IsPresent: true, Next: 'Resumed' }], Default: 'Kept' },
    Resumed: { Type: 'Pass', Result: { asset: 'postgres', run: 'r', message: 'Put back: api (runs)' }, End: true },
    Kept: { Type: 'Pass', Result: output('sign-off', 'sign-off-of-it'), End: true },
  },
};

const sfn = () => new SFNClient(clientConfig(rootSettings(HOME)));
beforeAll(async () => {
  Object.assign(process.env, emulatorEnvironment());
  world = await makeSignedWorld();
  const Statement = [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }];
  const trust = JSON.stringify({ Version: '2012-10-17', Statement });
  const { Role } = await new IAMClient(clientConfig(rootSettings(HOME))).send(
    new CreateRoleCommand({ RoleName: `${world.system}-machine`, AssumeRolePolicyDocument: trust }),
  );
  const definition = JSON.stringify(MACHINE);
  await sfn().send(
    new CreateStateMachineCommand({ name: stateMachineName(world.system, 'restore'), definition, roleArn: Role?.Arn ?? '' }),
  );
});
afterAll(() => world.remove());

async function restored(change: Partial<RestoreResult> = {}): Promise<string> {
  const run = newRun();
  const result = restoreResult({
    system: world.system,
    point: '20261121T020000Z',
    run,
    target: 'beside',
    leftToPeople: {
      checks: [{ name: 'login', what: 'A known user can log in' }],
      followUps: [{ name: "users' mail", kind: 'tell-users', what: 'Tell the users what is missing', duration: 'PT5M' }],
    },
    ...change,
  });
  await world.vaultPorts.putOnce(evidenceKey(world.system, 'restore-result', run), JSON.stringify(result));
  return run;
}
/** What the machine writes once it has undone a restore, or dropped what that had kept. */
async function followedUp(action: RestoreFollowUp['action'], of: string): Promise<string> {
  const run = newRun();
  const record = { ...FOLLOW_UP, action, system: world.system, run, of };
  await world.vaultPorts.putOnce(evidenceKey(world.system, `restore-${action}`, run), JSON.stringify(record));
  return run;
}
const FOLLOW_UP: Omit<RestoreFollowUp, 'action' | 'system' | 'run' | 'of'> = {
  format: 'holdfast/restore-follow-up/v1',
  asset: 'postgres',
  database: 'ida',
  startedAt: '2026-11-21T10:00:00.000Z',
  finishedAt: '2026-11-21T10:01:00.000Z',
  notes: [],
};
const ann = { person: 'ann' };
const inputOf = async (stderr: string) => {
  const executionArn = /arn:aws:states:\S+/.exec(stderr)?.[0];
  return JSON.parse((await sfn().send(new DescribeExecutionCommand({ executionArn }))).input ?? '') as unknown;
};

describe('restore tick', () => {
  test('without a name lists what is left, each with the command that ticks it', async () => {
    const run = await restored();
    const { code, stdout } = await world.say(['restore', 'tick', run], ann);
    expect(code).toBe(0);
    expect(stdout).toContain(`○ look: login\n    A known user can log in\n    npx holdfast restore tick ${run} login --note '…'`);
    expect(stdout).toContain(`○ do: users' mail (about 5 min)`);
    expect(stdout).toContain(`npx holdfast restore tick ${run} 'users'\\'' mail' --note '…'`);
  });

  test('says who ticked it, and what he saw', async () => {
    const run = await restored();
    const { stdout } = await world.say(['restore', 'tick', run, 'login', '--note', 'bob can log in'], ann);
    expect(stdout).toMatch(/✓ look: login\n.*\n +ann at 2\S+ \S+: bob can log in/);
    const json = await world.say(['restore', 'tick', run, "users' mail", '--note', 'sent', '--took', 'PT7M', '--output', 'json'], ann);
    expect(JSON.parse(json.stdout)).toMatchObject({ run, items: [{ ticked: { by: 'ann' } }, { ticked: { by: 'ann', note: 'sent' } }] });
  });

  test.each([
    ['what is not there', ['nothing', '--note', 'yes'], 'There is: login, users'],
    ['what nobody says anything of', ['login'], 'a note says what was seen or done'],
  ] as const)('refuses %s', async (_, words, why) => {
    const { code, stderr } = await world.say(['restore', 'tick', await restored(), ...words], ann);
    expect([code, stderr]).toEqual([exitCode('BadInput'), expect.stringContaining(why)]);
  });

  test('is for people of the plan’s roles alone', async () => {
    const { code, stderr } = await world.say(['restore', 'tick', await restored()], { person: 'eve', role: 'reader' });
    expect([code, stderr]).toEqual([exitCode('DecisionRefused'), expect.stringContaining('none of those that may speak of a restore')]);
  });

  test.each([
    [['partner', '--stopped', '--back'], /exclude each other/],
    [['--note', 'all of it'], /is missing/],
  ])('takes no %j that means nothing', async (words, why) => {
    await expect(world.say(['restore', 'tick', newRun(), ...words], ann)).rejects.toThrow(why);
  });
});

describe('restore signoff', () => {
  const tickAll = async (run: string) => {
    for (const name of ['login', "users' mail"]) await world.say(['restore', 'tick', run, name, '--note', 'it is so'], ann);
  };

  test('signs nothing while something is open, and says what', async () => {
    const run = await restored();
    const { code, stdout } = await world.say(['restore', 'signoff', run, '--yes'], ann);
    expect([code, stdout]).toEqual([exitCode('ProblemsFound'), expect.stringContaining('It is signed off once all of this is ticked')]);
    expect(await world.vaultPorts.get({ key: signOffKey(world.system, run) })).toBeUndefined();
  });

  test('asks once more, writes whose word it is, and has the machine keep it', async () => {
    const run = await restored();
    await tickAll(run);
    const no = await world.say(['restore', 'signoff', run], { ...ann, typed: 'maybe' });
    expect([no.code, no.stdout]).toEqual([exitCode('StoppedWatching'), 'Nothing was signed']);
    const words = ['restore', 'signoff', run, '--note', 'All is well', '--broken-since', '2026-11-21T08:45:00Z'];
    const yes = await world.say(words, { ...ann, typed: 'good' });
    expect([yes.code, yes.stdout]).toEqual([0, expect.stringContaining('signed off the restore of postgres/20261121T020000Z into ida')]);
    expect(await inputOf(yes.stderr)).toEqual({ finish: run });
    const record = SignOff.parse(parseJson((await world.vaultPorts.get({ key: signOffKey(world.system, run) }))!.body));
    expect(record).toMatchObject({
      by: { person: 'ann' },
      note: 'All is well',
      times: { detectionSeconds: 1800 + Number(run.slice(13, 15)) },
    });
    expect(world.calls.some(({ handler, body }) => handler === 'approval/take-request' && JSON.stringify(body).includes(run))).toBe(false);
  });

  test('asks for approval first where a database is dropped for it; and again keeps what was signed', async () => {
    const run = await restored({ target: 'in-place', kept: 'ida_before', leftToPeople: undefined });
    const { stderr, code } = await world.say(['restore', 'signoff', run, '--yes', '--detach'], { person: 'bob', role: 'approver' });
    expect(code).not.toBe(0);
    // Who approves restores may sign one off, and asks for nothing.
    expect(stderr).toContain('none of those that may ask for a restore');
    const again = await world.say(['restore', 'signoff', run, '--yes', '--output', 'json'], ann);
    // What the requester is told, the request shows to whoever decides.
    expect(again.stderr).toContain(
      `to approve it: npx holdfast requests. It shows them the SHA-256 of what is asked, ${hashInput(await inputOf(again.stderr))}`,
    );
    expect(again.stderr).toContain(`execution:holdfast-${world.system}-restore:asked-${world.system}-`);
    expect(JSON.parse(again.stdout)).toMatchObject({ status: 'succeeded', signed: { by: 'bob' }, action: 'sign-off' });
  });

  test('of what is dropped says so, and asks nobody', async () => {
    const run = await restored({ target: 'in-place', kept: 'ida_before', leftToPeople: undefined });
    await world.say(['restore', 'signoff', run, '--yes', '--detach'], { person: 'bob', role: 'approver' });
    const by = await followedUp('finish', run);
    const asked = world.calls.length;
    const { code, stdout, stderr } = await world.say(['restore', 'signoff', run, '--yes'], ann);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      new RegExp(`Dropped +ida_before, by ${by}\\n[^]*Signed off +by bob[^]*Nothing is left to do, and nobody was asked`),
    );
    expect(world.calls.slice(asked).map(({ handler }) => handler)).toEqual(['sign-off/take-word']);
  });

  test('knows nothing of a run that is none', async () => {
    const { code, stderr } = await world.say(['restore', 'signoff', newRun(), '--yes'], ann);
    expect([code, stderr]).toEqual([exitCode('BadInput'), expect.stringContaining('There is no restore with the run')]);
  });
});

test('requests tells one whose execution was stopped from one that waits', async () => {
  const undone = await restored({ target: 'in-place', kept: 'ida_before', leftToPeople: undefined });
  const { stdout } = await world.say(['restore', 'undo', undone, '--detach'], ann);
  // The machine of this world ends by itself.
  const execution = /arn:aws:states:\S+/.exec(stdout)?.[0] ?? '';
  const of = async (change: Partial<ApprovalRequest>) => {
    const run = newRun();
    const record: ApprovalRequest = {
      format: 'holdfast/approval-request/v1',
      system: world.system,
      asset: 'postgres',
      run,
      execution: execution.replace(/[^:]*$/, 'of-which-nobody-knows'),
      at: new Date().toISOString(),
      asked: { action: 'undo', target: 'in-place', database: 'ida', details: [] },
      needed: 1,
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      ...change,
    };
    await world.vaultPorts.putOnce(approvalRequestKey(world.system, run, 'vault'), JSON.stringify(record));
    return run;
  };
  const [ended, waiting] = [await of({ execution }), await of({})];
  await expect.poll(async () => (await sfn().send(new DescribeExecutionCommand({ executionArn: execution }))).status).not.toBe('RUNNING');
  const listed = await world.say(['requests'], ann);
  expect(listed.stdout).toMatch(new RegExp(`${ended} .* ended +The execution that waited has ended: nobody can decide any more`));
  expect(listed.stdout).toMatch(new RegExp(`${waiting} .* waiting`));
  const json = JSON.parse((await world.say(['requests', ended, '--output', 'json'], ann)).stdout) as { requests: object[] };
  expect(json.requests).toMatchObject([{ run: ended, hasEnded: true }]);
});

describe('restore undo', () => {
  test.each<[string, Partial<RestoreResult>, 'undo' | 'finish' | undefined, string]>([
    ['undone already', { target: 'in-place', kept: 'ida_before' }, 'undo', 'was undone already, by'],
    ['dropped', { target: 'in-place', kept: 'ida_before' }, 'finish', 'was dropped by'],
    ['beside', {}, undefined, 'replaced nothing: it made the new database "ida"'],
  ])('of one that is %s is refused before anybody is asked, and nothing starts', async (_, change, followUp, why) => {
    const run = await restored({ leftToPeople: undefined, ...change });
    if (followUp) await followedUp(followUp, run);
    const asked = world.calls.length;
    const { code, stderr } = await world.say(['restore', 'undo', run], ann);
    expect([code, stderr]).toEqual([exitCode('BadInput'), expect.stringContaining(why)]);
    expect(stderr).not.toContain('Started');
    expect(world.calls.slice(asked).map(({ handler }) => handler)).toEqual(['sign-off/take-word']);
  });

  test('asks and starts the machine with the run alone', async () => {
    const run = await restored({ target: 'in-place', kept: 'ida_before', leftToPeople: undefined });
    const { stdout } = await world.say(['restore', 'undo', run, '--detach'], ann);
    expect(await inputOf(stdout)).toEqual({ undo: run });
    await expect(world.say(['restore', 'undo', 'yesterday'], ann)).rejects.toThrow(/is the run of a restore/);
  });
});

test('objectives shows the RTO beside what each restore took, by what it was made on, and who signed it off', async () => {
  const times = { restoreSeconds: 900, approvalSeconds: 300, elapsedSeconds: 1500 };
  const run = await restored({ target: 'in-place', leftToPeople: undefined, times, finishedAt: '2026-11-21T09:55:00.000Z' });
  await world.say(['restore', 'signoff', run, '--yes'], ann);
  const { stdout } = await world.say(['objectives'], ann);
  expect(stdout).toMatch(new RegExp(`${run} +in place, on the server of the source .*25 min +approval 5 min, restore 15 min +ann`));
  const json = JSON.parse((await world.say(['objectives', '--output', 'json'], ann)).stdout) as { restores: { run: string }[] };
  expect(json.restores.find((one) => one.run === run)).toMatchObject({ target: 'in-place', seconds: 1500, signed: { by: 'ann' } });
});

test('restore resume starts the machine with the run alone, and says what came back', async () => {
  const run = newRun();
  const { code, stdout, stderr } = await world.say(['restore', 'resume', run], ann);
  expect([code, stdout]).toEqual([0, 'done Put back: api (runs)']);
  expect(await inputOf(stderr)).toEqual({ resume: run, asset: 'postgres' });
  await expect(world.say(['restore', 'resume', 'yesterday'], ann)).rejects.toThrow(/is the run of a restore/);
});
