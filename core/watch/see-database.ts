/** What there is of a database: the keys of its newest months, and the records of one point and a few drills. */
import { DrillEvidence } from '../drill/contract.ts';
import { parseJson } from '../parse-json.ts';
import { durationSeconds } from '../plan/durations.ts';
import type { ListedVersion, ObjectReader } from '../ports/object-store.ts';
import { isAhead } from '../status/time.ts';
import type { DrilledFact } from '../vault/facts.ts';
import { hasBegun, slotInstant, isSlot } from '../vault/ids.ts';
import { catalogPrefix } from '../vault/keys.ts';
import { pointOfKey } from '../vault/parse-key.ts';
import { readFact, readManifestVersion } from '../vault/read-point.ts';
import { PointRecordDamaged, RecordFormatUnknown } from '../vault/record-errors.ts';
import { summarizePoint, type PointSummary } from '../vault/summarize-point.ts';
import { firstKey, monthsBack, oldestVersions } from './list-months.ts';
import { pointsOfKeys, type WatchedPoint } from './list-points.ts';
import type { SeenDatabase } from './seen.ts';
import { LOOKED_BACK_SECONDS, runSeconds } from './slots.ts';
import type { WatchedDatabase } from './watched.ts';

/** Damaged points are passed over to find one that can be read, as far as this. */
const MOST_POINTS_READ = 5;
/** The newest drill, and others beside it: one of the replica, one that failed. */
const DRILLS_READ = 3;

type Place = { reader: ObjectReader; system: string };

export async function seeDatabase({ reader, system }: Place, asset: WatchedDatabase, at: Date): Promise<SeenDatabase> {
  const prefix = catalogPrefix(system, asset.id);
  const before = (seconds: number) => new Date(at.getTime() - seconds * 1000);
  const slotsFrom = before(LOOKED_BACK_SECONDS + runSeconds(asset.schedule));
  const drillsFrom = before(durationSeconds(asset.drill.period) + runSeconds(asset.drill.schedule));
  const versions: ListedVersion[] = [];
  for (const month of monthsBack(at, drillsFrom < slotsFrom ? drillsFrom : slotsFrom)) {
    versions.push(...(await oldestVersions(reader, `${prefix}${month}`)).values());
    const points = pointsOfKeys(versions, prefix);
    const oldest = `${month}01T000000Z`;
    if (slotInstant(oldest) <= slotsFrom && points.some(isGood) && drilledFacts(points, at).length > 0) break;
  }
  const seen = await read({ reader, system }, asset, pointsOfKeys(versions, prefix), at);
  const isDrilled = seen.drills.some((drill) => drill.outcome === 'passed' && Date.parse(drill.at) >= drillsFrom.getTime());
  const isWhole = seen.summaries.length > 0 && isDrilled;
  // Before anything is said to be missing, all of the years are looked at.
  const all = isWhole
    ? seen
    : await read({ reader, system }, asset, pointsOfKeys((await oldestVersions(reader, prefix)).values(), prefix), at);
  return { ...all, beginsAt: await beginOf(reader, prefix, all, slotsFrom) };
}

const isGood = ({ isCommitted, isExpired, kinds }: WatchedPoint) => isCommitted && !isExpired && kinds.has('verified');

/** Newest first: the id of a fact is its run's, which begins with a time. What is dated ahead would keep true ones from being read. */
const drilledFacts = (points: readonly WatchedPoint[], at: Date) =>
  points
    .flatMap(({ facts }) => facts.filter(({ kind, id }) => kind === 'drilled' && hasBegun(id, at)))
    .toSorted((a, b) => (a.id < b.id ? 1 : -1));

async function read(
  { reader, system }: Place,
  asset: WatchedDatabase,
  points: readonly WatchedPoint[],
  at: Date,
): Promise<Omit<SeenDatabase, 'beginsAt'>> {
  const damaged: { point: string; text: string }[] = [];
  const summaries: PointSummary[] = [];
  const good = points.filter(isGood);
  for (const point of good.slice(0, MOST_POINTS_READ)) {
    const summary = await unlessDamaged(damaged, point.point, () => summaryOf({ reader, system }, asset.id, point));
    if (summary) summaries.push(summary);
    if (summary && !isAhead(summary.consistentAt, at)) break;
  }
  const drills: DrilledFact[] = [];
  for (const { version } of drilledFacts(points, at).slice(0, DRILLS_READ)) {
    const fact = await unlessDamaged(damaged, pointOfKey(version.key)?.point ?? version.key, () => readFact(reader, version));
    if (fact?.kind === 'drilled') drills.push(fact);
  }
  const evidences = asset.drill.canaries.length === 0 ? [] : await readEvidences(reader, drills);
  return { kind: 'postgres', points, summaries, drills, evidences, damaged };
}

async function summaryOf(
  { reader, system }: Place,
  asset: string,
  { point, manifest, signature, facts }: WatchedPoint,
): Promise<PointSummary | undefined> {
  if (!manifest) return undefined;
  const { manifest: record } = await readManifestVersion(reader, { system, asset, point }, manifest, signature);
  return summarizePoint(record, await Promise.all(facts.map(({ version }) => readFact(reader, version))));
}

async function unlessDamaged<T>(damaged: { point: string; text: string }[], point: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof PointRecordDamaged || error instanceof RecordFormatUnknown)) throw error;
    damaged.push({ point, text: error.message });
    return undefined;
  }
}

/** What is no evidence proves nothing. */
async function readEvidences(reader: ObjectReader, drills: readonly DrilledFact[]): Promise<DrillEvidence[]> {
  const found: DrillEvidence[] = [];
  for (const { evidence } of drills) {
    const version = (await oldestVersions(reader, evidence)).get(evidence);
    const record = version && (await reader.get({ key: version.key, versionId: version.versionId }));
    const parsed = record && DrillEvidence.safeParse(parseJson(record.body));
    if (parsed?.success) found.push(parsed.data);
  }
  return found;
}

/** When there first was a point, as far as it matters: before the slots that are looked back upon is early enough. */
async function beginOf(
  reader: ObjectReader,
  prefix: string,
  { points }: Pick<SeenDatabase, 'points'>,
  slotsFrom: Date,
): Promise<Date | undefined> {
  const oldest = points.at(-1)?.point;
  if (oldest !== undefined && slotInstant(oldest) <= slotsFrom) return slotInstant(oldest);
  const first = (await firstKey(reader, prefix))?.slice(prefix.length).split('/')[0];
  const [known] = [first, oldest].flatMap((point) => (point !== undefined && isSlot(point) ? [point] : [])).sort();
  return known === undefined ? undefined : slotInstant(known);
}
