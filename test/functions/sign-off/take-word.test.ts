/** What people say of a restore, over a real bucket: each word is the caller's own, stands once it is written, and opens what it should. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readPapers } from '../../../adapters/vault/quiesce-papers.ts';
import { isTicked } from '../../../adapters/vault/restore-ticks.ts';
import { putPaper } from '../../../adapters/vault/quiesce-papers.ts';
import type { Caller } from '../../../core/approval/caller.ts';
import { parseJson } from '../../../core/parse-json.ts';
import type { QuiesceStep } from '../../../core/plan/schema-quiesce.ts';
import type { RestoreFollowUp, RestoreResult } from '../../../core/restore/result.ts';
import { SignOffRequest, type SignOffAnswer } from '../../../core/sign-off/contract.ts';
import { SignOff, signOffKey, type LeftToPeople } from '../../../core/sign-off/records.ts';
import { evidenceKey } from '../../../core/vault/keys.ts';
import { checkFollowUp } from '../../../functions/restore/check-follow-up.ts';
import { takeWord } from '../../../functions/sign-off/take-word.ts';
import { ROLES, session } from '../../core/approval/records.ts';
import { restoreResult } from '../../core/restore/results.ts';
import { ASSET, makeVaultWorld, type VaultWorld } from '../vault-world.ts';

const ANN = session('requester', 'ann');
const BOB = session('approver', 'bob');
const EVE = session('reader', 'eve');
const SHA256 = /^[0-9a-f]{64}$/;

const LEFT: LeftToPeople = {
  checks: [{ name: 'enclaves', what: 'The list of enclaves is what it was' }],
  followUps: [
    { name: 'dns', kind: 'dns', what: 'Point the name at the new host' },
    { name: 'host secrets', kind: 'provision-secrets', what: 'Set each secret again', count: 40, secondsPerSecret: 30 },
    { name: 'warm up', kind: 'other', what: 'Load the caches again', duration: 'PT10M' },
  ],
};

let world: VaultWorld;
let runs = 0;
const newRun = () => `20261121T0915${String(runs++).padStart(2, '0')}Z-3fa9c1`;
beforeAll(async () => void (world = await makeVaultWorld()));

async function restored(change: Partial<RestoreResult> = {}): Promise<string> {
  const run = newRun();
  const result = restoreResult({
    system: world.system,
    asset: ASSET,
    run,
    target: 'in-place',
    kept: `ida_kept_${run.slice(-6)}`,
    times: { restoreSeconds: 600, validationSeconds: 60, elapsedSeconds: 1800 },
    leftToPeople: LEFT,
    ...change,
  });
  await world.vault.putOnce(evidenceKey(world.system, 'restore-result', run), JSON.stringify(result));
  return run;
}

const ports = () => ({
  system: world.system,
  vault: world.vault,
  people: [...ROLES.requesters, ...ROLES.approvers],
  now: () => new Date('2026-11-21T11:00:00Z'),
});
const say = (by: Caller, word: object): Promise<SignOffAnswer> => takeWord(SignOffRequest.parse(word), ports(), by);
const tick = (by: Caller, run: string, name: string, more: object = {}) =>
  say(by, { action: 'tick', run, name, note: 'it is so', ...more });
const refusal = (word: Promise<unknown>) =>
  word.then(
    () => 'taken',
    (error: Error & { failure?: string }) => `${error.failure}: ${error.message}`,
  );
async function tickAll(run: string) {
  await tick(BOB, run, 'enclaves', { note: 'all 12 are there' });
  for (const { name } of LEFT.followUps) await tick(ANN, run, name);
}
/** What the machine writes once it has undone a restore, or dropped what that had kept. */
async function followedUp(action: RestoreFollowUp['action'], of: string): Promise<string> {
  const run = newRun();
  const record: RestoreFollowUp = {
    format: 'holdfast/restore-follow-up/v1',
    action,
    system: world.system,
    asset: ASSET,
    run,
    of,
    database: 'ida',
    startedAt: '2026-11-21T10:00:00.000Z',
    finishedAt: '2026-11-21T10:01:00.000Z',
    notes: [],
  };
  await world.vault.putOnce(evidenceKey(world.system, `restore-${action}`, run), JSON.stringify(record));
  return run;
}
const follow = (action: 'undo' | 'finish', of: string, from: 'vault' | 'replica' = 'vault') =>
  checkFollowUp({ action, of, run: newRun(), now: ports().now() }, { system: world.system, vault: world.vault, assets: [ASSET], from });
const finish = (of: string) => follow('finish', of);
const stands = async (run: string) => SignOff.parse(parseJson((await world.vault.get({ key: signOffKey(world.system, run) }))!.body));

