/** A point whose key nobody could get back: what a drill, and a restore, are told before anything is restored. */
import { randomBytes } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { envelopeKey, escrowFactKey, factKey, manifestKey } from '../../../core/vault/keys.ts';
import { NO_NEEDS, type KeyNeeds } from '../../../core/restore/key-needs.ts';
import { choosePoint } from '../../../functions/drill/choose-point.ts';
import { checkRequest } from '../../../functions/restore/check-request.ts';
import { ASSET, makeVaultWorld, type VaultWorld } from '../vault-world.ts';

const POINT = '20260601T020000Z';
const REQUEST = { execution: 'arn:e', startedAt: '2026-06-05T04:00:00Z' };
const fingerprint = randomBytes(32).toString('hex');

let world: VaultWorld;
beforeAll(async () => {
  world = await makeVaultWorld();
  await world.putPoint(POINT, undefined, [{ key: 'wallet', fingerprint }]);
  await world.vault.putOnce(factKey(world.system, ASSET, POINT, 'verified', 'run'), '{}');
  expect(await world.vault.head({ key: manifestKey(world.system, ASSET, POINT) })).toBeDefined();
});

const ports = (needs = NO_NEEDS) => ({
  system: world.system,
  assets: [ASSET],
  vault: world.vault,
  escrow: world.vault,
  needs,
  from: 'vault' as const,
});
const drill = () => choosePoint({ input: { asset: ASSET }, ...REQUEST }, ports());
const restore = (more: object = {}) => checkRequest({ input: { asset: ASSET, point: 'latest', ...more }, ...REQUEST }, ports());
const put = (key: string) => world.vault.putOnce(key, '{}');
const fact = (kind: string, run: string) => put(escrowFactKey(world.system, 'wallet', fingerprint, kind, run));

it('is a verdict of the drill on the point, and refused by a restore unless it is accepted', async () => {
  for (const [why, make] of [
    [/its key wallet \([0-9a-f]{12}\) has no envelope in escrow/, () => Promise.resolve()],
    [/was never opened from escrow/, () => put(envelopeKey(world.system, 'wallet', fingerprint))],
  ] as const) {
    await make();
    expect(await drill()).toMatchObject({
      found: false,
      point: POINT,
      error: { Error: 'KeyNotRecoverable' },
      reason: expect.stringMatching(why) as string,
    });
    expect(await restore()).toMatchObject({ accepted: false, message: expect.stringMatching(/not restorable.*--without-keys/) as string });
    expect(await restore({ withoutKeys: true })).toMatchObject({ accepted: true, point: POINT });
  }
  await fact('readback', '20260601T004500Z-abcdef');
  expect(await drill()).toMatchObject({ found: true, point: POINT });
  expect(await restore()).toMatchObject({ accepted: true });
  await fact('lost', '20260602T004500Z-abcdef');
  expect(await drill()).toMatchObject({
    found: false,
    reason: expect.stringMatching(/could not be opened from escrow by the run 20260602T004500Z/) as string,
  });
  expect(await restore()).toMatchObject({ accepted: false });
});

it('is a point that names no version of a key that the plan says it needs, and it is told so in a sentence of its own', async () => {
  const needs = { most: ['elsewhere'], others: { [ASSET]: ['signing'] }, offline: {} };
  const reason = 'it names no version of the key signing, which was not in escrow when it was made';
  const bare = '20260602T020000Z';
  await world.putPoint(bare, undefined, []);
  await world.vault.putOnce(factKey(world.system, ASSET, bare, 'verified', 'run'), '{}');
  expect(await choosePoint({ input: { asset: ASSET, point: bare }, ...REQUEST }, ports(needs))).toMatchObject({
    found: false,
    point: bare,
    error: { Error: 'KeyNotRecoverable' },
    reason: expect.stringContaining(reason) as string,
  });
  const check = (more: object) => checkRequest({ input: { asset: ASSET, point: bare, ...more }, ...REQUEST }, ports(needs));
  expect(await check({})).toMatchObject({ accepted: false, message: expect.stringContaining(reason) as string });
  expect(await check({ withoutKeys: true })).toMatchObject({ accepted: true, point: bare });
  expect(await choosePoint({ input: { asset: ASSET, point: bare }, ...REQUEST }, ports())).toMatchObject({ found: true });
});

it('counts an offline proof for the recipients of the plan while it is young; an old one is said, and keeps no restore from starting', async () => {
  const proven = '20260603T020000Z';
  const value = randomBytes(32).toString('hex');
  const mine = '0123456789abcdef';
  await world.putPoint(proven, undefined, [{ key: 'offline', fingerprint: value }]);
  await world.vault.putOnce(factKey(world.system, ASSET, proven, 'verified', 'run'), '{}');
  const under = (recipients: string, validDays: number) => ({
    ...NO_NEEDS,
    offline: { offline: { recipients, validSeconds: validDays * 86_400 } },
  });
  await put(envelopeKey(world.system, 'offline', value));
  await put(escrowFactKey(world.system, 'offline', value, 'lost', '20260601T004500Z-abcdef'));
  await put(escrowFactKey(world.system, 'offline', value, `offline-proof-${mine}`, '20260505T040000Z-abcdef'));
  const ask = async (needs: KeyNeeds) => [
    await choosePoint({ input: { asset: ASSET, point: proven }, ...REQUEST }, ports(needs)),
    await checkRequest({ input: { asset: ASSET, point: proven }, ...REQUEST }, ports(needs)),
  ];
  const [young, restoredYoung] = await ask(under(mine, 40));
  expect([young, restoredYoung]).toMatchObject([{ found: true }, { accepted: true }]);
  expect(restoredYoung).not.toHaveProperty('remarks');
  for (const [needs, why] of [
    [under(mine, 30), 'its offline file was last proven 31 days ago, and 30 days are allowed'],
    [under('fedcba9876543210', 40), 'its offline file was proven for recipients that the plan does not name'],
    [NO_NEEDS, 'its offline file was proven for recipients that the plan does not name'],
  ] as const) {
    const [drilled, restored] = await ask(needs);
    expect(drilled).toMatchObject({ found: false, reason: expect.stringContaining(why) as string });
    expect(restored).toMatchObject({ accepted: true, remarks: [expect.stringContaining(why) as string] });
  }
  await put(escrowFactKey(world.system, 'offline', value, `offline-failed-${mine}`, '20260604T040000Z-abcdef'));
  const [drilled, restored] = await ask(under(mine, 40));
  expect(drilled).toMatchObject({ found: false, reason: expect.stringContaining('did not give it when witnesses last looked') as string });
  expect(restored).toMatchObject({ accepted: false });
});
