/** `requests`, `approve` and `reject`: what is asked is shown before anything is decided, and every refusal has its words and its exit code. */
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { exitCode } from '../../cli/exit-codes.ts';
import { hashInput } from '../../core/approval/input-hash.ts';
import { approvalKey, approvalRequestKey, ApprovalDecision, type ApprovalRequest } from '../../core/approval/records.ts';
import { parseJson } from '../../core/parse-json.ts';
import { emulatorEnvironment } from './run-holdfast.ts';
import { makeSignedWorld, type SignedWorld } from './signed-world.ts';

let world: SignedWorld;
let runs = 0;
beforeAll(async () => {
  Object.assign(process.env, emulatorEnvironment());
  world = await makeSignedWorld();
});
afterAll(() => world.remove());

const HOUR_MILLISECONDS = 3_600_000;

async function request(change: Partial<ApprovalRequest> = {}): Promise<string> {
  const run = `20261121T1015${String(runs++).padStart(2, '0')}Z-3fa9c1`;
  const { system } = world;
  const author = { arn: `arn:aws:sts::000000000000:assumed-role/holdfast-${system}-requester/ann`, account: '000000000000' };
  const record: ApprovalRequest = {
    format: 'holdfast/approval-request/v1',
    system,
    asset: 'postgres',
    point: '20261121T011500Z',
    run,
    execution: `arn:aws:states:eu-central-1:000000000000:execution:holdfast-${system}-restore:asked-${run}`,
    at: new Date().toISOString(),
    asked: { action: 'restore', target: 'in-place', database: 'ida', details: ['the service api is stopped'] },
    author: { ...author, role: `holdfast-${system}-requester`, person: 'ann' },
    needed: 1,
    expiresAt: new Date(Date.now() + HOUR_MILLISECONDS).toISOString(),
    ...change,
  };
  await world.vaultPorts.putOnce(approvalRequestKey(system, run, 'vault'), JSON.stringify(record));
  return run;
}
const bob = { person: 'bob', role: 'approver' } as const;
const decision = async (run: string, n = 1) =>
  ApprovalDecision.parse(parseJson((await world.vaultPorts.get({ key: approvalKey(world.system, run, n, 'vault') }))!.body));

describe('requests', () => {
  test('lists what waits and shows one with all that whoever decides has to know', async () => {
    const run = await request();
    const listed = await world.say(['requests'], bob);
    expect(listed.stdout).toMatch(new RegExp(`${run} .*restore of postgres, in-place +waiting`));
    const { stdout, code } = await world.say(['requests', run], bob);
    for (const text of ['20261121T011500Z', 'the service api is stopped', 'ann (arn:aws:sts', 'waiting', 'ida'])
      expect(stdout).toContain(text);
    expect(code).toBe(0);
    const json = JSON.parse((await world.say(['requests', run, '--output', 'json'], bob)).stdout) as { requests: object[] };
    expect(json.requests).toMatchObject([{ run, verdict: { state: 'waiting', needed: 1 }, decisions: [] }]);
  });

  test('shows the hash of what the machine was started with, to compare with what the requester says', async () => {
    const inputSha256 = hashInput({ asset: 'postgres', point: 'latest', target: 'in-place' });
    const run = await request({ inputSha256 });
    const { stdout } = await world.say(['requests', run], bob);
    expect(stdout).toMatch(new RegExp(`Input +SHA-256 ${inputSha256}`));
    const json = JSON.parse((await world.say(['requests', run, '--output', 'json'], bob)).stdout) as { requests: object[] };
    expect(json.requests).toMatchObject([{ run, inputSha256 }]);
    const { stderr } = await world.say(['approve', run], { ...bob, typed: 'no' });
    expect(stderr).toContain(inputSha256);
    // Requests of before it was written down.
    expect((await world.say(['requests', await request()], bob)).stdout).not.toContain('SHA-256');
  });

  test('knows nothing of a request that nobody made', async () => {
    const { code, stderr } = await world.say(['requests', '20200101T000000Z-000000'], bob);
    expect([code, stderr]).toEqual([exitCode('BadInput'), expect.stringContaining('There is no request 20200101T000000Z-000000')]);
  });
});

