import { DeleteObjectCommand, PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { readRecord, storedVersions } from '../../adapters/vault/read-records.ts';
import { LockTooLong } from '../../core/lock/errors.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import { LockedFact } from '../../core/vault/facts.ts';
import {
  attemptPrefix,
  chainKey,
  claimKey,
  dumpObjectKey,
  evidenceKey,
  factKey,
  manifestKey,
  pointPrefix,
  signatureKey,
} from '../../core/vault/keys.ts';
import { lockObjects } from '../../functions/lock/lock-objects.ts';
import { ASSET, makeVaultWorld, PART_BYTES, type VaultWorld } from './vault-world.ts';
import { parseJson } from '../../core/parse-json.ts';

let world: VaultWorld;
const RUN = '20261120T030000Z-abcdef';
const ask = (point: string, keys: string[] = []) => ({ system: world.system, asset: ASSET, point, run: RUN, term: world.term, keys });
const lockedUntil = async (key: string) => (await world.vault.head({ key }))?.lockedUntil?.toISOString();

beforeAll(async () => {
  world = await makeVaultWorld({ mode: 'compliance', lengthDays: 30 });
});

describe('lockObjects', () => {
  it('locks the data, all that stands beside the point, and what is named, from the commit on', async () => {
    const point = '20261120T020000Z';
    // The second object is a multipart one, which the emulator gives no default retention.
    const manifest = await world.putPoint(point, [Buffer.from('x'), Buffer.alloc(PART_BYTES + 1)]);
    const claim = claimKey(world.system, ASSET, point, 1);
    const link = chainKey(world.system, ASSET, 1);
    const otherAttempt = dumpObjectKey(attemptPrefix(world.system, ASSET, point, '0001-9'), 1);
    for (const key of [claim, link, otherAttempt]) await world.vault.putOnce(key, '{}');
    const answer = await lockObjects(ask(point, [link]), world.lockPorts);

    const until = new Date(Math.ceil(Date.parse(manifest.finishedAt) / 1000) * 1000 + 30 * 86_400_000).toISOString();
    const factOfRun = factKey(world.system, ASSET, point, 'locked', RUN);
    expect(answer).toEqual({ until, objects: 6, fact: factOfRun });
    const beside = (await storedVersions(world.vault, pointPrefix(world.system, ASSET, point))).map((version) => version.key);
    expect(beside).toContain(factOfRun);
    for (const key of [...manifest.objects.map((object) => object.key), ...beside, claim, link]) expect(await lockedUntil(key)).toBe(until);
    expect(await lockedUntil(otherAttempt)).toBeUndefined();
    const fact = LockedFact.parse(parseJson((await readRecord(world.vault, factOfRun))?.body ?? new Uint8Array()));
    expect(fact).toMatchObject({ mode: 'compliance', until, objects: 5 });
  });

  it('done again, locks what was added since and changes nothing else', async () => {
    const point = '20261120T030000Z';
    await world.putPoint(point);
    const { until } = await lockObjects(ask(point), world.lockPorts);
    const added = factKey(world.system, ASSET, point, 'verified', RUN);
    await world.vault.putOnce(added, '{}');
    expect((await lockObjects(ask(point), { ...world.lockPorts, now: () => new Date(Date.now() + 60_000) })).until).toBe(until);
    expect(await lockedUntil(added)).toBe(until);
  });

  it('is a lock that even root can neither shorten nor pass', async () => {
    const point = '20261120T040000Z';
    const manifest = await world.putPoint(point);
    const { until } = await lockObjects(ask(point), world.lockPorts);
    const { key, versionId } = manifest.objects[0]!;
    const named = { Bucket: world.vaultBucket, Key: key, VersionId: versionId };
    await expect(world.home.send(new DeleteObjectCommand(named))).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(world.home.send(new DeleteObjectCommand({ ...named, BypassGovernanceRetention: true }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    const shorter = { Mode: 'COMPLIANCE', RetainUntilDate: new Date(Date.now() + 60_000) } as const;
    await expect(world.home.send(new PutObjectRetentionCommand({ ...named, Retention: shorter }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    const weaker = { Mode: 'GOVERNANCE', RetainUntilDate: new Date(until) } as const;
    await expect(world.home.send(new PutObjectRetentionCommand({ ...named, Retention: weaker }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    // A plan that was shortened meanwhile leaves what is locked as it is.
    const shortened = { mode: 'governance', lengthDays: 1 } as const;
    expect((await lockObjects({ ...ask(point), term: shortened }, world.lockPorts)).until).toBe(until);
    expect(await lockedUntil(key)).toBe(until);
  });

  it('locks evidence with its signature for the plan’s years, from now, and a fact as long as its point', async () => {
    const point = '20261120T050000Z';
    await world.putLockedPoint(point);
    const evidence = evidenceKey(world.system, 'drill', RUN);
    const drilled = factKey(world.system, ASSET, point, 'drilled', RUN);
    for (const key of [evidence, signatureKey(evidence), drilled]) await world.vault.putOnce(key, '{}');
    const { objects } = await lockObjects({ keys: [evidence, drilled] }, world.lockPorts);
    expect(objects).toBe(3);
    const daysOf = async (key: string) => Math.round((Date.parse((await lockedUntil(key)) ?? '') - Date.now()) / 86_400_000);
    expect([await daysOf(evidence), await daysOf(signatureKey(evidence)), await daysOf(drilled)]).toEqual([3650, 3650, 30]);
  });

  it('extends the lock of a whole point, says so, and locks what is added later as long', async () => {
    const point = '20261120T051000Z';
    const manifest = await world.putPoint(point);
    await lockObjects(ask(point), world.lockPorts);
    const until = new Date(Math.floor(Date.now() / 1000) * 1000 + 372 * 86_400_000).toISOString();
    const run = '20261121T042000Z-abcdef';
    const answer = await lockObjects({ ...ask(point), run, until }, world.lockPorts);
    expect(answer).toMatchObject({ until, fact: factKey(world.system, ASSET, point, 'locked', run) });
    const drilled = factKey(world.system, ASSET, point, 'drilled', RUN);
    await world.vault.putOnce(drilled, '{}');
    await lockObjects({ keys: [drilled] }, world.lockPorts);
    // A later, shorter wish changes nothing.
    expect((await lockObjects({ ...ask(point), run: '20261122T042000Z-abcdef' }, world.lockPorts)).until).toBe(until);
    const beside = (await storedVersions(world.vault, pointPrefix(world.system, ASSET, point))).map((version) => version.key);
    expect(beside).toHaveLength(5);
    for (const key of [...manifest.objects.map((object) => object.key), ...beside]) expect(await lockedUntil(key), key).toBe(until);
  });

  it('locks nothing for a century, whoever asks', async () => {
    const point = '20261120T052000Z';
    const manifest = await world.putPoint(point);
    const until = new Date(Date.now() + 36_500 * 86_400_000).toISOString();
    await expect(lockObjects({ ...ask(point), until }, world.lockPorts)).rejects.toThrow(LockTooLong);
    const century = { mode: 'compliance', lengthDays: 36_500 } as const;
    await expect(lockObjects({ ...ask(point), term: century }, world.lockPorts)).rejects.toThrow(LockTooLong);
    for (const key of [manifest.objects[0]!.key, manifestKey(world.system, ASSET, point)]) expect(await lockedUntil(key)).toBeUndefined();
  });

  it('takes a point whose lock has run out as it is', async () => {
    const point = '20261120T060000Z';
    await world.putPoint(point);
    const later = { ...world.lockPorts, now: () => new Date(Date.now() + 40 * 86_400_000) };
    await lockObjects(ask(point), later);
    expect(await lockedUntil(factKey(world.system, ASSET, point, 'locked', RUN))).toBeUndefined();
  });

  it('fails on a key or a point that is not there', async () => {
    await expect(lockObjects({ keys: ['evidence/none.json'] }, world.lockPorts)).rejects.toThrow(ObjectMissing);
    await expect(lockObjects(ask('20200101T000000Z'), world.lockPorts)).rejects.toThrow(ObjectMissing);
  });
});
