/** What there is of a key in this region's escrow: which value is the current one, and when each was last read back. */
import { selectCurrentFingerprint } from '../escrow/current-key.ts';
import { parseRunFact } from '../escrow/fact-names.ts';
import { ReadBackFact } from '../escrow/facts.ts';
import { readKeyStates } from '../escrow/key-state.ts';
import { parseJson } from '../parse-json.ts';
import type { ListedVersion, ObjectReader } from '../ports/object-store.ts';
import { escrowPrefix } from '../vault/keys.ts';
import { instantOfRun } from '../vault/ids.ts';
import type { VaultSide } from '../vault/side.ts';
import { monthsBack, oldestVersions } from './list-months.ts';
import type { SeenKey } from './seen.ts';
import type { WatchedKey } from './watched.ts';

/** A key is read back daily or so: what is not in this month or the one before is looked for in all of the years. */
const LISTED_SECONDS = 31 * 86_400;
const KINDS = ['current', 'readback'] as const;
/** A value that cannot be opened, a rotation past the guard, offline files and what witnesses saw of them. */
const SELDOM = ['lost-', 'unguarded-', 'offline-'];

type Place = { reader: ObjectReader; system: string; side: VaultSide };

export async function seeKey({ reader, system, side }: Place, { id }: WatchedKey, at: Date): Promise<SeenKey> {
  const prefix = escrowPrefix(system, id);
  const hasRun = ({ key }: ListedVersion) => parseRunFact(key, at) !== undefined;
  const recent = (await recentFacts(reader, prefix, at)).filter(hasRun);
  const facts = isWhole(recent, system, id, at) ? recent : [...(await oldestVersions(reader, prefix)).values()].filter(hasRun);
  const keys = facts.map(({ key }) => key);
  const current = selectCurrentFingerprint(keys, system, id, at);
  const seen = keys.flatMap((key) => parseRunFact(key, at) ?? []).filter(({ kind }) => kind === 'readback' || kind === 'current');
  const runs = seen.filter(({ kind }) => kind === 'readback').map(({ run }) => new Date(instantOfRun(run)));
  const readBacks = (await newestReadBacks(reader, facts)).map(({ fingerprint, at: when }) => ({ place: side, fingerprint, at: when }));
  const begins = seen.map(({ run }) => run).sort()[0];
  const states = await statesOf({ reader, system }, id, facts, at);
  return { kind: 'key', current, readBacks, states, runs, beginsAt: begins === undefined ? undefined : new Date(instantOfRun(begins)) };
}

async function recentFacts(reader: ObjectReader, prefix: string, at: Date): Promise<ListedVersion[]> {
  const found: ListedVersion[] = [];
  const months = [...monthsBack(at, new Date(at.getTime() - LISTED_SECONDS * 1000))];
  // One folder for each value that the key ever had.
  for await (const folder of reader.listFolders(prefix, { evenHidden: true }))
    for (const kind of KINDS)
      for (const month of months) found.push(...(await oldestVersions(reader, `${folder}${kind}-${month}`)).values());
  return found;
}

/** Of a value of which nothing recent is known everything is looked at before it is said to be lost. */
async function statesOf({ reader, system }: Pick<Place, 'reader' | 'system'>, key: string, facts: readonly ListedVersion[], at: Date) {
  const keys = facts.map((fact) => fact.key);
  for await (const folder of reader.listFolders(escrowPrefix(system, key), { evenHidden: true })) {
    const isKnown = keys.some((listed) => listed.startsWith(`${folder}readback-`));
    // Where it was opened of late there is an envelope; of what seldom happens there is little, whatever its month.
    if (isKnown) keys.push(`${folder}envelope`);
    for (const rare of isKnown ? SELDOM : ['']) keys.push(...(await oldestVersions(reader, `${folder}${rare}`)).keys());
  }
  return [...readKeyStates(keys, system, key, at).values()];
}

const isWhole = (facts: readonly ListedVersion[], system: string, key: string, at: Date): boolean => {
  const current = selectCurrentFingerprint(
    facts.map((fact) => fact.key),
    system,
    key,
    at,
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
