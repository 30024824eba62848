/** What somebody would write who holds one role: a tombstone, or a release. None of it lets a point go. */
import { DeleteObjectCommand, PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { readRecord, storedVersions } from '../../../adapters/vault/read-records.ts';
import { selectPoint } from '../../../core/drill/select-point.ts';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';
import { factKey, manifestKey, pointPrefix, signatureKey } from '../../../core/vault/keys.ts';
import { listPoints } from '../../../core/vault/read-point.ts';
import { copyRecords } from '../../../functions/copy/copy-records.ts';
import { followMissing } from '../../../functions/copy/follow-missing.ts';
import { findDue } from '../../../functions/lock/find-due.ts';
import { holdObjects } from '../../../functions/lock/hold-objects.ts';
import { recordHold } from '../../../functions/lock/record-hold.ts';
import { decidePoints } from '../../../functions/retention/decide-points.ts';
import { expirePoint } from '../../../functions/retention/expire-point.ts';
import { expirePoints } from '../../../functions/retention/expire-points.ts';
import { rootSettings } from '../../helpers/servers.ts';
import { ASSET, HOME } from '../vault-world.ts';
import { daysAgo, makeRetentionWorld, NOW, RUN, type RetentionWorld } from './retention-world.ts';

const POLICY: RetentionPolicy = { hotSeconds: 30 * 86_400, keepProven: 1, zone: 'UTC' };
const [OLD, NEW] = [daysAgo(40), daysAgo(0)];
const HOLD = { hold: 'case-7', reason: 'litigation', by: 'legal' };

async function worldOf(...points: string[]): Promise<RetentionWorld> {
  const world = await makeRetentionWorld();
  for (const point of points) await world.putGoodPoint(point, { proven: true });
  return world;
}
const holderOf = (world: RetentionWorld) => {
  const { reader, holder } = openBucket(world.vaultBucket, rootSettings(HOME), {});
  return { system: world.system, vault: { ...reader, ...holder }, mostObjects: 100 };
};

describe('a false tombstone', () => {
  it('of whatever bytes lets no point go, and is no reason to call one expired', async () => {
    const points = [daysAgo(42), daysAgo(41), OLD, NEW] as const;
    const world = await worldOf(...points);
    const { system, ports } = world;
    const named = (point: string, id = RUN) => factKey(system, ASSET, point, 'tombstone', id);
    await world.vault.putOnce(`${pointPrefix(system, ASSET, points[0])}tombstone-x.json`, 'anything at all');
    await world.putFact(points[1], 'tombstone', { manifestSha256: 'a'.repeat(64), reasons: [], objects: 1 }, NOW, RUN);
    // The true one of another point, and one that stands under another name than its own.
    const { manifestSha256 } = await world.lineOf(NEW);
    const own = await world.putFact(OLD, 'tombstone', { manifestSha256, reasons: [], objects: 1 }, NOW, RUN);
    const body = (await readRecord(world.vault, own))?.body ?? new Uint8Array();
    await world.vault.putOnce(named(NEW, 'other'), Buffer.from(Buffer.from(body).toString().replaceAll(OLD, NEW)));

    const listed = await listPoints(ports.vault, system, ASSET);
    expect(listed.filter(({ kinds }) => kinds.has('tombstone'))).toEqual([]);
    expect(
      selectPoint(
        listed.map((one) => ({ ...one })),
        'vault',
        undefined,
      ),
    ).toEqual({ found: true, point: NEW });
    const before = await world.keysIn();
    expect(await decidePoints(world.request(POLICY), ports)).toMatchObject({ expires: 0, keeps: 4 });
    for (const point of points) {
      const answer = await expirePoints({ BatchInput: world.request(POLICY), Items: [await world.lineOf(point)] }, ports);
      expect(answer.kept, point).toMatchObject([{ why: expect.stringContaining('is no tombstone of this manifest') as string }]);
      // Nor does what was decided before it came.
      expect(await expirePoint(await world.lineOf(point), RUN, ports)).toMatchObject({ failed: true });
    }
    expect(await world.keysIn()).toEqual(before);
  });

  it('that is only a signature is none: what is locked is looked for, and nothing is touched', async () => {
    const world = await worldOf(NEW, OLD);
    await world.vault.putOnce(`${pointPrefix(world.system, ASSET, OLD)}tombstone-x.dsse.json`, '{}');
    const folder = await storedVersions(world.vault, pointPrefix(world.system, ASSET, OLD));
    const verified = folder.find(({ key }) => key.includes('/verified-'))!;
    const Retention = { Mode: 'GOVERNANCE' as const, RetainUntilDate: new Date(Date.now() + 30 * 86_400_000) };
    await world.home.send(
      new PutObjectRetentionCommand({ Bucket: world.vaultBucket, Key: verified.key, VersionId: verified.versionId, Retention }),
    );
    const before = await world.keysIn();
    expect(await expirePoint(await world.lineOf(OLD), RUN, world.ports)).toMatchObject({
      failed: true,
      why: expect.stringContaining('is locked until') as string,
    });
    expect(await world.keysIn()).toEqual(before);
  });

  it('for every point at once ends nothing, however well it is made', async () => {
    const world = await worldOf(NEW, OLD);
    for (const point of [NEW, OLD]) {
      const { manifestSha256 } = await world.lineOf(point);
      await world.putFact(point, 'tombstone', { manifestSha256, reasons: [], objects: 1 }, NOW, RUN);
    }
    expect(await decidePoints(world.request(POLICY), world.ports)).toMatchObject({ expires: 0, keeps: 2 });
  });
});

describe('a forged manifest in the place of the true one', () => {
  it('makes no proven point of it: an older one is kept in its stead, and it stays itself', async () => {
    const world = await worldOf(NEW, OLD);
    expect(await decidePoints(world.request(POLICY), world.ports)).toMatchObject({ expires: 1, keeps: 1 });
    const key = manifestKey(world.system, ASSET, NEW);
    await world.sign(key);
    expect(await decidePoints(world.request(POLICY), world.ports)).toMatchObject({ expires: 1, keeps: 1 });
    const [version] = await storedVersions(world.vault, key);
    const body = Buffer.from((await readRecord(world.vault, key))!.body).toString();
    await world.home.send(
      new DeleteObjectCommand({ Bucket: world.vaultBucket, Key: key, VersionId: version!.versionId, BypassGovernanceRetention: true }),
    );
    await world.vault.putOnce(key, body.replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${'0'.repeat(64)}"`));
    expect(await decidePoints(world.request(POLICY), world.ports)).toMatchObject({ expires: 0, keeps: 2 });
  });
});

describe('a release that nobody signed', () => {
  const due = (world: RetentionWorld) =>
    findDue(
      { asset: ASSET, run: RUN, policy: POLICY, term: { mode: 'governance', lengthDays: 7 } },
      { system: world.system, side: 'vault', vault: world.vault, now: () => NOW },
    );
  const expireOld = async (world: RetentionWorld) =>
    expirePoints({ BatchInput: world.request(POLICY), Items: [await world.lineOf(OLD)] }, world.ports);

  it('takes nothing off, is told of and not signed; one that is signed does', async () => {
    const world = await worldOf(NEW, OLD);
    const [ports, of] = [holderOf(world), { asset: ASSET, point: OLD }];
    await world.sign(await world.putFact(OLD, 'held', HOLD));
    expect(await holdObjects({ ...of, hold: 'case-7' }, ports)).toMatchObject({ held: true, after: '' });
    const later = new Date(NOW.getTime() + 1000);
    const forged = await world.putFact(OLD, 'released', HOLD, later, 'forged');
    const found = await due(world);
    expect(found.sign).toEqual([]);
    expect(found.unreadable).toEqual([expect.stringContaining(`${OLD} stays held (case-7)`) as string]);
    expect(await holdObjects(of, ports)).toMatchObject({ held: true });
    expect((await expireOld(world)).kept).toMatchObject([{ failed: false, why: expect.stringContaining('case-7') as string }]);

    // A signature of something else does not help it.
    const other = await world.putRelease(NEW, 'case-7');
    const moved = await readRecord(world.vault, signatureKey(other));
    await world.vault.putOnce(signatureKey(forged), moved?.body ?? '');
    expect(await holdObjects(of, ports)).toMatchObject({ held: true });
    expect((await expireOld(world)).expired).toBe(0);

    // Who may release it is not kept from that by the forgery.
    const released = await recordHold(
      { input: { action: 'release', asset: ASSET, point: OLD, reason: 'closed' }, execution: 'e', startedAt: NOW.toISOString() },
      { system: world.system, side: 'vault', vault: world.vault, now: () => new Date(NOW.getTime() + 2000) },
    );
    expect(released).toMatchObject({ hold: 'case-7', changed: true, holds: [] });
    expect(released.sign).toEqual([expect.stringContaining(released.run) as string]);
    await world.sign(...released.sign);
    expect(await due(world)).toMatchObject({ unreadable: [], sign: [], settle: [OLD] });
    expect(await holdObjects(of, ports)).toMatchObject({ held: false });
    expect(await expireOld(world)).toEqual({ expired: 1, kept: [] });
  });

  it('does not follow to the replica, signed or not: each vault releases by itself', async () => {
    const world = await worldOf();
    const manifest = await world.putLockedPoint(OLD);
    const objects = manifest.objects.map(({ key, versionId, sizeBytes, crc }) => ({ key, versionId, sizeBytes, crc }));
    await world.putFact(OLD, 'replicated', { bucket: world.replicaBucket, region: 'x', lockedUntil: NOW.toISOString(), objects });
    const over = await world.putFact(OLD, 'held', { ...HOLD, hold: 'over' }, NOW, 'over');
    const stands = await world.putFact(OLD, 'held', HOLD);
    await world.sign(over, stands);
    const released = await world.putRelease(OLD, 'over');
    await copyRecords({ system: world.system, asset: ASSET, point: OLD, run: RUN, keys: [released, over] }, world.copyPorts);
    await copyRecords({ keys: [released, over, stands] }, world.copyPorts);
    const lag = { ...world.copyPorts, system: world.system, assets: [ASSET], publish: () => undefined };
    expect(await followMissing({}, lag)).toMatchObject({ missing: expect.any(Number) as number });
    const there = (await storedVersions(world.replica, pointPrefix(world.system, ASSET, OLD))).map(({ key }) => key);
    expect(there.filter((key) => /\/(held|released)-/.test(key)).toSorted()).toEqual([signatureKey(stands), stands].toSorted());
  });
});
