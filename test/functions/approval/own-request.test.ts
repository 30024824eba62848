/** Two executions whose runs have the same id: what was approved for one is never the word for the other. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRequest } from '../../../adapters/vault/read-approval.ts';
import { hashInput } from '../../../core/approval/input-hash.ts';
import { askApprovers } from '../../../functions/approval/ask-approvers.ts';
import { confirmDecisions } from '../../../functions/approval/confirm-decisions.ts';
import { ASSET } from '../vault-world.ts';
import { ANN, askAndStart, BOB, makeApprovalWorld, POINT, type ApprovalWorld } from './approval-world.ts';

let world: ApprovalWorld;
beforeAll(async () => {
  world = await makeApprovalWorld();
});
afterAll(() => world.close());

const refused = (why: RegExp) => ({ status: 'FAILED', error: 'NotApproved', cause: expect.stringMatching(why) as string });

it('does not begin with what was approved for another execution', async () => {
  const approved = await askAndStart(world, ANN);
  await approved.asked();
  await approved.decide(BOB);
  await expect(approved.ended).resolves.toMatchObject({ status: 'SUCCEEDED' });
  const other = await askAndStart(world, ANN, { run: approved.run });
  await expect(other.ended).resolves.toMatchObject(refused(/is of another execution/));
  expect(other.calls).not.toContain('ask-approvers');
});

it('opens nothing but what was asked, whichever step is told something else', async () => {
  const machine = await askAndStart(world, ANN);
  await machine.asked();
  const asked = { action: 'restore', target: 'in-place', database: 'ida', details: ['the service api is stopped'] };
  const own = {
    input: { asset: ASSET } as Record<string, unknown>,
    execution: machine.executionArn,
    asset: ASSET,
    point: POINT,
    run: machine.run,
    asked,
  };
  const confirm = (change: Partial<typeof own>) =>
    confirmDecisions({ ...own, ...change, startedAt: new Date().toISOString(), seen: 0, woken: 'time' }, machine.ports);
  const ask = (change: Partial<typeof own>) => askApprovers({ ...own, ...change, token: 'theirs', round: 7, seen: 0 }, machine.ports);
  await expect(confirm({})).resolves.toMatchObject({ state: 'waiting' });
  for (const step of [confirm, ask]) {
    await expect(step({ execution: `${machine.executionArn}-other` })).rejects.toThrow(/is of another execution/);
    await expect(step({ asked: { ...asked, target: 'drop-and-create' } })).rejects.toThrow(/asks for something else/);
    await expect(step({ asked: { ...asked, details: [] } })).rejects.toThrow(/asks for something else/);
    await expect(step({ point: '20261120T011500Z' })).rejects.toThrow(/asks for something else/);
    await expect(step({ input: { asset: ASSET, schemaOnly: true } })).rejects.toThrow(/another input/);
  }
  await machine.decide(BOB);
  await expect(machine.ended).resolves.toMatchObject({ status: 'SUCCEEDED' });
});

it.each([
  ['nothing', undefined],
  ['one thing', ['no rows']],
  ['several things', ['no rows', 'these tables are left out: public.log']],
])('shows what else is asked, and of which input, to whoever decides: %s', async (_, details) => {
  const machine = await askAndStart(world, ANN, details ? { details } : {});
  await machine.asked();
  const records = await readRequest(machine.ports, machine.run);
  expect(records?.request).toMatchObject({
    asked: { details: [...(details ?? []), 'the service api is stopped'] },
    inputSha256: hashInput({ asset: ASSET }),
  });
  for (const detail of details ?? []) expect(machine.messages[0]).toContain(detail);
  await machine.decide(BOB);
  await expect(machine.ended).resolves.toMatchObject({ status: 'SUCCEEDED' });
});
