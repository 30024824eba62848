/** One point: its manifest signed and linked, its facts vouched for, its objects there; or a tombstone in their place. */
import type { DrillEvidence } from '../../drill/contract.ts';
import { parseJson } from '../../parse-json.ts';
import type { ListedVersion } from '../../ports/object-store.ts';
import { sha256Of } from '../../record/link.ts';
import type { TombstoneFact } from '../../vault/facts.ts';
import { factKey, isSignatureKey, manifestKey, pointPrefix, signatureKey } from '../../vault/keys.ts';
import { Manifest, MANIFEST_FORMATS } from '../../vault/manifest.ts';
import { otherVersion } from '../../vault/record-errors.ts';
import type { CheckedLink } from './check-chain.ts';
import type { NamedByOthers } from './check-evidence.ts';
import { checkFacts, type CheckedFact, type StoredFact } from './check-facts.ts';
import { checkObjects } from './check-objects.ts';
import { parseRecordName, NOBODY_VOUCHES, type CheckContext } from './context.ts';
import { signedKeyOf } from './signatures.ts';
import { readBody, reportTraces, type ListedKey } from './vault-copy.ts';

export type PointToCheck = {
  asset: string;
  point: string;
  /** What stands in its folder of the catalog. */
  listed: readonly ListedKey[];
  link: CheckedLink | undefined;
  named: ReadonlyMap<string, string>;
  namedByOthers: NamedByOthers;
  drills: readonly DrillEvidence[];
  evidence: ReadonlySet<string>;
  /** Undefined when data cannot be looked at. */
  data: readonly ListedVersion[] | undefined;
  readsBytes: boolean;
};

export type CheckedPoint = { isExpired: boolean; objects: number };

export async function checkPoint(context: CheckContext, of: PointToCheck): Promise<CheckedPoint> {
  const { system } = context;
  const keys = new Map(of.listed.filter(({ version }) => version).map((listed) => [listed.key, listed]));
  for (const listed of of.listed) reportTraces(listed, context.report);
  const checked = checkFacts(context, of, await readFacts(context, of, keys));
  const facts = checked.map(({ fact }) => fact);
  const tombstones = tombstonesOf(context, checked);
  const manifest = await checkManifest(context, of, keys, tombstones);
  if (isExpired(context, of, tombstones)) return { isExpired: true, objects: 0 };
  const prefix = pointPrefix(system, of.asset, of.point);
  for (const key of expectedKeys(context, of, keys)) if (!keys.has(key)) reportMissing(context, of, key, prefix);
  if (!manifest || !of.data) return { isExpired: false, objects: 0 };
  const replicated = facts.filter((fact) => fact.kind === 'replicated');
  const isBareManifest = facts.length === 0 && of.link === undefined;
  const data = { versions: of.data, readsBytes: of.readsBytes, replicated, isBareManifest };
  return { isExpired: false, objects: await checkObjects(context, manifest, data) };
}

async function readFacts(
  context: CheckContext,
  { asset, point }: PointToCheck,
  keys: ReadonlyMap<string, ListedKey>,
): Promise<StoredFact[]> {
  const prefix = pointPrefix(context.system, asset, point);
  const manifest = manifestKey(context.system, asset, point);
  const stored: (StoredFact | undefined)[] = await Promise.all(
    [...keys].map(async ([key, listed]) => {
      if (key === manifest || isSignatureKey(key)) return undefined;
      if (!parseRecordName(key.slice(prefix.length))) {
        context.report('record-foreign', key, 'Holdfast writes nothing of this name beside a point');
        return undefined;
      }
      const [body, envelope] = await Promise.all([readBody(context.copy, listed), readBody(context.copy, keys.get(signatureKey(key)))]);
      return body && { key, body, envelope };
    }),
  );
  return stored.filter((fact) => fact !== undefined);
}

/** The manifest, unless it is not there or not what was signed and linked. */
async function checkManifest(
  context: CheckContext,
  of: PointToCheck,
  keys: ReadonlyMap<string, ListedKey>,
  tombstones: Tombstones,
): Promise<Manifest | undefined> {
  const { asset, point, link } = of;
  const key = manifestKey(context.system, asset, point);
  const [body, envelope] = await Promise.all([readBody(context.copy, keys.get(key)), readBody(context.copy, keys.get(signatureKey(key)))]);
  if (!body) return undefined;
  context.onRecord(body.length);
  const sha256 = sha256Of(body);
  const isLinked = link?.link.manifestSha256 === sha256;
  if (link && !isLinked)
    context.report(
      'record-differs',
      key,
      `its SHA-256 is ${sha256}, and link ${link.link.link} of the chain says ${link.link.manifestSha256}`,
    );
  const state = context.signatures.check(key, body, envelope);
  // A point that goes loses its signature before its manifest, by which it is found again should the run be stopped in between.
  const goes = [tombstones.vouched, tombstones.byOtherKey, tombstones.young].some((tombstone) => tombstone?.manifestSha256 === sha256);
  if (state === 'unsigned' && !goes) context.reportUnlessYoung('signature-missing', key, point, NOBODY_VOUCHES);
  if (!link)
    context.reportUnlessYoung('point-unlinked', key, point, 'the chain has no link of it: its run did not end, or somebody cut the chain');
  if (state === 'invalid' || (link && !isLinked)) return undefined;
  return parseManifest(context, of, key, body);
}

