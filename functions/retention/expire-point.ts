/**
 * One point goes. Nothing of it is touched unless everything of it may go; the tombstone is first, from then on the point is no
 * longer good for anything; then bytes, facts and, last of all, the manifest. Stopped anywhere and done again it ends the same.
 */
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { sha256Hex } from '../../core/evidence/statement.ts';
import type { ListedVersion } from '../../core/ports/object-store.ts';
import type { ExpiryLine, KeptPoint } from '../../core/retention/contract.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import { FACT_FORMAT, type TombstoneFact } from '../../core/vault/facts.ts';
import { factKey, manifestKey } from '../../core/vault/keys.ts';
import { readHolds } from './read-holds.ts';
import { readPlace } from './read-place.ts';
import type { RetentionPorts } from './ports.ts';

const READS_AT_ONCE = 16;

type Outcome = Omit<KeptPoint, 'point'> | undefined;
const failed = (why: string): Outcome => ({ failed: true, why });

/** @returns undefined when the point is gone, else why it is still there */
export async function expirePoint(line: ExpiryLine, run: string, ports: RetentionPorts): Promise<Outcome> {
  const { asset, point } = line;
  const { system, vault } = ports;
  const found = await readPlace(asset, point, ports);
  // What came beside it while it was deleted, and is no point any more.
  if (!found.manifest) return found.isTombstoned ? deletePlace(asset, point, ports) : undefined;
  const manifest = await vault.get(found.manifest);
  if (!manifest || sha256Hex(manifest.body) !== line.manifestSha256)
    return failed(`its manifest is not the one that was decided upon (${line.manifestSha256.slice(0, 12)}…)`);

  if (!found.isTombstoned) {
    const obstacle = await findObstacle([...found.data, ...found.records], ports);
    if (obstacle !== undefined) return failed(obstacle);
    const tombstone: TombstoneFact = {
      format: FACT_FORMAT,
      kind: 'tombstone',
      system,
      asset,
      point,
      id: run,
      at: ports.now().toISOString(),
      manifestSha256: line.manifestSha256,
      reasons: line.reasons,
      objects: found.data.length,
    };
    await putSameOnce(vault, factKey(system, asset, point, 'tombstone', run), JSON.stringify(tombstone));
  }
  // Whoever holds a point writes that first and looks for a tombstone then: one of the two always sees the other, and the hold wins.
  const holds = await readHolds(vault, { system, asset, point });
  if (holds.length > 0) return { failed: false, why: `it is held (${holds.join(', ')}), since after it was decided that it goes` };
  return deletePlace(asset, point, ports);
}

/** A version that S3 would not delete. To find it out by deleting would leave a point of which half is gone. */
async function findObstacle(versions: readonly ListedVersion[], { vault, now }: RetentionPorts): Promise<string | undefined> {
  const at = now();
  const obstacles = await mapSeveralAtOnce(
    versions.filter((version) => !version.isDeleteMarker),
    READS_AT_ONCE,
    async ({ key, versionId }) => {
      const head = await vault.head({ key, versionId });
      if (head?.isHeld) return `${key} (version ${versionId}) is under legal hold`;
      if (head?.lockedUntil && head.lockedUntil > at)
        return `${key} (version ${versionId}) is locked until ${head.lockedUntil.toISOString()}`;
      return undefined;
    },
  );
  return obstacles.find((obstacle) => obstacle !== undefined);
}

async function deletePlace(asset: string, point: string, ports: RetentionPorts): Promise<Outcome> {
  const { system, deleter } = ports;
  const { data, records } = await readPlace(asset, point, ports);
  const own = manifestKey(system, asset, point);
  const isCommit = ({ key }: ListedVersion) => key === own;
  // In this order: as long as the manifest is there, the point is found again, and finished.
  const steps = [data, records.filter((version) => !isCommit(version)), records.filter(isCommit)];
  for (const versions of steps) {
    const [refused] = versions.length === 0 ? [] : await deleter.deleteVersions(versions);
    if (refused) return failed(refused.why);
  }
  return undefined;
}
