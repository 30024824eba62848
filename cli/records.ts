/** All that the colours and the evidence page are decided from, read from vault, replica and escrow under the asker's credentials. */
import { escrowBucketName } from '../core/names.ts';
import { openBucket } from '../adapters/s3/bucket.ts';
import { storedVersions } from '../adapters/vault/read-records.ts';
import { DrillEvidence } from '../core/drill/contract.ts';
import { ReadBackFact } from '../core/escrow/facts.ts';
import { readKeyStates } from '../core/escrow/key-state.ts';
import { selectCurrentFingerprint } from '../core/escrow/current-key.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import { AccessRefused } from '../core/ports/object-errors.ts';
import type { ListedVersion, ObjectReader } from '../core/ports/object-store.ts';
import type { ReportRecords } from '../core/report/build-report.ts';
import type { SystemRecords } from '../core/status/decide-colour.ts';
import { summarizeDrill, summarizeKey, type KeySummary } from '../core/status/summary.ts';
import { isAhead } from '../core/status/time.ts';
import { escrowPrefix, evidenceKey } from '../core/vault/keys.ts';
import type { ListedPoint } from '../core/vault/read-point.ts';
import { summarizePoint } from '../core/vault/summarize-point.ts';
import type { PointSummary } from '../core/vault/summarize-point.ts';
import { postgresAssets } from './assets.ts';
import type { Connection } from './connection.ts';
import type { LostPoints } from './lost-points.ts';
import { translated } from './machines/aws-errors.ts';
import { READS_AT_ONCE, readNewest } from './points.ts';
import type { ReadPoint, Vault } from './points.ts';
import { readReview, reviewDue } from './review/read-review.ts';
import { parseJson } from '../core/parse-json.ts';

/** Drills are held a few times a year: so many of the newest of each asset tell all that a colour asks for. */
const MOST_EVIDENCES = 40;

export type Records = {
  points: Record<string, ReadPoint[]>;
  /** How many points there are beyond those that are shown, by asset. */
  older: Record<string, number>;
  /** Points that are gone and did not expire, by asset. */
  lost: Record<string, LostPoints>;
  /** Points that are there and passed over for a tombstone, by asset. */
  expiring: Record<string, ListedPoint[]>;
  report: ReportRecords;
  colours: SystemRecords;
  /** What could not be read, and therefore counts as not known. */
  notes: string[];
};

export type RecordsParts = {
  plan: ProtectionPlan;
  /** As it is called in messages, and where that path begins: what the file says is compared with what was reviewed. */
  file: string;
  directory: string;
  connection: Connection;
  vault: Vault;
  environment: Record<string, string | undefined>;
  now: Date;
};

type Note = (text: string) => void;

/** @param limit how many points of each asset are shown, newest first; the colours do not depend on it */
export async function readRecords(parts: RecordsParts, limit: number): Promise<Records> {
  const { plan, vault, now } = parts;
  const points: Records['points'] = {};
  const judged: Records['points'] = {};
  const older: Records['older'] = {};
  const lost: Records['lost'] = {};
  const expiring: Records['expiring'] = {};
  const isVerified = (point: ReadPoint) => summaryOf(point).some((one) => one.verifiedAt !== undefined && !isAhead(one.consistentAt, now));
  for (const { id } of postgresAssets(plan)) {
    const read = await readNewest(vault, id, limit, isVerified);
    points[id] = read.shown;
    judged[id] = read.judged;
    older[id] = read.older;
    lost[id] = read.lost;
    expiring[id] = read.expiring;
  }
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  const evidences = await readEvidences(vault.reader, plan, now, note);
  const escrow: Record<string, EscrowOfKey> = {};
  for (const asset of plan.assets) if (asset.kind === 'key') escrow[asset.id] = await readEscrow(parts, asset.id, note);

  const all = Object.values(evidences).flat();
  const review = await readReview(parts, { reader: vault.reader, evidences });
  return {
    points,
    older,
    lost,
    expiring,
    report: { points: summariesOf(points), evidences, escrow },
    colours: {
      points: summariesOf(judged),
      drills: Object.fromEntries(Object.entries(evidences).map(([id, found]) => [id, found.map(summarizeDrill)])),
      keys: Object.fromEntries(
        Object.entries(escrow).map(([key, { current, readBacks, ...known }]) => [
          key,
          summarizeKey(key, current, readBacks, all, plan.home.region, known),
        ]),
      ),
      reviewDue: reviewDue(review),
    },
    notes,
  };
}

/** None when its records are damaged. */
const summaryOf = (point: ReadPoint): PointSummary[] =>
  'records' in point ? [summarizePoint(point.records.manifest, point.records.facts)] : [];

const summariesOf = (points: Records['points']) =>
  Object.fromEntries(Object.entries(points).map(([id, read]) => [id, read.flatMap(summaryOf)]));

