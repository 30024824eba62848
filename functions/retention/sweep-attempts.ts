import { oldestVersion, readManifest } from '../../adapters/vault/read-records.ts';
import type { ListedVersion } from '../../core/ports/object-store.ts';
import { AssetRun, RetentionEnvironment, type SweepAnswer } from '../../core/retention/contract.ts';
import { daysToSweep, selectSweptAttempts, selectSweptUploads, type AttemptState } from '../../core/retention/select-swept.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import { SLOT_PATTERN } from '../../core/vault/ids.ts';
import { assetDataPrefix, attemptPrefix, manifestKey } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';
import { connectRetention, type RetentionPorts } from './ports.ts';

const LISTINGS_AT_ONCE = 8;

type Attempt = AttemptState & { versions: ListedVersion[] };

/** Deletes attempts that never became a point, once nobody can be writing to them, and ends uploads that were given up. */
export async function sweepAttempts({ asset }: AssetRun, ports: RetentionPorts): Promise<SweepAnswer> {
  const { system, deleter, now } = ports;
  const days = daysToSweep(now()).map((day) => `${assetDataPrefix(system, asset)}${day}/`);
  const found = (await mapSeveralAtOnce(days, LISTINGS_AT_ONCE, (day) => attemptsOfDay(asset, day, ports))).flat();
  const answer: SweepAnswer = { attempts: [], objects: 0, bytes: 0, uploads: 0, refused: 0 };
  for (const { prefix, versions } of selectSweptAttempts(found, now())) {
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

async function attemptsOfDay(asset: string, day: string, { system, vault }: RetentionPorts): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for await (const folder of vault.listFolders(day)) {
    const point = folder.slice(day.length, -1);
    if (!SLOT_PATTERN.test(point)) continue;
    const prefixes = await collect(vault.listFolders(folder));
    const isCommitted = (await oldestVersion(vault, manifestKey(system, asset, point))) !== undefined;
    // Nearly every point has its one attempt, and is not looked at any closer.
    if (isCommitted && prefixes.length < 2) continue;
    const own = isCommitted ? (await readManifest(vault, { system, asset, point })).manifest.attempt : undefined;
    for (const prefix of prefixes) {
      if (own !== undefined && prefix === attemptPrefix(system, asset, point, own)) continue;
      const versions = await collect(vault.listVersions(prefix));
      const newestAt = new Date(Math.max(...versions.map(({ lastModified }) => lastModified.getTime())));
      attempts.push({ prefix, isCommitted: false, newestAt, versions });
    }
  }
  return attempts;
}

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of all) found.push(one);
  return found;
}

export const handler = handle({ environment: RetentionEnvironment, request: AssetRun, connect: connectRetention, run: sweepAttempts });
