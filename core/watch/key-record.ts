/**
 * What the key watch of a region saw, for people and watchers who may not ask KMS: a record in that region's escrow bucket, which is
 * encrypted under no key of the system, so that it can be written and read when every one of them is gone.
 */
import * as z from 'zod';
import { parseJson } from '../parse-json.ts';
import type { ListedVersion, ObjectReader } from '../ports/object-store.ts';
import { isSlot, slotInstant } from '../vault/ids.ts';
import { keyWatchPrefix } from '../vault/keys.ts';
import { monthsBack, oldestVersions } from './list-months.ts';
import { Used } from './used.ts';

export const KEY_WATCH_FORMAT = 'holdfast/key-watch/v1';

/** `watch/<system>/keys-<time>.json`, by the instant at which the look began. */
export const KeyWatchRecord = z.strictObject({
  format: z.literal(KEY_WATCH_FORMAT),
  system: z.string(),
  region: z.string(),
  at: z.iso.datetime({ offset: false }),
  used: z.array(Used),
});
export type KeyWatchRecord = z.infer<typeof KeyWatchRecord>;

/** A look is written down when it saw something else than the one before, and once a day; older than that, nobody looks. */
const FRESH_SECONDS = 26 * 3600;
const LISTED_SECONDS = 31 * 86_400;

/** Whether a look adds anything to the newest record. */
export const isNews = (newest: KeyWatchRecord | undefined, { at, used }: Pick<KeyWatchRecord, 'at' | 'used'>): boolean =>
  newest === undefined || newest.at.slice(0, 10) !== at.slice(0, 10) || inOrder(newest.used) !== inOrder(used);

/** What is parsed has its fields in the order of the schema. */
const inOrder = (used: readonly Used[]) => JSON.stringify(z.array(Used).parse(used));

/** What says the same until the next day says it: a record that is older says nothing of now. */
export const isFresh = ({ at }: Pick<KeyWatchRecord, 'at'>, now: Date): boolean => now.getTime() - Date.parse(at) <= FRESH_SECONDS * 1000;

/** The newest record; what is no record counts for nothing. Undefined when there is none of this month or the one before. */
export async function readKeyWatch(reader: ObjectReader, system: string, now: Date): Promise<KeyWatchRecord | undefined> {
  for (const month of monthsBack(now, new Date(now.getTime() - LISTED_SECONDS * 1000))) {
    const listed = await oldestVersions(reader, `${keyWatchPrefix(system)}keys-${month}`);
    for (const version of [...listed.values()].toSorted(byKeyNewestFirst)) {
      const record = await read(reader, version);
      // One that is dated ahead would hide all that is seen from now on.
      if (record?.system === system && Date.parse(record.at) <= now.getTime() + CLOCK_SLACK_MS) return record;
    }
  }
  return undefined;
}

const CLOCK_SLACK_MS = 10 * 60_000;
const byKeyNewestFirst = (a: ListedVersion, b: ListedVersion) => (a.key < b.key ? 1 : -1);

async function read(reader: ObjectReader, { key, versionId }: ListedVersion): Promise<KeyWatchRecord | undefined> {
  const [, id] = /keys-(\d{8}T\d{6}Z)\.json$/.exec(key) ?? [];
  // The listing may be anybody's who may write there.
  const stored = id === undefined || !isSlot(id) ? undefined : await reader.get({ key, versionId });
  const record = stored && KeyWatchRecord.safeParse(parseJson(stored.body));
  if (!record?.success || id === undefined) return undefined;
  return slotInstant(id).toISOString() === `${record.data.at.slice(0, 19)}.000Z` ? record.data : undefined;
}
