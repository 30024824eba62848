import { CreateStateMachineCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { stepFunctionsExecutions } from '../../adapters/step-functions/executions.ts';
import { storedVersions } from '../../adapters/vault/read-records.ts';
import { BackupInputRefused, NoPointToFinish } from '../../core/backup/read-input.ts';
import { claimKey, factKey, manifestKey, runsPrefix, signatureKey } from '../../core/vault/keys.ts';
import { admitSlot, type AdmitPorts } from '../../functions/backup/admit-slot.ts';
import { rootS3, rootSettings, uniqueSuffix } from '../helpers/servers.ts';
import { ASSET, HOME, makeVaultWorld, type VaultWorld } from './vault-world.ts';

let world: VaultWorld;
let ports: AdmitPorts;
let machine: string;
/** Its executions succeed at once. */
let quick: string;
const sfn = () => new SFNClient(clientConfig(rootSettings(HOME)));

/** Executions run until they are stopped, unless they are of the quick machine. */
async function startExecution(stateMachineArn = machine): Promise<string> {
  const { executionArn } = await sfn().send(new StartExecutionCommand({ stateMachineArn, name: `run-${uniqueSuffix()}` }));
  return executionArn ?? '';
}

const request = (execution: string, slot?: string) => ({
  input: { asset: ASSET, ...(slot ? { slot } : {}) },
  execution,
  startedAt: new Date().toISOString(),
});
const finish = (execution: string, point: string) => ({ ...request(execution), input: { asset: ASSET, point } });
/** What a whole run writes beside a point; of the listing only the names count. */
async function recordPoint(point: string, missing?: string): Promise<void> {
  const keys = ['verified', 'locked', 'replicated'].map((kind) => factKey(world.system, ASSET, point, kind, '20261120T050001Z-abcdef'));
  const all = [...keys, signatureKey(manifestKey(world.system, ASSET, point))];
  for (const key of all.filter((one) => missing === undefined || !one.includes(missing))) await world.vault.putOnce(key, '{}');
}
const claims = async (slot: string) => (await storedVersions(world.vault, runsPrefix(world.system, ASSET, slot))).length;

beforeAll(async () => {
  world = await makeVaultWorld();
  ports = {
    system: world.system,
    assets: [ASSET, 'second'],
    vault: world.vault,
    executions: stepFunctionsExecutions(rootSettings(HOME)),
    now: () => new Date(),
  };
  const name = `waits-${uniqueSuffix()}`;
  const trust = { Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  const role = await new IAMClient(clientConfig(rootSettings(HOME))).send(
    new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }),
  );
  const create = async (machineName: string, state: object) => {
    const definition = JSON.stringify({ StartAt: 'Only', States: { Only: state } });
    const created = await sfn().send(new CreateStateMachineCommand({ name: machineName, roleArn: role.Role?.Arn, definition }));
    return created.stateMachineArn ?? '';
  };
  machine = await create(name, { Type: 'Wait', Seconds: 3600, End: true });
  quick = await create(`${name}-not`, { Type: 'Succeed' });
});

