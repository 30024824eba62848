import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { stateMachineName } from '../../core/names.ts';
import type { Stage } from '../../core/names.ts';
import { approvalRequestKey, type ApprovalRequest } from '../../core/approval/records.ts';
import { runId } from '../../core/vault/ids.ts';
import { rootSettings } from '../helpers/servers.ts';
import { emulatorEnvironment, holdfast, holdfastHere } from './run-holdfast.ts';
import type { RunOptions } from './run-holdfast.ts';
import { commitPoint, HOME, makeWorld } from './world.ts';
import type { World } from './world.ts';

const RUN = '20261121T020200Z-3fa9c1';
const UNFINISHED = '20261121T030000Z-m3fa9c1';
const restored = (what: string) => ({
  system: 'x',
  asset: 'postgres',
  point: '20261121T020000Z',
  run: RUN,
  database: 'noted',
  result: `evidence/x/2026/restore-result-${what}.json`,
});

const remarks = ['It may not be readable: its proof is old'];
/** Machines of the same names that end at once: what is tested is how they are started and watched, not what they do. */
const MACHINES: Record<Stage, object> = {
  backup: {
    StartAt: 'Which?',
    States: {
      'Which?': {
        Type: 'Choice',
        Choices: [
          {
            And: [
              { Variable: '$.point', IsPresent: true },
              { Variable: '$.point', StringEquals: UNFINISHED },
            ],
            Next: 'Take long',
          },
        ],
        Default: 'Dump the database',
      },
      'Take long': { Type: 'Wait', Seconds: 60, End: true },
      'Dump the database': { Type: 'Wait', Seconds: 1, Next: 'The point is proven to be whole' },
      'The point is proven to be whole': {
        Type: 'Pass',
        Result: { committed: true, system: 'x', asset: 'postgres', point: '20261121T020000Z', run: 'r', link: 'l' },
        End: true,
      },
    },
  },
  drill: {
    StartAt: 'The drill failed',
    States: { 'The drill failed': { Type: 'Fail', Error: 'CheckFailed', Cause: 'rows of users: 1, not 2' } },
  },
  restore: {
    StartAt: 'Which?',
    States: {
      'Which?': {
        Type: 'Choice',
        Choices: [
          { Variable: '$.to', StringEquals: 'noted', Next: 'Noted' },
          { Variable: '$.to', StringEquals: 'approved', Next: 'Wait for the approvals' },
          { Variable: '$.to', StringEquals: 'not "noted"', Next: 'Not noted' },
          { Variable: '$.to', StringEquals: 'a "long" one', Next: 'Take long' },
        ],
        Default: 'Odd',
      },
      'Wait for the approvals': { Type: 'Wait', Seconds: 1, Next: 'Noted' },
      Noted: { Type: 'Pass', Result: { ...restored('noted'), remarks }, End: true },
      'Not noted': { Type: 'Pass', Result: restored('missing'), End: true },
      'Take long': { Type: 'Wait', Seconds: 60, End: true },
      Odd: { Type: 'Fail', Error: 'States.Runtime', Cause: 'a state that nobody foresaw' },
    },
  },
  retention: { StartAt: 'Go', States: { Go: { Type: 'Succeed' } } },
  audit: { StartAt: 'Go', States: { Go: { Type: 'Succeed' } } },
  hold: { StartAt: 'Go', States: { Go: { Type: 'Succeed' } } },
  escrow: {
    StartAt: 'Which?',
    States: {
      'Which?': { Type: 'Choice', Choices: [{ Variable: '$.key', IsPresent: true, Next: 'One' }], Default: 'Take long' },
      One: { Type: 'Pass', Result: { run: 'r', versions: [], withoutValue: [{ key: 'wallet', secretVersion: 'begun' }] }, End: true },
      'Take long': { Type: 'Wait', Seconds: 60, End: true },
    },
  },
};

let world: World;
const on = (words: string[], more: RunOptions = {}) =>
  holdfast([...words, '--plan', world.plan], { environment: emulatorEnvironment(), ...more });
const here = (words: string[]) => holdfastHere([...words, '--plan', world.plan], { environment: emulatorEnvironment() });

