/** What stands in the escrow buckets of both regions, read under the asker's credentials. */
import { namesOfKeys } from '../adapters/escrow/list-escrow.ts';
import { openBucket } from '../adapters/s3/bucket.ts';
import { selectCurrentFingerprint } from '../core/escrow/current-key.ts';
import { parseRunFact } from '../core/escrow/fact-names.ts';
import { ReadBackFact } from '../core/escrow/facts.ts';
import { readKeyStates } from '../core/escrow/key-state.ts';
import { findStrays } from '../core/escrow/strays.ts';
import { escrowBucketName } from '../core/names.ts';
import { parseJson } from '../core/parse-json.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import { AccessRefused, StoreUnavailable } from '../core/ports/object-errors.ts';
import type { ListedVersion, ObjectReader } from '../core/ports/object-store.ts';
import type { KeyWatches } from '../core/status/decide-used.ts';
import type { KeySummary } from '../core/status/summary.ts';
import { escrowPrefix } from '../core/vault/keys.ts';
import type { VaultSide } from '../core/vault/side.ts';
import { readKeyWatch } from '../core/watch/key-record.ts';
import type { Connection } from './connection.ts';
import type { EscrowStray } from './escrow-strays.ts';
import { AwsUnreachable, SystemNotDeployed } from './errors.ts';
import { translated } from './machines/aws-errors.ts';

type EscrowParts = { plan: ProtectionPlan; connection: Connection; environment: Record<string, string | undefined> };
export type Note = (text: string) => void;

/** Of each key the oldest version: S3 lists the versions of a key newest first. */
export const oldestOf = (versions: readonly ListedVersion[]): ListedVersion[] => [
  ...new Map(versions.map((version) => [version.key, version])).values(),
];

export type EscrowOfKey = {
  current: string | undefined;
  readBacks: ReadBackFact[];
  versions: KeySummary['versions'];
  /** What somebody left beside what escrow wrote. */
  strays: EscrowStray[];
  isKnown: boolean;
  /** The places that could be read. */
  seen: VaultSide[];
};

/** What both places have in escrow of one key, or one of them when the other cannot be read. */
export async function readEscrow({ plan, connection, environment }: EscrowParts, key: string, now: Date, note: Note): Promise<EscrowOfKey> {
  const readBacks: ReadBackFact[] = [];
  const versions: KeySummary['versions'] = [];
  const strays: EscrowStray[] = [];
  const currents: (string | undefined)[] = [];
  const seen: VaultSide[] = [];
  for (const [place, { region, account }] of placesOf(plan)) {
    const bucket = escrowBucketName({ system: plan.system, account: account ?? connection.account, region });
    const { reader } = openBucket(bucket, connection.settings(region), environment);
    try {
      const all = await translated(`Reading the escrow s3://${bucket}`, connection.where, () =>
        Array.fromAsync(reader.listVersions(escrowPrefix(plan.system, key))),
      );
      const listed = oldestOf(all.filter(({ isDeleteMarker }) => !isDeleteMarker));
      strays.push(...findStrays(all).map((stray) => ({ bucket, region, stray })));
      seen.push(place);
      const keys = listed.map((record) => record.key);
      versions.push(...[...readKeyStates(keys, plan.system, key, now).values()].map((state) => ({ place, state })));
      currents.push(selectCurrentFingerprint(keys, plan.system, key, now));
      readBacks.push(...(await readNewestFacts(reader, listed, now, note)));
    } catch (error) {
      note(unread(bucket, error));
    }
  }
  // The vault's word first; what was current stands in both places.
  const current = currents.find((one) => one !== undefined);
  return { current, readBacks, versions, strays, isKnown: seen.length > 0, seen };
}

/** Names of the key assets that stand in escrow, in the plan or not; of a place that cannot be read none, which is said. */
export async function readKeyNames({ plan, connection, environment }: EscrowParts, note: Note): Promise<string[]> {
  const names = new Set<string>();
  for (const [, { region, account }] of placesOf(plan)) {
    const bucket = escrowBucketName({ system: plan.system, account: account ?? connection.account, region });
    const { reader } = openBucket(bucket, connection.settings(region), environment);
    const listed = translated(`Reading the escrow s3://${bucket}`, connection.where, () => namesOfKeys(reader, plan.system));
    try {
      for (const name of await listed) names.add(name);
    } catch (error) {
      note(unread(bucket, error));
    }
  }
  return [...names];
}

/** What the key watches of both regions saw, where it can be read. */
export async function readKeyWatches({ plan, connection, environment }: EscrowParts, now: Date, note: Note): Promise<KeyWatches> {
  const found: KeyWatches = {};
  for (const [place, { region, account }] of placesOf(plan)) {
    const bucket = escrowBucketName({ system: plan.system, account: account ?? connection.account, region });
    const { reader } = openBucket(bucket, connection.settings(region), environment);
    try {
      const record = await translated(`Reading what was seen of keys in s3://${bucket}`, connection.where, () =>
        readKeyWatch(reader, plan.system, now),
      );
      if (record) found[place] = record;
    } catch (error) {
      note(`What the key watch wrote is not known: s3://${bucket} ${whyUnread(error)}`);
    }
  }
  return found;
}

const placesOf = ({ home, replica }: Pick<ProtectionPlan, 'home' | 'replica'>) =>
  [
    ['vault', home],
    ['replica', replica],
  ] as const;

const unread = (bucket: string, error: unknown) => `s3://${bucket} ${whyUnread(error)}: what it holds counts as not known`;

/** Of a bucket in another region than the vault that is looked at: it keeps nothing else from being said. Throws what is no answer of it. */
function whyUnread(error: unknown): string {
  if (error instanceof AccessRefused || (error instanceof Error && error.cause instanceof AccessRefused))
    return 'cannot be read with these credentials';
  if (error instanceof SystemNotDeployed) return 'does not exist';
  if (error instanceof AwsUnreachable || error instanceof StoreUnavailable) return 'does not answer';
  throw error;
}

/** Versions are read back again and again: of each only the newest fact says something. */
async function readNewestFacts(reader: ObjectReader, listed: readonly ListedVersion[], now: Date, note: Note): Promise<ReadBackFact[]> {
  const newest = new Map<string, ListedVersion>();
  // Ids of runs begin with their time, and a listing is in order.
  for (const version of listed) {
    if (parseRunFact(version.key, now)?.kind === 'readback') newest.set(version.key.slice(0, version.key.lastIndexOf('/')), version);
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
