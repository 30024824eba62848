import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalKey, approvalRequestKey, newestTokens, tokenKey, tokenName } from '../../../core/approval/records.ts';
import { APPROVAL } from '../../../core/approval/steps.ts';
import { DecisionRefused } from '../../../core/approval/errors.ts';
import { signatureKey } from '../../../core/vault/keys.ts';
import { session } from '../../core/approval/records.ts';
import { ANN, askAndStart, BOB, CLEO, makeApprovalWorld, startMachine, type ApprovalWorld } from './approval-world.ts';

let world: ApprovalWorld;
beforeAll(async () => {
  world = await makeApprovalWorld();
});
afterAll(() => world.close());

const isThere = async (key: string) => (await world.vault.get({ key })) !== undefined;

describe('a restore that somebody else has to approve', () => {
  it('goes on once another one has, and leaves who asked and who approved as signed and locked evidence', async () => {
    const machine = await askAndStart(world, ANN);
    await machine.asked();
    expect(machine.messages[0]).toMatch(/waits for approval[^]*the service api is stopped[^]*npx holdfast approve/);
    await expect(machine.decide(BOB)).resolves.toMatchObject({ n: 1, state: 'approved', approvedBy: ['bob'], needed: 1 });
    await expect(machine.ended).resolves.toMatchObject({ status: 'SUCCEEDED', output: { later: true } });
    for (const key of [approvalRequestKey(world.system, machine.run, 'vault'), approvalKey(world.system, machine.run, 1, 'vault')]) {
      expect(await isThere(signatureKey(key))).toBe(true);
      const head = await world.vault.head({ key });
      expect(head?.lockedUntil?.getTime()).toBeGreaterThan(Date.now() + 3000 * 86_400_000);
    }
  });

  it('goes on by itself where nobody has to', async () => {
    const machine = startMachine(world, { target: 'beside' });
    await expect(machine.ended).resolves.toMatchObject({ status: 'SUCCEEDED', output: { seconds: 0 } });
    expect(machine.calls).toEqual([]);
  });

  it('waits beside its source too, when the plan says so', async () => {
    const machine = await askAndStart(world, ANN, { target: 'beside', rule: { beside: 1 } });
    await machine.asked();
    await machine.decide(BOB);
    await expect(machine.ended).resolves.toMatchObject({ status: 'SUCCEEDED' });
  });

  it('is opened by nothing but decisions: who sends its token ends it', async () => {
    const machine = await askAndStart(world, ANN);
    const token = await machine.asked();
    expect(machine.send(token)).toBe('taken');
    await expect(machine.ended).resolves.toMatchObject({
      status: 'FAILED',
      error: 'NotApproved',
      cause: expect.stringContaining('there is no decision that it had not read') as string,
    });
    expect(machine.messages.at(-1)).toContain('was not approved');
  });

  it('takes several, one after the other, signing each as it comes', async () => {
    const machine = await askAndStart(world, ANN, { rule: { needed: 2 } });
    await machine.asked(1);
    await expect(machine.decide(BOB)).resolves.toMatchObject({ state: 'waiting' });
    await machine.asked(2);
    expect(await isThere(signatureKey(approvalKey(world.system, machine.run, 1, 'vault')))).toBe(true);
    await machine.decide(CLEO);
    await expect(machine.ended).resolves.toMatchObject({ status: 'SUCCEEDED' });
  });

  it('loses no decision that comes while the machine reads another one', async () => {
    const machine = await askAndStart(world, ANN, { rule: { needed: 3 } });
    await machine.asked();
    const all = [BOB, CLEO, session('approver', 'dan')];
    const answers = await Promise.all(all.map((by) => machine.decide(by)));
    expect(answers.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    await expect(machine.ended).resolves.toMatchObject({ status: 'SUCCEEDED' });
  });

  it.each([
    ['a fault of the service', 'Lambda.TooManyRequestsException'],
    ['a failure of the function', 'AwsUnreachable'],
  ])('hears a decision although the step that waits was tried again, after %s', async (_, fault) => {
    const machine = await askAndStart(world, ANN, { faultsOfAsking: [fault, fault] });
    await machine.asked(3);
    await machine.decide(BOB);
    await expect(machine.ended).resolves.toMatchObject({ status: 'SUCCEEDED' });
  });

  it('ends with the first no, and says whose and why', async () => {
    const machine = await askAndStart(world, ANN, { rule: { needed: 2 } });
    await machine.asked();
    await machine.decide(BOB, 'rejected', 'not on a Friday');
    await expect(machine.ended).resolves.toMatchObject({
      status: 'FAILED',
      error: 'NotApproved',
      cause: 'The restore was not approved. bob rejected the request: not on a Friday',
    });
    expect(await isThere(signatureKey(approvalKey(world.system, machine.run, 1, 'vault')))).toBe(true);
    await expect(machine.decide(CLEO)).rejects.toThrow(/takes no decision any more/);
  });

  it('expires, and takes no decision after that', async () => {
    const machine = await askAndStart(world, ANN, { rule: { needed: 2 } });
    await machine.asked();
    await machine.decide(BOB);
    const token = await machine.asked(2);
    machine.clock.advance(3_601_000);
    await expect(machine.ended).resolves.toMatchObject({
      status: 'FAILED',
      error: 'NotApproved',
      cause: expect.stringMatching(/expired at .* with 1 of 2 approvals \(bob\)/) as string,
    });
    await expect(machine.decide(CLEO)).rejects.toThrow(DecisionRefused);
    expect(machine.send(token)).toBe('gone');
  });

  it('is refused to whoever asked, to another role, twice to one person, and for what was not shown', async () => {
    const machine = await askAndStart(world, ANN, { rule: { needed: 2 } });
    await machine.asked();
    await machine.decide(BOB);
    await expect(machine.decide(session('approver', 'Ann'))).rejects.toThrow(/nobody approves a request of his own/);
    await expect(machine.decide(session('requester', 'eve'))).rejects.toThrow(/none of those that may approve/);
    await expect(machine.decide(session('approver', 'eve', '222222222222'))).rejects.toThrow(/none of those that may approve/);
    await expect(machine.decide(session('second-approver', 'BOB'))).rejects.toThrow(/one person counts once/);
    await machine.decide(CLEO);
    await expect(machine.ended).resolves.toMatchObject({ status: 'SUCCEEDED' });
  });

  it('is asked of nobody by whom the plan does not let ask', async () => {
    await expect(askAndStart(world, BOB)).rejects.toThrow(/none of those that may ask/);
  });
});

describe('a restore that was started in the console', () => {
  const starter =
    (person: string, role = 'requester') =>
    () =>
      Promise.resolve({ arn: `arn:aws:sts::111111111111:assumed-role/${role}/${person}`, eventId: 'e1' });

  it('has the author that the trail names', async () => {
    const machine = startMachine(world, { starter: starter('ann') });
    await machine.asked();
    await expect(machine.decide(session('approver', 'ann'))).rejects.toThrow(/of his own/);
    await machine.decide(BOB);
    await expect(machine.ended).resolves.toMatchObject({ status: 'SUCCEEDED' });
  });

  it('waits for a trail that is late, once that is all that is missing', async () => {
    let looks = 0;
    const machine = startMachine(world, { starter: () => (++looks < 4 ? Promise.resolve(undefined) : starter('ann')()) });
    await machine.asked();
    await expect(machine.decide(BOB)).resolves.toMatchObject({ state: 'waiting', needed: 2 });
    await expect(machine.ended).resolves.toMatchObject({ status: 'SUCCEEDED' });
    expect(looks).toBe(4);
  });

  it('needs one more where the trail stays silent, or cannot be asked', async () => {
    const machine = startMachine(world, { starter: () => Promise.reject(new Error('no right to look')) });
    await machine.asked();
    await machine.decide(BOB);
    await machine.asked(2);
    await machine.decide(CLEO);
    await expect(machine.ended).resolves.toMatchObject({ status: 'SUCCEEDED' });
  });

  it('is refused when the trail names somebody who may not ask, before anybody is asked', async () => {
    const machine = startMachine(world, { starter: starter('eve', 'admin') });
    await expect(machine.ended).resolves.toMatchObject({ status: 'FAILED', error: 'NotApproved' });
    expect(machine.calls).not.toContain('ask-approvers');
  });

  it('does not get the author of another request by taking its name', async () => {
    const machine = await askAndStart(world, ANN);
    const other = startMachine(world, { name: `asked-${Number(machine.run.slice(13, 15))}`, input: { asset: 'main', target: 'another' } });
    await other.asked();
    await expect(other.decide(BOB)).resolves.toMatchObject({ state: 'waiting', needed: 2 });
    for (const one of [machine, other]) {
      await one.decide(CLEO, 'rejected');
      await one.ended;
    }
  });
});

describe('what the machine keeps', () => {
  it('has a name for each thing that is waited in and for', async () => {
    const machine = await askAndStart(world, ANN);
    const token = await machine.asked();
    const kept = await world.vault.get({ key: tokenKey(world.system, machine.run, 1, tokenName(token)) });
    expect(JSON.parse(Buffer.from(kept!.body).toString())).toEqual({ format: 'holdfast/task-token/v1', token, seen: 0 });
    expect(Object.values(APPROVAL).every((name) => name.length <= 80)).toBe(true);
    await machine.decide(BOB);
    await machine.ended;
  });
});

it('wakes with the tokens of the newest round alone', () => {
  const key = (round: number, name: string) => tokenKey('ida', 'run', round, name);
  expect(newestTokens([])).toEqual([]);
  expect(newestTokens([key(2, 'a'), key(10, 'c'), key(10, 'b'), key(9, 'z')])).toEqual([key(10, 'c'), key(10, 'b')]);
});