describe('a restore that is signed off', () => {
  it('lists what is left to people, takes a tick of each with name and note, and one signature', async () => {
    const run = await restored();
    const { items } = await say(ANN, { action: 'look', run });
    expect(items.map(({ kind, name, seconds, ticked }) => [kind, name, seconds, ticked])).toEqual([
      ['check', 'enclaves', undefined, undefined],
      ['follow-up', 'dns', undefined, undefined],
      ['follow-up', 'host secrets', 1200, undefined],
      ['follow-up', 'warm up', 600, undefined],
    ]);
    const after = await tick(BOB, run, 'enclaves', { note: 'all 12 are there' });
    expect(after.items[0]?.ticked).toEqual({ by: 'bob', at: '2026-11-21T11:00:00.000Z', note: 'all 12 are there' });
    await tick(ANN, run, 'dns');
    await tick(ANN, run, 'warm up');
    expect(await refusal(say(ANN, { action: 'sign', run }))).toBe('BadInput: host secrets: nobody has ticked it yet');
    await tick(ANN, run, 'host secrets', { tookSeconds: 1500 });
    const signed = await say(BOB, { action: 'sign', run, note: 'Good', brokenSince: '2026-11-21T10:05:00+01:00' });
    expect(signed.signed).toEqual({ by: 'bob', at: '2026-11-21T11:00:00.000Z' });

    const record = await stands(run);
    expect(record).toMatchObject({
      run,
      database: 'ida',
      by: BOB,
      resultSha256: expect.stringMatching(SHA256) as string,
      checks: [{ name: 'enclaves', by: BOB, note: 'all 12 are there' }],
      followUps: [
        { name: 'dns', by: ANN },
        { name: 'host secrets', seconds: 1500 },
        { name: 'warm up', seconds: 600 },
      ],
    });
    const began = Number(run.slice(13, 15));
    expect(record.times).toEqual({
      restoreSeconds: 600,
      validationSeconds: 60,
      elapsedSeconds: 1800,
      detectionSeconds: 600 + began,
      followUpSeconds: 2100,
    });
  });

  it('is signed once: what comes later is told whose word stands', async () => {
    const run = await restored({ leftToPeople: undefined });
    await say(BOB, { action: 'sign', run });
    expect((await say(ANN, { action: 'sign', run })).signed?.by).toBe('bob');
    expect(await refusal(tick(ANN, run, 'enclaves'))).toContain('bob has signed off the restore');
  });

  it('counts the first of two who sign at once', async () => {
    const run = await restored({ leftToPeople: undefined });
    const both = await Promise.all([ANN, BOB].map((by) => say(by, { action: 'sign', run })));
    expect(new Set(both.map(({ signed }) => signed?.by)).size).toBe(1);
    expect(both[0]?.signed?.by).toBe((await stands(run)).by.person);
  });

  it('takes no word of anybody else, nor one that says nothing', async () => {
    const run = await restored();
    for (const word of [{ action: 'look' }, { action: 'tick', name: 'dns', note: 'it is so' }, { action: 'sign' }])
      expect(await refusal(say(EVE, { ...word, run }))).toContain('DecisionRefused');
    expect(await refusal(tick(ANN, run, 'dns', { note: undefined }))).toBe('BadInput: dns: a note says what was seen or done');
    expect(await refusal(tick(ANN, run, 'backups'))).toContain('leaves nothing to people that is called backups');
    expect(await refusal(tick(ANN, run, 'enclaves', { tookSeconds: 5 }))).toContain('enclaves is no follow-up');
    expect(await refusal(tick(ANN, run, 'dns', { part: 'stop' }))).toContain('dns is nothing that is stopped or put back');
    await tick(ANN, run, 'dns');
    expect(await refusal(tick(BOB, run, 'dns'))).toBe('BadInput: ann has ticked dns at 2026-11-21T11:00:00.000Z');
    expect(await refusal(say(ANN, { action: 'look', run: newRun() }))).toContain('BadInput: There is no restore with the run');
    const never = await restored({ leftToPeople: undefined });
    expect(await refusal(say(ANN, { action: 'sign', run: never, brokenSince: '2026-11-21T10:30:00Z' }))).toContain(
      'BadInput: The restore began at',
    );
  });

  it('says so of a record that is none', async () => {
    const run = newRun();
    await world.vault.putOnce(evidenceKey(world.system, 'restore-result', run), '{"format":"something else"}');
    expect(await refusal(say(ANN, { action: 'look', run }))).toContain('PointDamaged');
  });
});

describe('a step by hand', () => {
  const step: QuiesceStep = {
    kind: 'manual',
    name: 'partner',
    what: 'Ask the partner to stop its feed',
    putBack: 'Ask the partner to start its feed',
    timeout: 'PT1H',
    resumeOnFailure: true,
  };

  it('is ticked while the restore goes on, once as stopped and once as put back', async () => {
    const of = { system: world.system, asset: ASSET, run: newRun() };
    const { run } = of;
    await putPaper(world.vault, of, 'stopping', {
      format: 'holdfast/quiesce-stopping/v1',
      run,
      number: 2,
      turn: 0,
      step,
      remembered: { kind: 'manual' },
      at: '2026-11-21T09:16:00.000Z',
    });
    const seen = await say(ANN, { action: 'look', run });
    expect(seen).toMatchObject({ asset: ASSET, items: [{ kind: 'step', name: 'partner', part: 'stop' }] });
    expect(seen.point).toBeUndefined();
    expect(await refusal(tick(ANN, run, 'partner'))).toContain('partner is stopped and put back: say which');
    expect(await refusal(tick(ANN, run, 'partner', { part: 'start' }))).toContain('Nobody has said yet that partner was stopped');
    await tick(ANN, run, 'partner', { part: 'stop', note: undefined });
    expect([await isTicked(world.vault, of, 2, 'stop'), await isTicked(world.vault, of, 2, 'start')]).toEqual([true, false]);
    await tick(BOB, run, 'partner', { part: 'start' });
    expect(await isTicked(world.vault, of, 2, 'start')).toBe(true);
    // What people say is no paper of the machine's.
    expect(await readPapers(world.vault, of)).toMatchObject({ stopping: [{ number: 2 }], resumed: [] });
    expect(await refusal(say(ANN, { action: 'sign', run }))).toContain('has left no record yet');
  });
});

