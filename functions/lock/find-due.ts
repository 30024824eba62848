import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import type { PointName } from '../../adapters/vault/read-records.ts';
import { FindDueEnvironment, FindDueRequest, type FindDueAnswer } from '../../core/lock/contract.ts';
import { readHoldFacts, standingHolds } from '../../core/lock/read-holds.ts';
import { isLockDue, selectLocks } from '../../core/lock/select-locks.ts';
import { surveyRecords, type PointRecordKeys } from '../../core/lock/survey-records.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { activeHolds } from '../../core/retention/holds.ts';
import { readPointStates } from '../../core/retention/inventory.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import { readFact, readPoint } from '../../core/vault/read-point.ts';
import { PointRecordDamaged, RecordFormatUnknown } from '../../core/vault/record-errors.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { handle } from '../edge.ts';

export type FindDuePorts = { system: string; side: VaultSide; vault: ObjectReader; now: () => Date };

const READS_AT_ONCE = 16;
/** Of one run, in whose history and payloads they stand; locks are due long before they end, and the next day brings the rest. */
const MOST = { extend: 300, settle: 50, sign: 200, told: 5 } as const;

/**
 * What of an asset's locks and holds is not as it should be. The locks are S3's own word and not that of facts: those of the vault
 * stand in the replica as well, and say nothing of its objects. What is locked last, and held last, is the manifest.
 */
export async function findDue({ asset, policy, term }: z.output<typeof FindDueRequest>, ports: FindDuePorts): Promise<FindDueAnswer> {
  const { system, vault } = ports;
  const now = ports.now();
  const records = await surveyRecords(vault, system, asset);
  const wanted = selectLocks(await readPointStates(vault, { system, asset }, policy, now), policy, term, now);
  const unreadable: string[] = [];
  const short = await mapSeveralAtOnce(wanted, READS_AT_ONCE, async (wish) => {
    const manifest = records.get(wish.point)?.manifest;
    const head = manifest && (await vault.head(manifest));
    if (!head || !isLockDue(wish, head, term)) return [];
    const why = await findDamage(vault, { system, asset, point: wish.point });
    if (why !== undefined) unreadable.push(`the lock of ${wish.point} was not extended: ${why}`);
    return why === undefined ? [{ point: wish.point, until: wish.until.toISOString() }] : [];
  });
  const held = [...records].filter(([, { kinds }]) => kinds.has('held'));
  const unsettled = await mapSeveralAtOnce(held, READS_AT_ONCE, async ([point, { versions }]) => {
    const facts = await readHoldFacts(vault, { system, asset, point });
    const standing = standingHolds(facts);
    const isHeld = standing.length > 0;
    if (isHeld && activeHolds(facts.map(({ fact }) => fact)).length === 0)
      unreadable.push(`${point} stays held (${standing.join(', ')}): what says that it is released has no signature that holds`);
    for (const version of versions) if ((await vault.head(version))?.isHeld !== isHeld) return [point];
    return [];
  });
  const unsigned = await mapSeveralAtOnce([...records.values()], READS_AT_ONCE, (one) => selectUnsigned(one, ports));
  const due = { extend: short.flat(), settle: unsettled.flat(), sign: unsigned.flat() };
  const kept = { extend: due.extend.slice(0, MOST.extend), settle: due.settle.slice(0, MOST.settle), sign: due.sign.slice(0, MOST.sign) };
  const count = (of: typeof due) => of.extend.length + of.settle.length + of.sign.length;
  return { ...kept, unreadable: unreadable.toSorted().slice(0, MOST.told), later: count(due) - count(kept) };
}

/** One point that cannot be read keeps no other from being locked. */
async function findDamage(vault: ObjectReader, { system, asset, point }: PointName): Promise<string | undefined> {
  try {
    await readPoint(vault, system, asset, point);
    return undefined;
  } catch (error) {
    if (error instanceof PointRecordDamaged || error instanceof RecordFormatUnknown) return error.message;
    throw error;
  }
}

/** The first lock of a point is named by its link. A release is signed by the run that wrote it, or it is none. What came from the vault has the vault's signature, or will have. */
async function selectUnsigned({ unsigned, versions }: PointRecordKeys, { side, vault }: FindDuePorts): Promise<string[]> {
  const first = versions.map(({ key }) => key).find((key) => key.includes('/locked-'));
  const late = unsigned.filter(({ key, kind }) => kind === 'held' || (kind === 'locked' && key !== first));
  if (side === 'vault') return late.map(({ key }) => key);
  const own = await mapSeveralAtOnce(late, READS_AT_ONCE, async (version) => {
    const fact = await readFact(vault, version);
    return 'from' in fact && fact.kind !== 'drilled' && fact.from === side ? [version.key] : [];
  });
  return own.flat();
}

export const handler = handle({
  environment: FindDueEnvironment,
  request: FindDueRequest,
  connect: ({ SYSTEM, SIDE, VAULT_BUCKET }): FindDuePorts => ({
    system: SYSTEM,
    side: SIDE,
    vault: openBucket(VAULT_BUCKET, {}, process.env).reader,
    now: () => new Date(),
  }),
  run: findDue,
});
