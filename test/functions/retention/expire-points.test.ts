import {
  DeleteObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { readRecord } from '../../../adapters/vault/read-records.ts';
import { parseJson } from '../../../core/parse-json.ts';
import { FIRST_LOCK_DAYS } from '../../../core/lock/first-lock.ts';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';
import { TombstoneFact } from '../../../core/vault/facts.ts';
import { chainKey, claimKey, factKey, manifestKey, pointDataPrefix, pointPrefix } from '../../../core/vault/keys.ts';
import { decidePoints } from '../../../functions/retention/decide-points.ts';
import { expirePoints } from '../../../functions/retention/expire-points.ts';
import type { RetentionPorts } from '../../../functions/retention/ports.ts';
import { ASSET } from '../vault-world.ts';
import { daysAgo, makeRetentionWorld, NOW, RUN, type RetentionWorld } from './retention-world.ts';

const POLICY: RetentionPolicy = { hotSeconds: 30 * 86_400, keepProven: 1, zone: 'UTC' };
const [OLD, OLDER, NEW] = [daysAgo(40), daysAgo(41), daysAgo(0)];

/** A world whose newest point is of today, and two that no window keeps. */
async function worldWithOldPoints(): Promise<RetentionWorld> {
  const world = await makeRetentionWorld();
  await Promise.all([world.putGoodPoint(NEW, { proven: true }), world.putGoodPoint(OLD), world.putGoodPoint(OLDER)]);
  return world;
}
const expireOld = async (world: RetentionWorld, ports: RetentionPorts = world.ports) =>
  expirePoints({ BatchInput: world.request(POLICY), Items: [await world.lineOf(OLD)] }, ports);
const keysOf = async (world: RetentionWorld, point: string) => (await world.keysIn()).filter((key) => key.includes(`/${point}/`));

describe('a point that expires', () => {
  it('leaves its tombstone, with the hash of its manifest and the reasons, and nothing else', async () => {
    const world = await worldWithOldPoints();
    const { system, ports } = world;
    await world.vault.putOnce(chainKey(system, ASSET, 1), '{}');
    await world.vault.putOnce(claimKey(system, ASSET, OLD, 1), '{}');
    const line = await world.lineOf(OLD);
    // A delete marker hides, and a version over the manifest alarms; both are no reason to leave anything.
    await world.home.send(new DeleteObjectCommand({ Bucket: world.vaultBucket, Key: manifestKey(system, ASSET, OLD) }));
    const { plan, expires } = await decidePoints(world.request(POLICY), ports);
    expect(expires).toBe(2);
    expect(plan).toBe(`retention/${system}/${ASSET}/${RUN}.jsonl`);

    expect(await expirePoints({ BatchInput: world.request(POLICY), Items: [line] }, ports)).toEqual({ expired: 1, kept: [] });
    const tombstone = factKey('<system>', ASSET, OLD, 'tombstone', RUN);
    expect((await keysOf(world, OLD)).toSorted()).toEqual([tombstone, claimKey('<system>', ASSET, OLD, 1)].toSorted());
    const record = await readRecord(ports.vault, factKey(system, ASSET, OLD, 'tombstone', RUN));
    expect(TombstoneFact.parse(parseJson(record?.body ?? new Uint8Array()))).toMatchObject({
      point: OLD,
      manifestSha256: line.manifestSha256,
      objects: 2,
      reasons: ['no window of the plan keeps it: it is 40 days older than the newest good point'],
    });
    expect(await readRecord(ports.vault, chainKey(system, ASSET, 1))).toBeDefined();
    expect(await world.goodPoints()).toEqual([NEW, OLDER]);
  });

  it('has its tombstone before anything of it is deleted, then goes bytes first and manifest last', async () => {
    const world = await worldWithOldPoints();
    const steps: string[] = [];
    const named = (key: string) =>
      key.startsWith('data/')
        ? 'data'
        : (key
            .split('/')
            .at(-1)
            ?.replace(/-2026.*/, '') ?? '');
    await expireOld(world, {
      ...world.ports,
      vault: { ...world.ports.vault, putOnce: (key, body) => (steps.push(`put ${named(key)}`), world.ports.vault.putOnce(key, body)) },
      deleter: {
        ...world.ports.deleter,
        deleteVersions: (refs) => {
          steps.push(`delete ${[...new Set(refs.map(({ key }) => named(key)))].toSorted().join(' ')}`);
          return world.ports.deleter.deleteVersions(refs);
        },
      },
    });
    expect(steps).toEqual(['put tombstone', 'delete data', 'delete locked replicated verified', 'delete manifest.json']);
  });

  it('takes along every attempt at its slot', async () => {
    const world = await worldWithOldPoints();
    const prefix = pointDataPrefix(world.system, ASSET, OLD);
    await world.vault.putOnce(`${prefix}0001-0/dump-0001`, 'of an attempt that failed');
    expect(await expireOld(world)).toEqual({ expired: 1, kept: [] });
    expect((await keysOf(world, OLD)).filter((key) => key.startsWith('data/'))).toEqual([]);
  });

  it('is gone all the same when it is asked for again', async () => {
    const world = await worldWithOldPoints();
    const line = await world.lineOf(OLD);
    await expireOld(world);
    const before = await world.keysIn();
    const again = { BatchInput: { ...world.request(POLICY), run: '20261122T120000Z-abcdef' }, Items: [line] };
    expect(await expirePoints(again, world.ports)).toEqual({ expired: 1, kept: [] });
    expect(await world.keysIn()).toEqual(before);
  });
});

describe('a point that stays', () => {
  const holdOf = { hold: 'case-7', reason: 'litigation', by: 'legal' };

  it('by a hold that came between the plan and the deletion', async () => {
    const world = await worldWithOldPoints();
    await decidePoints(world.request(POLICY), world.ports);
    await world.putFact(OLD, 'held', holdOf);
    const before = await world.keysIn();
    const { expired, kept } = await expireOld(world);
    expect([expired, kept]).toEqual([0, [{ point: OLD, failed: false, why: expect.stringContaining('case-7') as string }]]);
    expect(await world.keysIn()).toEqual(before);
  });

  it('by a hold that came in the very moment before its tombstone, and goes once that is released', async () => {
    const world = await worldWithOldPoints();
    const { vault } = world.ports;
    const putOnce: typeof vault.putOnce = async (key, body) => {
      if (key.includes('tombstone')) await world.putFact(OLD, 'held', holdOf);
      return vault.putOnce(key, body);
    };
    const { kept } = await expireOld(world, { ...world.ports, vault: { ...vault, putOnce } });
    expect(kept).toEqual([{ point: OLD, failed: false, why: expect.stringContaining('case-7') as string }]);
    expect((await keysOf(world, OLD)).filter((key) => key.startsWith('data/'))).toHaveLength(2);
    // Whoever asks again is told the same: the hold is on the point, and its tombstone is no leave to go on.
    expect((await expireOld(world)).kept).toMatchObject([{ point: OLD, failed: false }]);
    const later = new Date(world.ports.now().getTime() + 1000);
    await world.putRelease(OLD, 'case-7', later);
    expect(await expireOld(world)).toEqual({ expired: 1, kept: [] });
  });

  it('for as long as the release of its hold has the lock that everything new has, which is no failure', async () => {
    const world = await worldWithOldPoints();
    await world.home.send(
      new PutObjectLockConfigurationCommand({
        Bucket: world.vaultBucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: FIRST_LOCK_DAYS } },
        },
      }),
    );
    await world.putFact(OLD, 'held', holdOf);
    const release = await world.putRelease(OLD, holdOf.hold);
    const before = await world.keysIn();
    const { kept } = await expireOld(world);
    expect(kept).toEqual([{ point: OLD, failed: false, why: expect.stringMatching(/^it goes later: .*is locked until/) as string }]);
    expect(await world.keysIn()).toEqual(before);

    const relock = (key: string, until: number) =>
      world.home.send(
        new PutObjectRetentionCommand({
          Bucket: world.vaultBucket,
          Key: key,
          BypassGovernanceRetention: true,
          Retention: { Mode: 'GOVERNANCE', RetainUntilDate: new Date(until) },
        }),
      );
    // A longer one somebody has set.
    await relock(release, Date.now() + (FIRST_LOCK_DAYS + 1) * 86_400_000);
    expect((await expireOld(world)).kept).toMatchObject([{ point: OLD, failed: true, why: expect.stringContaining(release) as string }]);
    const written = (await keysOf(world, OLD)).filter((key) => /(held|released)-/.test(key));
    expect(written).toHaveLength(3);
    for (const key of written) await relock(key.replaceAll('<system>', world.system), Date.now() + 1000);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await expireOld(world, { ...world.ports, now: () => new Date(NOW.getTime() + 3 * 86_400_000) })).toEqual({
      expired: 1,
      kept: [],
    });
  });

  it('by the legal hold of one of its objects, even when no fact tells of it', async () => {
    const world = await worldWithOldPoints();
    const [, second] = await dataOf(world);
    await world.home.send(
      new PutObjectLegalHoldCommand({
        Bucket: world.vaultBucket,
        Key: second?.key,
        VersionId: second?.versionId,
        LegalHold: { Status: 'ON' },
      }),
    );
    const before = await world.keysIn();
    expect((await expireOld(world)).kept).toEqual([
      { point: OLD, failed: true, why: `${second?.key} (version ${second?.versionId}) is under legal hold` },
    ]);
    expect(await world.keysIn()).toEqual(before);
  });

  it('by a lock that outlasts what the facts say: it is listed, whole, and the failure names the object', async () => {
    const world = await worldWithOldPoints();
    const [first] = await dataOf(world);
    await lock(world, first);
    const before = await world.keysIn();
    const { expired, kept } = await expireOld(world);
    expect([expired, kept]).toEqual([
      0,
      [{ point: OLD, failed: true, why: expect.stringMatching(`^${first?.key} .* is locked until 20`) as string }],
    ]);
    expect(await world.keysIn()).toEqual(before);
    expect(await world.goodPoints()).toContain(OLD);
  });

  it('by S3 itself, where a lock came after everything was looked at', async () => {
    const world = await worldWithOldPoints();
    const [first] = await dataOf(world);
    const { deleter } = world.ports;
    const deleteVersions: typeof deleter.deleteVersions = async (refs) => {
      if (refs.some(({ key }) => key === first?.key)) await lock(world, first);
      return deleter.deleteVersions(refs);
    };
    const { kept } = await expireOld(world, { ...world.ports, deleter: { ...deleter, deleteVersions } });
    expect(kept).toEqual([
      { point: OLD, failed: true, why: expect.stringMatching(`^delete s3://.*${first?.key} .* was refused: AccessDenied`) as string },
    ]);
    // Its manifest is there, and it is called good no more.
    expect(await keysOf(world, OLD)).toContain(manifestKey('<system>', ASSET, OLD));
    expect(await world.goodPoints()).toEqual([NEW, OLDER]);
  });

  it('when its manifest is not the one that was decided upon', async () => {
    const world = await worldWithOldPoints();
    const line = { ...(await world.lineOf(OLD)), manifestSha256: '0'.repeat(64) };
    const { kept } = await expirePoints({ BatchInput: world.request(POLICY), Items: [line] }, world.ports);
    expect(kept).toMatchObject([{ point: OLD, failed: true, why: expect.stringContaining('not the one that was decided upon') as string }]);
  });

  it('and keeps no other of its batch', async () => {
    const world = await worldWithOldPoints();
    await lock(world, (await dataOf(world))[0]);
    const answer = await expirePoints(
      { BatchInput: world.request(POLICY), Items: [await world.lineOf(OLD), await world.lineOf(OLDER)] },
      world.ports,
    );
    expect(answer).toMatchObject({ expired: 1, kept: [{ point: OLD, failed: true }] });
    expect(await world.goodPoints()).toEqual([NEW, OLD]);
  });
});