describe('what was kept', () => {
  it('goes for a sign-off of that very record, and for nothing else', async () => {
    const run = await restored();
    expect(await finish(run)).toMatchObject({ accepted: false, message: expect.stringContaining('nobody has signed off') as string });
    await tickAll(run);
    await say(ANN, { action: 'sign', run });
    const evidence = signOffKey(world.system, run);
    expect(await finish(run)).toMatchObject({
      accepted: true,
      target: 'in-place',
      details: [`it is about the restore ${run}`, expect.stringContaining('is dropped for good') as string],
      signOff: { evidence, drops: true },
    });

    // Somebody puts the sign-off of one restore under the name of another.
    const other = await restored();
    await world.vault.putOnce(signOffKey(world.system, other), JSON.stringify({ ...(await stands(run)), run: other }));
    expect(await finish(other)).toMatchObject({ accepted: false });
  });

  it('of a restore beside there is nothing to drop, and its sign-off is kept all the same', async () => {
    const run = await restored({ target: 'beside', kept: undefined, leftToPeople: undefined });
    await say(ANN, { action: 'sign', run });
    expect(await finish(run)).toMatchObject({ accepted: true, target: 'beside', signOff: { drops: false } });
    expect(await follow('undo', run)).toMatchObject({
      accepted: false,
      message: expect.stringContaining('replaced nothing') as string,
    });
  });

  it('and is back in its place is neither ticked nor signed off, and what was signed before drops nothing', async () => {
    const [undone, signed, other] = [
      await restored(),
      await restored({ leftToPeople: undefined }),
      await restored({ leftToPeople: undefined }),
    ];
    await say(ANN, { action: 'sign', run: signed });
    for (const of of [undone, signed]) {
      const run = await followedUp('undo', of);
      expect(await say(ANN, { action: 'look', run: of })).toMatchObject({ undoneBy: run });
      if (of === undone) expect(await refusal(tick(ANN, of, 'dns'))).toContain(`BadInput: The restore ${of} was undone by ${run}`);
      if (of === undone) expect(await refusal(say(ANN, { action: 'sign', run: of }))).toContain(`was undone by ${run}`);
      if (of === undone) expect(await finish(of)).toMatchObject({ message: expect.stringContaining(`was undone by ${run}`) as string });
    }
    expect(await finish(signed)).toMatchObject({ accepted: true, signOff: { drops: false } });
    expect(await say(ANN, { action: 'look', run: other })).not.toHaveProperty('undoneBy');
    expect((await say(ANN, { action: 'sign', run: other })).signed?.by).toBe('ann');
  });

  it('is put back once, and dropped once: a second wish is refused before anybody is asked', async () => {
    const [undone, dropped] = [await restored(), await restored({ leftToPeople: undefined, safety: '20261121T091500Z' })];
    const by = await followedUp('undo', undone);
    expect(await follow('undo', undone)).toMatchObject({
      accepted: false,
      message: expect.stringContaining(`was undone already, by ${by}: "ida" is what it was before`) as string,
    });
    await say(ANN, { action: 'sign', run: dropped });
    const end = await followedUp('finish', dropped);
    expect(await say(ANN, { action: 'look', run: dropped })).toMatchObject({ droppedBy: end, safety: '20261121T091500Z' });
    const gone = `had kept was dropped by ${end}`;
    expect(await follow('undo', dropped)).toMatchObject({
      accepted: false,
      message: expect.stringMatching(`${gone}, once it was signed off.*safety backup of that restore is 20261121T091500Z`) as string,
    });
    expect(await finish(dropped)).toMatchObject({ accepted: false, message: expect.stringContaining(gone) as string });
  });

  it('by home is neither put back nor dropped by the second region, which has the record of it', async () => {
    const run = await restored({ leftToPeople: undefined });
    await say(ANN, { action: 'sign', run });
    expect(await follow('undo', run)).toMatchObject({ accepted: true, action: 'undo' });
    expect(await follow('undo', run, 'replica')).toMatchObject({
      accepted: false,
      message: expect.stringContaining('nothing is replaced in the second region') as string,
    });
    const there = await follow('finish', run, 'replica');
    expect(there).toMatchObject({ accepted: true, details: [`it is about the restore ${run}`], signOff: { drops: false } });
  });
});