function parseManifest(context: CheckContext, { asset, point }: PointToCheck, key: string, body: Uint8Array): Manifest | undefined {
  const record = parseJson(body);
  const parsed = Manifest.safeParse(record);
  if (!parsed.success) {
    const formats = MANIFEST_FORMATS.map((known) => otherVersion(record, known));
    const format = formats.every((other) => other !== undefined) ? formats[0] : undefined;
    if (format === undefined) context.report('record-unreadable', key, 'it is not a manifest that Holdfast wrote');
    else context.report('format-unknown', key, `it is of the format ${format}; this release reads ${MANIFEST_FORMATS.join(' and ')}`);
    return undefined;
  }
  const { data } = parsed;
  if (data.system === context.system && data.asset === asset && data.point === point) return data;
  context.report('record-unreadable', key, `it is the manifest of ${data.asset}/${data.point}, and stands where another belongs`);
  return undefined;
}

/** What signed records and the chain say is in this folder, and what a signature in it was made of. */
function expectedKeys(
  context: CheckContext,
  { asset, point, link, drills }: PointToCheck,
  keys: ReadonlyMap<string, ListedKey>,
): Set<string> {
  const linked = link && 'records' in link.link ? link.link.records.map(({ key }) => key) : [];
  const drilled = drills.map(({ run }) => factKey(context.system, asset, point, 'drilled', run));
  const signed = [...keys.keys()].map(signedKeyOf).filter((key) => key !== undefined);
  return new Set([manifestKey(context.system, asset, point), ...linked, ...drilled, ...signed]);
}

function reportMissing(context: CheckContext, { asset, point, link }: PointToCheck, key: string, prefix: string): void {
  if (key !== manifestKey(context.system, asset, point)) {
    context.report(
      'record-missing',
      key,
      `it is not there, and ${key.startsWith(prefix) ? 'the chain, evidence or a signature names it' : 'the chain names it'}`,
    );
  } else if (link) reportMissingPoint(context, { asset, point }, link);
  else context.report('point-missing', key, `something of the point is there, and its manifest is not`);
}

export function reportMissingPoint(context: CheckContext, { asset, point }: { asset: string; point: string }, link: CheckedLink): void {
  context.report(
    'point-missing',
    manifestKey(context.system, asset, point),
    `link ${link.link.link} of the chain names it, it is not there, and no tombstone says that it expired`,
  );
}

type Tombstones = Partial<Record<'vouched' | 'byOtherKey' | 'young', TombstoneFact | undefined>>;

function tombstonesOf(context: CheckContext, checked: readonly CheckedFact[]): Tombstones {
  const tombstones = checked.flatMap(({ fact, ...one }) => (fact.kind === 'tombstone' ? [{ fact, ...one }] : []));
  return {
    vouched: tombstones.find(({ isVouched }) => isVouched)?.fact,
    byOtherKey: tombstones.find(({ isByOtherKey }) => isByOtherKey)?.fact,
    young: tombstones.find(({ fact }) => context.isYoung(fact.id))?.fact,
  };
}

/**
 * Whether a tombstone stands for what is gone. One that nothing vouches for stands for nothing: whoever takes a point away could write
 * it too. While the run may still be at its evidence it is told as that, and so is one by a key that was not given, point by point: neither
 * ever passes for whole.
 */
function isExpired(context: CheckContext, of: PointToCheck, { vouched, byOtherKey, young }: Tombstones): boolean {
  const tombstone = vouched ?? byOtherKey ?? young;
  if (!tombstone) return false;
  checkTombstone(context, of, tombstone);
  if (tombstone !== vouched)
    context.report(
      'expiry-unvouched',
      factKey(context.system, of.asset, of.point, 'tombstone', tombstone.id),
      tombstone === byOtherKey ? BY_OTHER_KEY : OF_THE_LAST_DAY,
    );
  return true;
}

const BY_OTHER_KEY =
  'only this says that the point expired, and only a key that was not given vouches for it: either that key is yours, or somebody deleted the point and signed this with a key of his own';
const OF_THE_LAST_DAY =
  'only this says that the point expired, and nothing signed says the same: either the run of retention is not over, which a check on the next day shows, or somebody deleted the point';

function checkTombstone(context: CheckContext, { asset, point, link }: PointToCheck, fact: TombstoneFact): void {
  const { manifestSha256 } = fact;
  if (link && link.link.manifestSha256 !== manifestSha256)
    context.report(
      'record-differs',
      factKey(context.system, asset, point, fact.kind, fact.id),
      `it is the tombstone of a manifest of SHA-256 ${manifestSha256}, and link ${link.link.link} of the chain says ${link.link.manifestSha256}`,
    );
}
