/** What there is of a key in this region's escrow: which value is the current one, and when each was last read back. */
import { selectCurrentFingerprint } from '../escrow/current-key.ts';
import { ReadBackFact } from '../escrow/contract.ts';
import { parseJson } from '../parse-json.ts';
import type { ListedVersion, ObjectReader } from '../ports/object-store.ts';
import { escrowPrefix } from '../vault/keys.ts';
import { slotInstant } from '../vault/ids.ts';
import type { VaultSide } from '../vault/side.ts';
import { monthsBack, oldestVersions } from './list-months.ts';
import type { SeenKey } from './seen.ts';
import type { WatchedKey } from './watched.ts';

/** A key is read back daily or so: what is not in this month or the one before is looked for in all of the years. */
const LISTED_SECONDS = 31 * 86_400;
const NAME = /\/(?:current|readback)-(\d{8}T\d{6}Z)[^/]*\.json$/;

type Place = { reader: ObjectReader; system: string; side: VaultSide };

export async function seeKey({ reader, system, side }: Place, { id }: WatchedKey, at: Date): Promise<SeenKey> {
  const prefix = escrowPrefix(system, id);
  const recent = await recentFacts(reader, prefix, at);
  const facts = isWhole(recent, system, id) ? recent : [...(await oldestVersions(reader, prefix)).values()];
  const keys = facts.map(({ key }) => key);
  const current = selectCurrentFingerprint(keys, system, id);
  const runs = keys
    .filter((key) => key.includes('/readback-'))
    .flatMap((key) => NAME.exec(key)?.slice(1, 2) ?? [])
    .map(slotInstant);
  const readBacks = (await newestReadBacks(reader, facts)).map(({ fingerprint, at: when }) => ({ place: side, fingerprint, at: when }));
  const begins = keys.flatMap((key) => NAME.exec(key)?.slice(1, 2) ?? []).sort()[0];
  return { kind: 'key', current, readBacks, runs, beginsAt: begins === undefined ? undefined : slotInstant(begins) };
}

async function recentFacts(reader: ObjectReader, prefix: string, at: Date): Promise<ListedVersion[]> {
  const found: ListedVersion[] = [];
  const months = [...monthsBack(at, new Date(at.getTime() - LISTED_SECONDS * 1000))];
  // One folder for each value that the key ever had.
  for await (const folder of reader.listFolders(prefix))
    for (const kind of ['current', 'readback'])
      for (const month of months) found.push(...(await oldestVersions(reader, `${folder}${kind}-${month}`)).values());
  return found;
}

const isWhole = (facts: readonly ListedVersion[], system: string, key: string): boolean => {
  const current = selectCurrentFingerprint(
    facts.map((fact) => fact.key),
    system,
    key,
  );
  return current !== undefined && facts.some((fact) => fact.key.startsWith(`${escrowPrefix(system, key)}${current}/readback-`));
};

/** Of each value the newest fact; what is no fact says nothing. */
async function newestReadBacks(reader: ObjectReader, facts: readonly ListedVersion[]): Promise<ReadBackFact[]> {
  const newest = new Map<string, ListedVersion>();
  for (const version of facts) {
    const [folder] = /^.*\/(?=readback-[^/]+\.json$)/.exec(version.key) ?? [];
    const known = folder === undefined ? undefined : newest.get(folder);
    if (folder !== undefined && (known === undefined || known.key < version.key)) newest.set(folder, version);
  }
  const found: ReadBackFact[] = [];
  for (const { key, versionId } of newest.values()) {
    const record = await reader.get({ key, versionId });
    const fact = record && ReadBackFact.safeParse(parseJson(record.body));
    if (fact?.success) found.push(fact.data);
  }
  return found;
}