async function dataOf(world: RetentionWorld) {
  const found: { key: string; versionId: string }[] = [];
  for await (const { key, versionId } of world.vault.listVersions(pointDataPrefix(world.system, ASSET, OLD)))
    found.push({ key, versionId });
  return found.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

const lock = (world: RetentionWorld, ref: { key: string; versionId: string } | undefined) =>
  world.home.send(
    new PutObjectRetentionCommand({
      Bucket: world.vaultBucket,
      Key: ref?.key,
      VersionId: ref?.versionId,
      Retention: { Mode: 'GOVERNANCE', RetainUntilDate: new Date(Date.now() + 3 * 86_400_000) },
    }),
  );

describe('what expires', () => {
  it('is nothing after thirty days on which every run failed', async () => {
    const world = await makeRetentionWorld();
    const points = Array.from({ length: 6 }, (_, n) => daysAgo(30 + 5 * n));
    await Promise.all(points.map((point) => world.putGoodPoint(point)));
    await world.vault.putOnce(`${pointPrefix(world.system, ASSET, daysAgo(1))}left-behind.json`, '{}');
    expect(await decidePoints(world.request(POLICY), world.ports)).toEqual({ plan: '', expires: 0, later: 0, keeps: 6 });
    expect((await world.keysIn()).filter((key) => key.startsWith('retention/'))).toEqual([]);
  });

  it('is planned once in a run: a step that is tried again finds its own plan', async () => {
    const world = await worldWithOldPoints();
    const first = await decidePoints(world.request(POLICY), world.ports);
    const body = async () => (await readRecord(world.ports.vault, first.plan))?.body;
    const before = await body();
    await world.putFact(OLD, 'held', { hold: 'h', reason: 'r', by: 'b' });
    expect(await decidePoints(world.request(POLICY), world.ports)).toMatchObject({ plan: first.plan, expires: 2 });
    expect(await body()).toEqual(before);
  });
});
