/** Locks that are made longer, beside each vault by its own decision, over real buckets. */
import { PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { readRecord, storedVersions } from '../../adapters/vault/read-records.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { RetentionPolicy } from '../../core/retention/policy.ts';
import { LockedFact } from '../../core/vault/facts.ts';
import { factKey, manifestKey, pointDataPrefix, pointPrefix, signatureKey } from '../../core/vault/keys.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { completeCopy } from '../../functions/copy/complete-copy.ts';
import { copyParts } from '../../functions/copy/copy-parts.ts';
import { copyRecords } from '../../functions/copy/copy-records.ts';
import { planCopy } from '../../functions/copy/plan-copy.ts';
import { findDue } from '../../functions/lock/find-due.ts';
import { lockObjects, type LockPorts } from '../../functions/lock/lock-objects.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { rootSettings } from '../helpers/servers.ts';
import { daysAgo, makeRetentionWorld, NOW, type RetentionWorld } from './retention/retention-world.ts';
import { ASSET, HOME } from './vault-world.ts';

const POLICY: RetentionPolicy = { hotSeconds: 30 * 86_400, monthlySeconds: 366 * 86_400, keepProven: 1, zone: 'UTC' };
const TERM = { mode: 'governance', lengthDays: 30 } as const;
/** The first of its month, one beside it, and the newest. */
const [FIRST, BESIDE, NEWEST] = [daysAgo(20), daysAgo(19), daysAgo(0)];
const UNTIL = '2027-11-02T02:00:00.000Z';
let world: RetentionWorld;
let ports: Record<VaultSide, LockPorts>;
let runs = 0;

beforeAll(async () => {
  world = await makeRetentionWorld();
  ports = {
    vault: { ...world.lockPorts, now: () => NOW },
    replica: { ...world.lockPorts, vault: world.replica, side: 'replica', now: () => NOW },
  };
  for (const point of [FIRST, BESIDE, NEWEST]) await world.putGoodPoint(point);
  for (const point of [FIRST, NEWEST]) await copy(point);
});

async function copy(point: string): Promise<void> {
  const request = { system: world.system, asset: ASSET, point, run: `${point}-cccccc`, keys: [] };
  const { batches } = await planCopy(request, world.copyPorts);
  for (const batch of batches) await copyParts(batch, world.copyPorts);
  await completeCopy({ ...request, batches }, world.copyPorts);
  await copyRecords(request, world.copyPorts);
}
const due = (side: VaultSide = 'vault', policy = POLICY, now = NOW, term: typeof TERM | { mode: 'compliance'; lengthDays: 30 } = TERM) =>
  findDue({ asset: ASSET, run: 'r', policy, term }, { system: world.system, side, vault: ports[side].vault, now: () => now });
const extend = ({ point, until }: { point: string; until: string }, own: LockPorts, run = `20261122T04200${runs++ % 10}Z-abcdef`) =>
  lockObjects({ system: world.system, asset: ASSET, point, run, term: TERM, until, keys: [] }, own);
async function locksOf(side: VaultSide, point: string): Promise<(string | undefined)[]> {
  const { vault } = ports[side];
  const prefixes = [pointDataPrefix(world.system, ASSET, point), pointPrefix(world.system, ASSET, point)];
  const versions = (await Promise.all(prefixes.map((prefix) => storedVersions(vault, prefix)))).flat();
  const heads = await Promise.all(versions.map((version) => vault.head(version)));
  return [...new Set(heads.map((head) => head?.lockedUntil?.toISOString()))];
}
const factsOf = async (side: VaultSide, point: string) =>
  (await storedVersions(ports[side].vault, pointPrefix(world.system, ASSET, point))).flatMap(({ key }) =>
    key.includes('/locked-') && !key.endsWith('.dsse.json') ? [key] : [],
  );

describe('a point that is the first of its month', () => {
  it('is locked until its window ends, in both vaults, each by its own word on its own objects', async () => {
    expect((await due()).extend).toEqual([
      { point: FIRST, until: UNTIL },
      { point: NEWEST, until: '2026-12-21T12:00:00.000Z' },
    ]);
    const { fact = '' } = await extend({ point: FIRST, until: UNTIL }, ports.vault);
    expect(await locksOf('vault', FIRST)).toEqual([UNTIL]);
    const said = LockedFact.parse(parseJson((await readRecord(world.vault, fact))?.body ?? new Uint8Array()));
    expect(said).toMatchObject({ mode: 'governance', until: UNTIL, objects: 7 });
    expect(said).not.toHaveProperty('from');

    // The vault's fact comes to the replica, and does not pass for the replica's own lock.
    await copyRecords({ keys: [fact] }, world.copyPorts);
    expect((await due('replica')).extend.map(({ point }) => point)).toEqual([FIRST, NEWEST]);
    const own = await extend({ point: FIRST, until: UNTIL }, ports.replica);
    expect(await locksOf('replica', FIRST)).toEqual([UNTIL]);
    expect(parseJson((await readRecord(world.replica, own.fact ?? ''))?.body ?? new Uint8Array())).toMatchObject({ from: 'replica' });
    for (const side of ['vault', 'replica'] as const) {
      expect((await due(side)).extend.map(({ point }) => point)).toEqual([NEWEST]);
      await extend({ point: NEWEST, until: '2026-12-21T12:00:00.000Z' }, ports[side]);
      expect(await due(side)).toMatchObject({ extend: [], settle: [], later: 0 });
    }
  });

  it('has what says so signed by a later run when its own was killed before that; in the replica only what was written there', async () => {
    const facts = await factsOf('vault', FIRST);
    expect((await due()).sign).toEqual(expect.arrayContaining(facts.slice(1)));
    expect((await due()).sign).not.toContain(facts[0]);
    await world.vault.putOnce(signatureKey(facts[1]!), '{}');
    expect((await due()).sign).not.toContain(facts[1]);
    const there = await factsOf('replica', FIRST);
    expect(there).toHaveLength(3);
    expect((await due('replica')).sign.filter((key) => key.includes(FIRST))).toEqual([there.at(-1)]);
  });

  it('brings no record to the replica when it is not there', async () => {
    const held = await world.putFact(BESIDE, 'held', { hold: 'a', reason: 'litigation', by: 'legal' });
    expect(await copyRecords({ keys: [held] }, world.copyPorts)).toEqual({ records: 0 });
    expect(await storedVersions(world.replica, pointPrefix(world.system, ASSET, BESIDE))).toEqual([]);
  });

  it('cannot be unlocked sooner by a role that may lock and not bypass', async () => {
    const versions = await storedVersions(world.vault, pointDataPrefix(world.system, ASSET, FIRST));
    const named = { Bucket: world.vaultBucket, Key: versions[0]!.key, VersionId: versions[0]!.versionId };
    for (const Retention of [{ Mode: 'GOVERNANCE', RetainUntilDate: new Date(Date.now() + 60_000) }, {}] as const)
      await expect(world.home.send(new PutObjectRetentionCommand({ ...named, Retention }))).rejects.toMatchObject({
        name: expect.stringMatching(/AccessDenied|MalformedXML|InvalidRequest/) as string,
      });
    expect((await world.vault.head(versions[0]!))?.lockedUntil?.toISOString()).toBe(UNTIL);
  });

  it('is locked in compliance mode once the plan asks for that', async () => {
    expect((await due('vault', POLICY, NOW, { mode: 'compliance', lengthDays: 30 })).extend.map(({ point }) => point)).toEqual([
      FIRST,
      NEWEST,
    ]);
  });
});

describe('an extension that is killed', () => {
  it.each([1, 3, 5, 6, 7])('at lock %i is found again, and ends with every object locked and one fact more', async (position) => {
    const point = daysAgo(55 + 31 * position);
    await world.putGoodPoint(point);
    const wish = (await due('vault', { ...POLICY, monthlySeconds: 9 * 366 * 86_400 })).extend.find((one) => one.point === point)!;
    let calls = 0;
    const vault: LockPorts['vault'] = {
      ...ports.vault.vault,
      lockUntil: async (...given) => {
        if (++calls >= position) throw new Error('killed');
        await ports.vault.vault.lockUntil(...given);
      },
    };
    const longest = { ...ports.vault, longestDays: 4000 };
    await expect(extend(wish, { ...longest, vault })).rejects.toThrow('killed');
    const again = (await due('vault', { ...POLICY, monthlySeconds: 9 * 366 * 86_400 })).extend;
    expect(again).toContainEqual(wish);
    await extend(wish, longest);
    expect(await locksOf('vault', point)).toEqual([wish.until]);
    expect((await due('vault', { ...POLICY, monthlySeconds: 9 * 366 * 86_400 })).extend).not.toContainEqual(wish);
  });
});

describe('holds', () => {
  it('that S3 has not as the facts say are found, whatever was killed', async () => {
    const { holder } = openBucket(world.vaultBucket, rootSettings(HOME), {});
    expect((await due()).settle).toEqual([BESIDE]);
    const versions = await storedVersions(world.vault, pointPrefix(world.system, ASSET, BESIDE));
    for (const version of versions.slice(1)) await holder.setHold(version, true);
    expect((await due()).settle).toEqual([BESIDE]);
    await holder.setHold(versions[0]!, true);
    expect((await due()).settle).toEqual([]);
    // What is written beside a held point later is held by the next run.
    await world.putFact(BESIDE, 'drilled', { outcome: 'passed', evidence: 'e', rtoSeconds: 1, from: 'vault', reasons: [] });
    expect((await due()).settle).toEqual([BESIDE]);
    await world.putRelease(BESIDE, 'a');
    expect((await due()).settle).toEqual([BESIDE]);
    for (const version of versions) await holder.setHold(version, false);
    expect((await due()).settle).toEqual([]);
  });

  it('and locks are not kept back by a point that cannot be read', async () => {
    const key = manifestKey(world.system, ASSET, daysAgo(52));
    await world.vault.putOnce(key, 'damaged');
    await world.vault.putOnce(factKey(world.system, ASSET, daysAgo(52), 'verified', 'x'), '{}');
    const found = await due();
    expect(found.unreadable).toEqual([expect.stringContaining(`the lock of ${daysAgo(52)} was not extended: `) as string]);
    expect(found.extend.map(({ point }) => point)).not.toContain(daysAgo(52));
  });
});