beforeAll(async () => {
  world = await makeWorld();
  // In this process the SDK reads the real environment.
  Object.assign(process.env, emulatorEnvironment());
  const client = new SFNClient(clientConfig(rootSettings(HOME)));
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const { Role } = await new IAMClient(clientConfig(rootSettings(HOME))).send(
    new CreateRoleCommand({ RoleName: `${world.system}-machine`, AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  const roleArn = Role?.Arn ?? '';
  for (const [stage, machine] of Object.entries(MACHINES) as [Stage, object][])
    await client.send(
      new CreateStateMachineCommand({ name: stateMachineName(world.system, stage), definition: JSON.stringify(machine), roleArn }),
    );
});
afterAll(() => world.remove());

test('a machine is started by its computed name, watched step by step, and its result told', async () => {
  const { code, stdout, stderr } = await on(['backup']);
  expect(stderr).toContain(
    `Started in account 000000000000, ${HOME}: arn:aws:states:${HOME}:000000000000:execution:holdfast-${world.system}-backup:by-hand-`,
  );
  expect(stderr).toMatch(/✓ Dump the database \d+(\.\d)? (ms|s)/);
  expect(stdout).toContain('committed postgres/20261121T020000Z');
  expect(code).toBe(0);
  expect(stderr).not.toContain('\u001B');
});

test('a point is finished by its id, or by its asset and its id, and a new one made by the asset alone', async () => {
  const client = new SFNClient(clientConfig(rootSettings(HOME)));
  const inputOf = async (words: string[]) => {
    const { stdout } = await here(['backup', ...words, '--detach', '--output', 'json']);
    const { execution } = JSON.parse(stdout) as { execution: string };
    return JSON.parse((await client.send(new DescribeExecutionCommand({ executionArn: execution }))).input ?? '') as unknown;
  };
  const [byId, byAsset, anew] = await Promise.all([
    inputOf(['postgres', '--finish', '20261121T020000Z']),
    inputOf(['--finish', 'postgres/20261121T021533Z-m3fa9c1']),
    inputOf(['postgres']),
  ]);
  expect(byId).toEqual({ asset: 'postgres', point: '20261121T020000Z' });
  expect(byAsset).toEqual({ asset: 'postgres', point: '20261121T021533Z-m3fa9c1' });
  expect(anew).toEqual({ asset: 'postgres' });
});

test('with --output json --quiet there is the result and nothing else', async () => {
  const { code, stdout, stderr } = await here(['backup', '--output', 'json', '--quiet']);
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'succeeded', committed: true, execution: expect.stringMatching(/^arn:/) as string });
});

test('a failure has the exit code of its class, its cause, and the next step', async () => {
  const failed = await on(['drill', '--output', 'json', '--quiet']);
  expect(failed).toMatchObject({ code: 50, stdout: '' });
  expect(JSON.parse(failed.stderr)).toMatchObject({
    error: {
      failure: 'CheckFailed',
      message: 'rows of users: 1, not 2',
      runbook: 'docs/runbook.md#checkfailed',
      execution: expect.stringMatching(/^arn:/) as string,
    },
  });
  const odd = await here(['restore', 'latest', '--to', 'x']);
  expect(odd.code).toBe(70);
  expect(odd.stderr).toContain('a state that nobody foresaw (States.Runtime)');
});

test('an escrow names a version that a rotation has given no value yet, and is no failure', async () => {
  const { code, stdout } = await here(['escrow', 'wallet-encryption-key']);
  expect([code, stdout]).toEqual([
    0,
    expect.stringContaining('wallet: version begun has no value: a rotation is under way, or was refused or cancelled') as string,
  ]);
});

test('the first ^C stops watching and says how to watch again; so does --detach', async () => {
  let sent = false;
  const left = await on(['escrow'], {
    onStderr(text, signal) {
      if (sent || !text.includes('Started in')) return;
      sent = true;
      // Watching begins after the line is written.
      setTimeout(() => signal('SIGINT'), 500);
    },
  });
  expect(left.code).toBe(130);
  const [, execution = ''] = /npx holdfast escrow --watch (\S+)/.exec(left.stdout) ?? [];
  expect(execution).toMatch(/^arn:/);

  const detached = await here(['escrow', '--detach', '--output', 'json']);
  expect(JSON.parse(detached.stdout)).toMatchObject({ status: 'running' });

  let again = false;
  const stopped = await on(['escrow', '--watch', execution, '--stop-on-interrupt'], {
    onStderr(text, signal) {
      if (again || !text.includes('Watching')) return;
      again = true;
      setTimeout(() => signal('SIGINT'), 500);
    },
  });
  expect(stopped).toMatchObject({ code: 130, stdout: expect.stringContaining('Stopped') as string });
  const seen = await here(['escrow', '--watch', execution]);
  expect(seen.code).toBe(20);
});

test('a restore says what is to be known of the new database, or that it could not be read', async () => {
  const { result, ...own } = restored('noted');
  const instants = { startedAt: '2026-11-21T02:02:00.000Z', finishedAt: '2026-11-21T02:03:00.000Z' };
  const notes = ['Only the owner may connect: grant CONNECT', 'Left out: a view'];
  await world.vault.writer.putOnce(
    result,
    JSON.stringify({ format: 'holdfast/restore-result/v1', ...own, ...instants, bytesRestored: 1, notes }),
  );
  const told = await here(['restore', 'latest', '--to', 'noted']);
  expect(told.code, told.stderr).toBe(0);
  for (const text of [...[...notes, ...remarks].map((note) => `note ${note}`), `Evidence: ${result}`]) expect(told.stdout).toContain(text);
  const { stdout } = await here(['restore', 'latest', '--to', 'noted', '--output', 'json']);
  expect(JSON.parse(stdout)).toMatchObject({ result, notes, remarks });
  const unread = await here(['restore', 'latest', '--to', 'not "noted"']);
  expect([unread.code, unread.stdout]).toEqual([0, expect.stringContaining('could not be read') as string]);
});

test('whoever waits is told what to tell others: the request, how it is approved, and until when', async () => {
  const { stdout } = await here(['restore', 'latest', '--to', 'approved', '--detach', '--output', 'json']);
  const { execution } = JSON.parse(stdout) as { execution: string };
  const run = runId(new Date('2026-11-21T10:15:00Z'), execution);
  const { system } = world;
  const record: ApprovalRequest = {
    format: 'holdfast/approval-request/v1',
    system,
    asset: 'postgres',
    run,
    execution,
    at: '2026-11-21T10:15:00.000Z',
    asked: { action: 'restore', target: 'in-place', details: [] },
    needed: 1,
    expiresAt: '2026-11-21T14:15:00.000Z',
  };
  await world.vault.writer.putOnce(approvalRequestKey(system, run, 'vault'), JSON.stringify(record));
  const { stderr } = await here(['restore', '--watch', execution]);
  expect(stderr).toMatch(new RegExp(`^ +It waits until 2026-11-21 14:15Z for: npx holdfast approve ${run}$`, 'm'));
});

test('a restore that ^C stops says what may be left of it, and how to go on', async () => {
  let sent = false;
  const { code, stdout } = await on(['restore', 'latest', '--to', 'a "long" one', '--stop-on-interrupt'], {
    onStderr(text, signal) {
      if (sent || !text.includes('Started in')) return;
      sent = true;
      setTimeout(() => signal('SIGINT'), 500);
    },
  });
  expect(code).toBe(130);
  expect(stdout).toContain('The new database a "long" one may have stayed half made. The same restore again goes on with it');
  expect(stdout).toContain('DROP DATABASE IF EXISTS "a ""long"" one" WITH (FORCE)');
});

test.each([['restore'], ['restore', 'undo']])(
  'an execution of `%s %s` that is stopped, by whom ever, names what it may leave',
  async (...verb) => {
    const sfn = new SFNClient(clientConfig(rootSettings(HOME)));
    const machine = `arn:aws:states:${HOME}:000000000000:stateMachine:${stateMachineName(world.system, 'restore')}`;
    for (const byUs of [true, false]) {
      const started = await sfn.send(
        new StartExecutionCommand({ stateMachineArn: machine, input: JSON.stringify({ to: 'a "long" one' }) }),
      );
      const execution = started.executionArn ?? '';
      let sent = false;
      const { code, stdout, stderr } = await on([...verb, '--watch', execution, ...(byUs ? ['--stop-on-interrupt'] : [])], {
        onStderr(text, signal) {
          if (sent || !text.includes('Watching in')) return;
          sent = true;
          if (byUs) setTimeout(() => signal('SIGINT'), 500);
          else void sfn.send(new StopExecutionCommand({ executionArn: execution }));
        },
      });
      const { startDate = new Date(0) } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
      expect(code, stderr).toBe(byUs ? 130 : 20);
      expect(byUs ? stdout : stderr).toContain(`heading A restore that was cut off, run ${runId(startDate, execution)}`);
    }
  },
);

test('a backup that ^C stops names the point that it leaves unfinished, and how to finish it', async () => {
  await commitPoint(world, UNFINISHED, { archive: Buffer.from('an archive'), version: '17.6' });
  let sent = false;
  const { code, stdout } = await on(['backup', '--finish', UNFINISHED, '--stop-on-interrupt'], {
    onStderr(text, signal) {
      if (sent || !text.includes('Started in')) return;
      sent = true;
      setTimeout(() => signal('SIGINT'), 500);
    },
  });
  expect(code).toBe(130);
  expect(stdout).toContain(`The point postgres/${UNFINISHED} is committed and not finished`);
  expect(stdout).toContain(`npx holdfast backup postgres --finish ${UNFINISHED}`);
});

test('a machine that is not there is told as not deployed', async () => {
  const nmia = new URL('../../plans/nmia.yaml', import.meta.url).pathname;
  const { code, stderr } = await holdfastHere(['backup', '--plan', nmia], { environment: emulatorEnvironment() });
  expect(code).toBe(66);
  expect(stderr).toContain('holdfast-nmia-backup does not exist in account');
});