describe('admitSlot', () => {
  it('admits one of ten deliveries that arrive at once', async () => {
    const executions = await Promise.all(Array.from({ length: 10 }, () => startExecution()));
    const answers = await Promise.all(executions.map((execution) => admitSlot(request(execution, '2026-11-20T02:00:00Z'), ports)));
    expect(answers.filter((answer) => answer.admitted)).toHaveLength(1);
    for (const answer of answers) if (!answer.admitted) expect(answer.reason).toMatch(/held by arn:.* which is running/);
    expect(await claims('20261120T020000Z')).toBe(1);
  });

  it('gives one execution its own claim again, however often it asks, and at once', async () => {
    const execution = await startExecution();
    const once = request(execution, '2026-11-20T03:00:00Z');
    const answers = await Promise.all([once, once, once].map((asked) => admitSlot(asked, ports)));
    for (const answer of answers)
      expect(answer).toMatchObject({ admitted: true, claim: 1, slot: '20261120T030000Z', point: '20261120T030000Z' });
    expect(await claims('20261120T030000Z')).toBe(1);
  });

  it('says which point was the last one before, of whatever day, and that there is none', async () => {
    const lastPoint = async (slot: string) => {
      const answer = await admitSlot(request(await startExecution(), slot), ports);
      return answer.admitted ? answer.lastPoint : 'refused';
    };
    expect(await lastPoint('2024-02-01T02:00:00Z')).toBe('');
    for (const point of ['20240201T010000Z', '20240201T020000Z-mabcdef', '20240201T030000Z']) await world.putPoint(point);
    expect(await lastPoint('2024-02-01T00:00:00Z')).toBe('');
    expect(await lastPoint('2024-02-01T02:30:00Z')).toBe('20240201T020000Z-mabcdef');
    expect(await lastPoint('2024-02-04T02:00:00Z')).toBe('20240201T030000Z');
    expect(await lastPoint('2024-04-01T02:00:00Z')).toBe('20240201T030000Z');
    // What somebody hid is there all the same.
    const Key = manifestKey(world.system, ASSET, '20240201T030000Z');
    await rootS3(HOME).send(new DeleteObjectCommand({ Bucket: world.vault.bucket, Key }));
    expect(await lastPoint('2024-02-04T03:00:00Z')).toBe('20240201T030000Z');
  });

  it('gives the slot of a run that died to one of those that ask for it', async () => {
    const died = await startExecution();
    expect(await admitSlot(request(died, '2026-11-20T04:00:00Z'), ports)).toMatchObject({ admitted: true, claim: 1 });
    await sfn().send(new StopExecutionCommand({ executionArn: died }));
    const others = await Promise.all(Array.from({ length: 5 }, () => startExecution()));
    const answers = await Promise.all(others.map((execution) => admitSlot(request(execution, '2026-11-20T04:00:00Z'), ports)));
    expect(answers.filter((answer) => answer.admitted)).toMatchObject([{ claim: 2 }]);
    // The one that died does not come back, should it be delivered again.
    expect(await admitSlot(request(died, '2026-11-20T04:00:00Z'), ports)).toMatchObject({ admitted: false });
  });

  it('admits nobody to a slot whose point is finished', async () => {
    const first = await startExecution(quick);
    await admitSlot(request(first, '2026-11-20T05:00:00Z'), ports);
    await world.putPoint('20261120T050000Z');
    await recordPoint('20261120T050000Z');
    await vi.waitFor(async () => expect(await ports.executions.stateOf(first)).toBe('succeeded'), 20_000);
    for (const asked of [request(await startExecution(), '2026-11-20T05:00:00Z'), finish(await startExecution(), '20261120T050000Z')])
      expect(await admitSlot(asked, ports)).toEqual({
        admitted: false,
        reason: 'the slot has its point, and the point is finished',
        point: '20261120T050000Z',
      });
    expect(await claims('20261120T050000Z')).toBe(1);
  });

  it.each([
    ['20261119T010000Z', 'verified-'],
    ['20261119T020000Z', 'locked-'],
    ['20261119T030000Z', 'replicated-'],
    ['20261119T040000Z', '.dsse.json'],
    ['20261119T050000Z', undefined],
    ['20261119T060000Z-mabcdef', 'locked-'],
  ])('gives the point %s of a run that failed to one of those that ask to finish it', async (point, missing) => {
    const died = await startExecution();
    const claim = { format: 'holdfast/claim/v1', system: world.system, asset: ASSET, slot: point, claim: 1, execution: died };
    await world.vault.putOnce(
      claimKey(world.system, ASSET, point, 1),
      JSON.stringify({ ...claim, run: 'run', claimedAt: new Date().toISOString() }),
    );
    await world.putPoint(point);
    await recordPoint(point, missing);
    expect(await admitSlot(finish(await startExecution(), point), ports)).toMatchObject({
      admitted: false,
      reason: expect.stringContaining('which is running') as string,
    });
    await sfn().send(new StopExecutionCommand({ executionArn: died }));
    const others = await Promise.all([1, 2, 3].map(() => startExecution()));
    const answers = await Promise.all(others.map((execution) => admitSlot(finish(execution, point), ports)));
    expect(answers.filter((answer) => answer.admitted)).toMatchObject([{ claim: 2, committed: true, slot: point, point }]);
    // Asked again, as when its answer was lost.
    const winner = others[answers.findIndex((answer) => answer.admitted)] ?? '';
    expect(await admitSlot(finish(winner, point), ports)).toMatchObject({ admitted: true, claim: 2, committed: true });
    expect(await claims(point)).toBe(2);
  });

  it('says which points could be finished when the one asked for is not there, and claims nothing', async () => {
    await world.putPoint('20261120T235000Z');
    const asked = admitSlot(finish(await startExecution(), '20261118T020000Z'), ports);
    await expect(asked).rejects.toThrow(NoPointToFinish);
    await expect(asked).rejects.toThrow(`${ASSET} has no point 20261118T020000Z`);
    await asked.catch((error: NoPointToFinish) => {
      expect(error.failure).toBe('PointMissing');
      expect(error.advice).toMatch(/^Unfinished points, newest first: 20261120T235000Z, /);
    });
    expect(await claims('20261118T020000Z')).toBe(0);
  });

  it('takes an execution that is not known yet for one that may run', async () => {
    const young = `${machine.replace(':stateMachine:', ':execution:')}:never-started`;
    expect(await admitSlot(request(young, '2026-11-20T06:00:00Z'), ports)).toMatchObject({ admitted: true });
    const asked = request(await startExecution(), '2026-11-20T06:00:00Z');
    expect(await admitSlot(asked, ports)).toMatchObject({
      admitted: false,
      reason: expect.stringContaining('may be about to run') as string,
    });
    const later = { ...asked, startedAt: new Date(Date.now() + 16 * 60_000).toISOString() };
    expect(await admitSlot(later, ports)).toMatchObject({ admitted: true, claim: 2 });
  });

  it.each([-2, 2])('admits one of many and takes over nothing that may run when the clock of a function is %i hours off', async (hours) => {
    const off = { ...ports, now: () => new Date(Date.now() + hours * 3_600_000) };
    const slot = `2026-11-17T${String(10 + hours).padStart(2, '0')}:00:00Z`;
    const executions = await Promise.all(Array.from({ length: 6 }, () => startExecution()));
    const answers = await Promise.all(executions.map((execution, i) => admitSlot(request(execution, slot), i % 2 === 0 ? off : ports)));
    expect(answers.filter((answer) => answer.admitted)).toMatchObject([{ claim: 1 }]);
    // One that is not known yet: whoever claimed and whoever asks, neither clock makes it old.
    for (const [claimer, asker, minute] of [
      [off, ports, '20'],
      [ports, off, '40'],
    ] as const) {
      const other = slot.replace(':00:00Z', `:${minute}:00Z`);
      const young = `${machine.replace(':stateMachine:', ':execution:')}:never-started-${hours}-${minute}`;
      expect(await admitSlot(request(young, other), claimer)).toMatchObject({ admitted: true, claim: 1 });
      expect(await admitSlot(request(await startExecution(), other), asker)).toMatchObject({
        admitted: false,
        reason: expect.stringContaining('may be about to run') as string,
      });
    }
  });

  it('makes a slot of its own for each manual run', async () => {
    const [one, two] = await Promise.all([startExecution(), startExecution()]);
    const startedAt = new Date().toISOString();
    const answers = await Promise.all([one, two].map((execution) => admitSlot({ ...request(execution), startedAt }, ports)));
    expect(answers).toMatchObject([{ admitted: true }, { admitted: true }]);
    expect(new Set(answers.map((answer) => (answer.admitted ? answer.slot : ''))).size).toBe(2);
  });

  it.each([
    [{}, /asset: .*Invalid input/],
    [{ asset: 'other' }, /no asset of the name 'other'/],
    [{ asset: ASSET, slot: 'yesterday' }, /slot: Invalid ISO datetime/],
    [{ asset: ASSET, when: 1 }, /Unrecognized key: "when"/],
    [{ asset: ASSET, point: 'latest' }, /point: 'latest' is not an id such as/],
    [{ asset: ASSET, point: '20261120T020000Z', slot: '2026-11-20T02:00:00Z' }, /"slot" and "point" exclude each other/],
    [{ asset: ASSET, slot: '2999-01-01T00:00:00Z' }, /slot: .* is in the future/],
    ['main', /the input: Invalid input/],
    [null, /the input: Invalid input/],
  ])('says of %j what is wrong and what is possible', async (input, problem) => {
    const asked = admitSlot({ input, execution: 'arn:x', startedAt: new Date().toISOString() }, ports);
    await expect(asked).rejects.toThrow(BackupInputRefused);
    await expect(asked).rejects.toThrow(problem);
    await asked.catch((error: BackupInputRefused) => expect(error.advice).toContain('main, second'));
  });
});