describe('approve', () => {
  test('shows the request, asks once more, and writes the name of the session', async () => {
    const run = await request();
    const no = await world.say(['approve', run], { ...bob, typed: 'no' });
    expect([no.code, no.stdout]).toEqual([exitCode('StoppedWatching'), 'Nothing was decided']);
    expect(no.stderr).toContain('the service api is stopped');
    const yes = await world.say(['approve', run, '--reason', 'it is needed'], { ...bob, typed: 'approve' });
    expect([yes.code, yes.stdout]).toEqual([0, expect.stringContaining('approved by bob, decision 1')]);
    expect(await decision(run)).toMatchObject({ outcome: 'approved', by: { person: 'bob' }, reason: 'it is needed' });
    const again = await world.say(['requests', run, '--output', 'json'], bob);
    expect(JSON.parse(again.stdout)).toMatchObject({ requests: [{ verdict: { state: 'approved', approvedBy: ['bob'] } }] });
  });

  test('with --yes asks nobody, and gives what was decided as JSON', async () => {
    const run = await request({ needed: 2 });
    const { stdout, code } = await world.say(['approve', run, '--yes', '--output', 'json'], bob);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { run, n: 1, outcome: 'approved', by: 'bob', state: 'waiting', needed: 2 }]);
    const second = await world.say(['approve', run, '--yes'], { person: 'cleo', role: 'approver' });
    expect(second.stdout).toContain('Approved by bob, cleo');
  });

  test.each<[string, object, { person: string; role: 'requester' | 'approver' | 'reader' }, string]>([
    ['of one’s own request', {}, { person: 'ann', role: 'approver' }, 'nobody approves a request of his own'],
    ['under a role that may not', {}, { person: 'bob', role: 'requester' }, 'is none of those that may approve'],
    ['after it has expired', { expiresAt: '2026-01-01T00:00:00.000Z' }, bob, 'The request takes no decision any more'],
    ['under a name that a program made', {}, { person: 'botocore-session-17', role: 'approver' }, 'names nobody'],
  ])('is refused %s', async (_, change, who, why) => {
    const run = await request(change);
    const { code, stderr } = await world.say(['approve', run, '--yes'], who);
    expect([code, stderr]).toEqual([exitCode('DecisionRefused'), expect.stringContaining(why)]);
    expect(await world.vaultPorts.get({ key: approvalKey(world.system, run, 1, 'vault') })).toBeUndefined();
  });

  test('counts a person once, in whatever role', async () => {
    const run = await request({ needed: 2 });
    await world.say(['approve', run, '--yes'], bob);
    const again = await world.say(['approve', run, '--yes'], { person: 'BOB', role: 'approver' });
    expect(again.stderr).toContain('one person counts once');
  });

  test('wants --yes where nobody sits', async () => {
    const { code, stderr } = await world.say(['approve', await request()], bob);
    expect([code, stderr]).toEqual([exitCode('BadInput'), expect.stringContaining('say --yes')]);
  });
});

describe('reject', () => {
  test('says why, and ends the request', async () => {
    const run = await request();
    const { code, stdout } = await world.say(['reject', run, '--reason', 'the wrong point', '--yes'], bob);
    expect([code, stdout]).toEqual([0, expect.stringContaining('rejected by bob')]);
    const late = await world.say(['approve', run, '--yes'], { person: 'cleo', role: 'approver' });
    expect(late.stderr).toContain('bob rejected the request: the wrong point');
    expect((await world.say(['requests'], bob)).stdout).toMatch(new RegExp(`${run}.*rejected`));
  });

  test('wants a reason', async () => {
    const run = await request();
    await expect(world.say(['reject', run, '--yes'], bob)).rejects.toThrow(/reason/);
  });
});
