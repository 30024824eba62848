/**
 * One point goes. Nothing of it is touched unless everything of it may go; the tombstone is first, from then on the point is no
 * longer good for anything; then bytes, facts and, last of all, the manifest. Stopped anywhere and done again it ends the same.
 */
import { sha256Hex } from '../../core/evidence/statement.ts';
import { readListedHolds, standingHolds } from '../../core/lock/read-holds.ts';
import type { ListedVersion } from '../../core/ports/object-store.ts';
import type { ExpiryLine, KeptPoint } from '../../core/retention/contract.ts';
import type { PastHold } from '../../core/vault/facts.ts';
import { manifestKey, pointPrefix } from '../../core/vault/keys.ts';
import { findFalseTombstone } from '../../core/vault/tombstone.ts';
import { findObstacle } from './find-obstacle.ts';
import { readPlace } from './read-place.ts';
import type { RetentionPorts } from './ports.ts';
import { writeTombstone } from './write-tombstone.ts';

type Outcome = Omit<KeptPoint, 'point'> | undefined;
const failed = (why: string): Outcome => ({ failed: true, why });

/** @returns undefined when the point is gone, else why it is still there */
export async function expirePoint(line: ExpiryLine, run: string, ports: RetentionPorts): Promise<Outcome> {
  const { asset, point } = line;
  const found = await readPlace(asset, point, ports);
  const { manifest, tombstones } = found;
  if (!manifest && tombstones.length === 0) return undefined;
  if (manifest) {
    const why = await findReason(line, { ...found, manifest }, ports);
    if (why) return why;
    if (tombstones.length === 0)
      await writeTombstone(line, run, { objects: found.data.length, holds: await readPastHolds(found, ports) }, ports);
  }
  // One listing, of after the tombstone. A hold that came before it is in it, and wins; one that comes later is not deleted with the
  // rest, for nothing is deleted but what is in it, and whoever puts that hold on says whether the point is still whole.
  const place = await readPlace(asset, point, ports);
  return (await findHold(place, ports)) ?? deletePlace(asset, point, place, ports);
}

type Place = Awaited<ReturnType<typeof readPlace>>;
type WholePlace = Place & { manifest: ListedVersion };

/** Why nothing of the point may be touched, by a tombstone that is there no less than without one. */
async function findReason(line: ExpiryLine, place: WholePlace, ports: RetentionPorts): Promise<Outcome> {
  const { asset, point, manifestSha256 } = line;
  const { system, vault } = ports;
  const manifest = await vault.get(place.manifest);
  if (!manifest || sha256Hex(manifest.body) !== manifestSha256)
    return failed(`its manifest is not the one that was decided upon (${manifestSha256.slice(0, 12)}…)`);
  const { tombstones } = place;
  const doubt = tombstones.length > 0 ? await findFalseTombstone(vault, { system, asset, point }, place.manifest, tombstones) : undefined;
  if (doubt !== undefined) return failed(doubt);
  const hold = await findHold(place, ports);
  return hold ?? findObstacle(place, ports);
}

const readHolds = ({ records }: Place, { system, vault }: RetentionPorts) =>
  readListedHolds(
    vault,
    system,
    records.filter(({ isDeleteMarker }) => !isDeleteMarker),
  );

async function readPastHolds(place: Place, ports: RetentionPorts): Promise<PastHold[]> {
  const facts = (await readHolds(place, ports)).filter(({ counts }) => counts);
  return facts
    .map(({ fact: { kind, hold, reason, by, at } }) => ({ kind, hold, reason, by, at }))
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

async function findHold(place: Place, ports: RetentionPorts): Promise<Outcome> {
  const holds = standingHolds(await readHolds(place, ports));
  return holds.length > 0 ? { failed: false, why: `it is held (${holds.join(', ')}), since after it was decided that it goes` } : undefined;
}

/** Exactly what was listed. */
async function deletePlace(asset: string, point: string, { data, records }: Place, ports: RetentionPorts): Promise<Outcome> {
  const { system, deleter } = ports;
  const own = manifestKey(system, asset, point);
  const isCommit = ({ key }: ListedVersion) => key === own;
  const isHold = ({ key }: ListedVersion) => key.startsWith(`${pointPrefix(system, asset, point)}held-`);
  const rest = records.filter((version) => !isCommit(version) && !isHold(version));
  // In this order: as long as the manifest is there, the point is found again, and finished; and no hold outlives its release.
  const steps = [data, records.filter(isHold), rest, records.filter(isCommit)];
  for (const versions of steps) {
    const [refused] = versions.length === 0 ? [] : await deleter.deleteVersions(versions);
    if (refused) return failed(refused.why);
  }
  return undefined;
}
