/** What catalogs, facts and signatures say is so, byte for byte, lock for lock: in the vault and in its replica. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { verifyVault } from '../../core/evidence/verify/verify-vault.ts';
import { decidePointState, type PointState } from '../../core/backup/decide-admission.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { findPoint, listPoints, readPoint, type PointRecords } from '../../core/vault/read-point.ts';
import type { Pipeline } from './pipeline.ts';

/** Nothing is young any more, and everything must be there. */
const LATER = new Date(Date.now() + 200 * 86_400_000);

type Places = Pick<Pipeline, 'system' | 'vault' | 'replica' | 'publicKeys'>;

/** Whatever was said is true. What was not said yet is not asked for. */
export async function expectTruth(places: Places, asset: string, where: string, now = new Date()): Promise<void> {
  for (const side of ['vault', 'replica'] as const) {
    const reader = places[side];
    await expectVouchedFor(places, side, asset, where, { now });
    for (const { point, kinds } of await listPoints(reader, places.system, asset)) {
      if (kinds.has('tombstone')) continue;
      const records = await readPoint(reader, places.system, asset, point);
      if (records) await expectFactsHold(places, side, records, `${where}: ${side} ${point}`);
    }
  }
}

/**
 * Whoever checks the evidence finds nothing; by default long after, when nothing can be under way any more. What a run wrote that
 * failed before it was signed is named as such.
 */
export async function expectVouchedFor(
  places: Places,
  side: 'vault' | 'replica',
  asset: string,
  where: string,
  { now = LATER, failedRun = [] }: { now?: Date; failedRun?: string | readonly string[] | undefined } = {},
): Promise<void> {
  const { problems } = await verifyVault({
    copy: { where: side, reader: places[side], hasVersions: true },
    system: places.system,
    publicKeys: places.publicKeys,
    asset,
    known: [],
    readsBytes: true,
    earlier: [],
    now,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  const isLeft = (problem: (typeof problems)[number]) =>
    problem.kind === 'signature-missing' &&
    /^evidence\/|\/drilled-/.test(problem.key) &&
    [failedRun].flat().some((run) => problem.key.includes(run));
  // A run that was stopped at this moment has left its tombstones for the next one to tell of.
  const isUnderWay = (problem: (typeof problems)[number]) => now !== LATER && problem.kind === 'expiry-unvouched';
  const found = problems.filter((problem) => !isLeft(problem) && !isUnderWay(problem));
  const told = found.map(({ kind, key, text }) => `${kind} ${key}: ${text}`).join('; ');
  expect(found, `${where}: the ${side} as a check of the evidence sees it: ${told}`).toEqual([]);
}

/** As a run that ended well leaves it: nothing is missing, and whoever checks later finds nothing either. */
export async function expectWhole(places: Places, asset: string, point: string, where: string): Promise<void> {
  await expectTruth(places, asset, where, LATER);
  for (const side of ['vault', 'replica'] as const) {
    const state: PointState = decidePointState(await findPoint(places[side], places.system, asset, point));
    expect(state, `${where}: the point in the ${side}`).toBe('recorded');
  }
}

/** The vault may have let a point go that the replica still has. */
async function expectFactsHold(
  { vault, replica }: Places,
  side: 'vault' | 'replica',
  { manifest, facts }: PointRecords,
  where: string,
): Promise<void> {
  for (const fact of facts) {
    if (fact.kind === 'verified' && side === 'vault')
      for (const object of manifest.objects) await expectBytes(vault, object, object.sha256, where);
    if (fact.kind === 'locked' && side === 'vault' && isAhead(fact.until)) {
      for (const { key, versionId } of manifest.objects) {
        const lockedUntil = (await vault.head({ key, versionId }))?.lockedUntil?.getTime() ?? 0;
        expect(lockedUntil, `${where}: lock of ${key}`).toBeGreaterThanOrEqual(Date.parse(fact.until));
      }
    }
    if (fact.kind === 'replicated') {
      expect(fact.objects.map(({ key }) => key).toSorted()).toEqual(manifest.objects.map(({ key }) => key).toSorted());
      for (const copy of fact.objects) {
        const original = manifest.objects.find(({ key }) => key === copy.key);
        await expectBytes(replica, copy, original?.sha256 ?? '', `${where}: copy`);
        if (!isAhead(fact.lockedUntil)) continue;
        const lockedUntil = (await replica.head(copy))?.lockedUntil?.getTime() ?? 0;
        expect(lockedUntil, `${where}: lock of the copy of ${copy.key}`).toBeGreaterThanOrEqual(Date.parse(fact.lockedUntil));
      }
    }
  }
}

/** S3 takes no lock of the past. */
const isAhead = (until: string) => Date.parse(until) > Date.now();

async function expectBytes(
  reader: ObjectReader,
  { key, versionId, sizeBytes }: { key: string; versionId: string; sizeBytes: number },
  sha256: string,
  where: string,
) {
  const found = await reader.get({ key, versionId });
  expect(found?.body.length, `${where}: ${key}`).toBe(sizeBytes);
  expect(
    createHash('sha256')
      .update(found?.body ?? '')
      .digest('hex'),
    `${where}: ${key}`,
  ).toBe(sha256);
}
