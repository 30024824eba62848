/** Which records of the vault the replica should have and has not. Pure: from the keys of both alone. */
import { slotInstant } from '../vault/ids.ts';
import { pointOfKey } from '../vault/parse-key.ts';

/**
 * A point expires in each vault by itself, and is released from a hold there, by that vault's own decision: a tombstone or a release of
 * one says nothing of the other, whose policy lets nobody bring it. What a run works with and what a failed task noted describe no point;
 * what stands in the catalog under a name that no point has, `evidence verify` tells.
 */
export const isOfBothVaults = (key: string): boolean =>
  /^(chain|runs|evidence)\//.test(key) || (pointOfKey(key) !== undefined && !/\/(tombstone|released)-[^/]*$/.test(key));

export type Missing = {
  keys: string[];
  /** Committed in the vault, and not said to be replicated: what makes the point copies it, data first. Oldest first. */
  unreplicated: string[];
};

type Folder = { hasManifest: boolean; isReplicated: boolean; isExpired: boolean };

/**
 * @param vault every key of one asset in the vault: catalog, chain and runs
 * @param replica the same of the replica
 */
export function selectMissing(vault: readonly string[], replica: readonly string[]): Missing {
  const [here, there] = [foldersOf(vault), foldersOf(replica)];
  const has = new Set(replica);
  /** A manifest says that a point is there: it comes with the point's data, and does not come back when that has expired there. */
  const belongsThere = (point: string) => here.get(point)?.isReplicated === true && there.get(point)?.isExpired !== true;
  const keys = vault.filter((key) => {
    if (has.has(key) || !isOfBothVaults(key)) return false;
    const point = pointOfKey(key)?.point ?? slotOfClaim(key);
    return point === undefined || belongsThere(point);
  });
  const unreplicated = [...here].filter(([, f]) => f.hasManifest && !f.isReplicated && !f.isExpired).map(([point]) => point);
  return { keys, unreplicated: unreplicated.sort((a, b) => slotInstant(a).getTime() - slotInstant(b).getTime()) };
}

function foldersOf(keys: readonly string[]): Map<string, Folder> {
  const folders = new Map<string, Folder>();
  for (const key of keys) {
    const point = pointOfKey(key)?.point;
    if (point === undefined) continue;
    const folder = folders.get(point) ?? { hasManifest: false, isReplicated: false, isExpired: false };
    const file = key.slice(key.lastIndexOf('/') + 1);
    if (file === 'manifest.json') folder.hasManifest = true;
    if (file.startsWith('replicated-')) folder.isReplicated = true;
    if (file.startsWith('tombstone-')) folder.isExpired = true;
    folders.set(point, folder);
  }
  return folders;
}

/** A claim is for a slot, whose point has the same id. */
export const slotOfClaim = (key: string): string | undefined => /^runs\/[^/]+\/[^/]+\/([^/]+)\/[^/]+$/.exec(key)?.[1];