/** Evidence of drills of this year and the one before, by asset, oldest first: an objective of a year needs no older one. */
async function readEvidences(reader: ObjectReader, plan: ProtectionPlan, now: Date, note: Note): Promise<Record<string, DrillEvidence[]>> {
  const records: ListedVersion[] = [];
  for (const year of [now.getUTCFullYear() - 1, now.getUTCFullYear()])
    // The id of a run begins with its year, so what is listed are verdicts and not what they were judged from.
    records.push(...(await recordsUnder(reader, evidenceKey(plan.system, 'drill', String(year)).replace(/\.json$/, ''))));
  const newestFirst = records.filter(({ key }) => !key.endsWith('.dsse.json')).toReversed();
  const found: Record<string, DrillEvidence[]> = Object.fromEntries(plan.assets.map((asset) => [asset.id, []]));
  // Which asset it is of, only the evidence itself says: one that is drilled often must not crowd out the others.
  const isWanting = () => postgresAssets(plan).some(({ id }) => (found[id]?.length ?? 0) < MOST_EVIDENCES);
  for (let start = 0; start < newestFirst.length && isWanting(); start += READS_AT_ONCE) {
    const wanted = newestFirst.slice(start, start + READS_AT_ONCE);
    const read = await Promise.all(wanted.map(async ({ key, versionId }) => ({ key, record: await reader.get({ key, versionId }) })));
    for (const { key, record } of read) {
      const evidence = record && DrillEvidence.safeParse(parseJson(record.body));
      const ofAsset = evidence?.success ? found[evidence.data.asset] : undefined;
      if (!evidence?.success) note(`${key} is not evidence that Holdfast wrote: it counts for nothing`);
      else if (ofAsset && ofAsset.length < MOST_EVIDENCES) ofAsset.unshift(evidence.data);
    }
  }
  return found;
}

type EscrowOfKey = { current: string | undefined; readBacks: ReadBackFact[]; versions: KeySummary['versions']; isKnown: boolean };

/** What both places have in escrow of one key, or one of them when the other cannot be read. */
export async function readEscrow(
  { plan, connection, environment }: Pick<RecordsParts, 'plan' | 'connection' | 'environment'>,
  key: string,
  note: Note,
): Promise<EscrowOfKey> {
  const readBacks: ReadBackFact[] = [];
  const versions: KeySummary['versions'] = [];
  let current: string | undefined;
  let isKnown = false;
  for (const [place, { region, account }] of [
    ['vault', plan.home],
    ['replica', plan.replica],
  ] as const) {
    const bucket = escrowBucketName({ system: plan.system, account: account ?? connection.account, region });
    const { reader } = openBucket(bucket, connection.settings(region), environment);
    try {
      const listed = await translated(`Reading the escrow s3://${bucket}`, connection.where, () =>
        recordsUnder(reader, escrowPrefix(plan.system, key)),
      );
      isKnown = true;
      const keys = listed.map((record) => record.key);
      versions.push(...[...readKeyStates(keys, plan.system, key).values()].map((state) => ({ place, state })));
      if (place === 'vault') current = selectCurrentFingerprint(keys, plan.system, key);
      readBacks.push(...(await readNewestFacts(reader, listed, note)));
    } catch (error) {
      if (!(error instanceof AccessRefused) && !isRefusal(error)) throw error;
      note(`s3://${bucket} cannot be read with these credentials: what it holds counts as not known`);
    }
  }
  return { current, readBacks, versions, isKnown };
}

/** Records under a prefix, by key: of each the oldest version, whatever was put over it later and whether or not it is hidden. */
async function recordsUnder(reader: ObjectReader, prefix: string): Promise<ListedVersion[]> {
  // S3 lists the versions of a key newest first.
  const oldest = new Map((await storedVersions(reader, prefix)).map((version) => [version.key, version]));
  return [...oldest.values()];
}

const isRefusal = (error: unknown) => error instanceof Error && error.cause instanceof AccessRefused;

/** Every run reads every version back: of each version only the newest fact says something. */
async function readNewestFacts(reader: ObjectReader, listed: readonly ListedVersion[], note: Note): Promise<ReadBackFact[]> {
  const newest = new Map<string, ListedVersion>();
  // Ids of runs begin with their time, and a listing is in order.
  for (const version of listed) {
    const [folder] = /^.*\/(?=readback-[^/]+\.json$)/.exec(version.key) ?? [];
    if (folder !== undefined) newest.set(folder, version);
  }
  const facts: ReadBackFact[] = [];
  for (const { key, versionId } of newest.values()) {
    const record = await reader.get({ key, versionId });
    const fact = record && ReadBackFact.safeParse(parseJson(record.body));
    if (fact?.success) facts.push(fact.data);
    else note(`${key} is not a fact that Holdfast wrote: it counts for nothing`);
  }
  return facts;
}
