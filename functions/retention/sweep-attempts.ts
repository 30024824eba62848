import { oldestVersion, readManifest, type PointName } from '../../adapters/vault/read-records.ts';
import type { ListedVersion, ObjectReader } from '../../core/ports/object-store.ts';
import { AssetRun, RetentionEnvironment, type SweepAnswer } from '../../core/retention/contract.ts';
import { daysToSweep, selectSweptAttempts, selectSweptUploads, type AttemptState } from '../../core/retention/select-swept.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import { isSlot } from '../../core/vault/ids.ts';
import { assetDataPrefix, attemptPrefix, manifestKey } from '../../core/vault/keys.ts';
import { PointRecordDamaged, RecordFormatUnknown } from '../../core/vault/record-errors.ts';
import { handle } from '../edge.ts';
import { connectRetention, type RetentionPorts } from './ports.ts';

const LISTINGS_AT_ONCE = 8;
/** What is told of slots that cannot be read: it stands in the payloads of the machine. */
const MOST = { told: 5, characters: 250 } as const;

type Attempt = AttemptState & { versions: ListedVersion[] };
/** Attempts of slots, and why those of others are not known. */
type Found = { attempts: Attempt[]; unreadable: string[] };

/**
 * Deletes attempts that never became a point, once nobody can be writing to them, and ends uploads that were given up. Of a point that
 * cannot be read no attempt goes, since nobody knows which is its own; that keeps no other from being swept.
 */
export async function sweepAttempts({ asset }: AssetRun, ports: RetentionPorts): Promise<SweepAnswer> {
  const { system, deleter, now } = ports;
  const days = daysToSweep(now()).map((day) => `${assetDataPrefix(system, asset)}${day}/`);
  const found = await mapSeveralAtOnce(days, LISTINGS_AT_ONCE, (day) => attemptsOfDay(asset, day, ports));
  const unreadable = found.flatMap((day) => day.unreadable.map((why) => why.slice(0, MOST.characters))).slice(0, MOST.told);
  const answer: SweepAnswer = { attempts: [], objects: 0, bytes: 0, uploads: 0, refused: 0, unreadable };
  const attempts = found.flatMap((day) => day.attempts);
  for (const { prefix, versions } of selectSweptAttempts(attempts, now())) {
    const refused = new Set((await deleter.deleteVersions(versions)).map(({ versionId }) => versionId));
    const gone = versions.filter(({ versionId }) => !refused.has(versionId));
    answer.attempts.push(prefix);
    answer.objects += gone.length;
    answer.bytes += gone.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    answer.refused += refused.size;
  }
  for (const upload of selectSweptUploads(await collect(deleter.listUnfinished(assetDataPrefix(system, asset))), now())) {
    await deleter.abortUpload(upload);
    answer.uploads++;
  }
  return answer;
}

async function attemptsOfDay(asset: string, day: string, { system, vault }: RetentionPorts): Promise<Found> {
  const found: Found = { attempts: [], unreadable: [] };
  for await (const folder of vault.listFolders(day)) {
    const point = folder.slice(day.length, -1);
    if (!isSlot(point)) continue;
    const prefixes = await collect(vault.listFolders(folder));
    const isCommitted = (await oldestVersion(vault, manifestKey(system, asset, point))) !== undefined;
    // Nearly every point has its one attempt, and is not looked at any closer.
    if (isCommitted && prefixes.length < 2) continue;
    const own = isCommitted ? await readOwnAttempt(vault, { system, asset, point }) : {};
    if (own.unreadable !== undefined) {
      found.unreadable.push(`the attempts beside ${point} were not swept: ${own.unreadable}`);
      continue;
    }
    for (const prefix of prefixes) {
      if (own.attempt !== undefined && prefix === attemptPrefix(system, asset, point, own.attempt)) continue;
      const versions = await collect(vault.listVersions(prefix));
      const newestAt = new Date(Math.max(...versions.map(({ lastModified }) => lastModified.getTime())));
      found.attempts.push({ prefix, isCommitted: false, newestAt, versions });
    }
  }
  return found;
}

/** The attempt that the point was committed with. */
async function readOwnAttempt(vault: ObjectReader, of: PointName): Promise<{ attempt?: string; unreadable?: string }> {
  try {
    return { attempt: (await readManifest(vault, of)).manifest.attempt };
  } catch (error) {
    if (error instanceof PointRecordDamaged || error instanceof RecordFormatUnknown) return { unreadable: error.message };
    throw error;
  }
}

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of all) found.push(one);
  return found;
}

export const handler = handle({ environment: RetentionEnvironment, request: AssetRun, connect: connectRetention, run: sweepAttempts });
