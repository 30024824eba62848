/** The points of an asset as the decision asks for them: one listing of its catalog, and the records of the few that it is about. */
import type { ObjectReader } from '../ports/object-store.ts';
import { readHoldFacts, standingHolds } from '../lock/read-holds.ts';
import { severalAtOnce } from '../several-at-once.ts';
import { slotInstant } from '../vault/ids.ts';
import { manifestKey, signatureKey } from '../vault/keys.ts';
import { readFact, readManifestVersion } from '../vault/read-point.ts';
import { PointRecordDamaged, RecordFormatUnknown } from '../vault/record-errors.ts';
import { summarizePoint } from '../vault/summarize-point.ts';
import { findFalseTombstone } from '../vault/tombstone.ts';
import { selectCandidates } from './candidates.ts';
import { activeHolds } from './holds.ts';
import { listCatalog, type CatalogPoint } from './list-catalog.ts';
import type { PointState } from './point-state.ts';
import type { RetentionPolicy } from './policy.ts';

const READS_AT_ONCE = 16;

export async function readPointStates(
  reader: ObjectReader,
  { system, asset }: { system: string; asset: string },
  policy: RetentionPolicy,
  now: Date,
): Promise<PointState[]> {
  const listed = new Map((await listCatalog(reader, system, asset)).map((one) => [one.point, one]));
  const states = new Map([...listed.values()].map((one) => [one.point, stateOf(one)]));
  const going = [...listed.values()].filter(({ tombstones }) => tombstones.length > 0);
  await severalAtOnce(going, READS_AT_ONCE, async ({ point, manifestVersionId, tombstones }) => {
    const manifest = { key: manifestKey(system, asset, point), versionId: manifestVersionId };
    const falseTombstone = await findFalseTombstone(reader, { system, asset, point }, manifest, tombstones);
    const state = states.get(point);
    if (state && falseTombstone !== undefined) states.set(point, { ...state, tombstoned: false, falseTombstone });
  });
  const read = new Set<string>();
  for (;;) {
    const unread = [...selectCandidates([...states.values()], policy, now)].filter((point) => !read.has(point));
    if (unread.length === 0) return [...states.values()];
    await severalAtOnce(unread, READS_AT_ONCE, async (point) => {
      read.add(point);
      const [one, state] = [listed.get(point), states.get(point)];
      if (one && state) states.set(point, { ...state, ...(await readState(reader, { system, asset, point }, one)) });
    });
  }
}

/** What is not known yet is taken as what lets the point expire: then it is read. */
function stateOf({ point, kinds, isHidden }: CatalogPoint): PointState {
  return {
    point,
    instant: slotInstant(point),
    verified: kinds.has('verified'),
    proven: kinds.has('drilled'),
    replicated: kinds.has('replicated'),
    holds: [],
    neededBy: [],
    hidden: isHidden,
    tombstoned: kinds.has('tombstone'),
  };
}

async function readState(
  reader: ObjectReader,
  { system, asset, point }: { system: string; asset: string; point: string },
  { manifestVersionId, signatureVersionId, facts: versions }: CatalogPoint,
): Promise<Partial<PointState>> {
  try {
    const version = { key: manifestKey(system, asset, point), versionId: manifestVersionId };
    const signature = signatureVersionId === undefined ? undefined : { key: signatureKey(version.key), versionId: signatureVersionId };
    const { manifest } = await readManifestVersion(reader, { system, asset, point }, version, signature);
    const facts = await Promise.all(versions.map((fact) => readFact(reader, fact)));
    const { lockedUntil, provenAt } = summarizePoint(manifest, facts);
    return {
      proven: provenAt !== undefined,
      holds: facts.some(({ kind }) => kind === 'released')
        ? standingHolds(await readHoldFacts(reader, { system, asset, point }))
        : activeHolds(facts),
      ...(lockedUntil === undefined ? {} : { lockedUntil: new Date(lockedUntil) }),
    };
  } catch (error) {
    if (error instanceof PointRecordDamaged || error instanceof RecordFormatUnknown) return { unreadable: error.message };
    throw error;
  }
}
