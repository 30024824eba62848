/** Evidence of a system, read newest first and no more of it than was asked for. */
import { storedVersions } from '../../adapters/vault/read-records.ts';
import { parseRecordName } from '../../core/evidence/verify/context.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ListedVersion, ObjectReader } from '../../core/ports/object-store.ts';
import { evidenceKindPrefix, evidencePrefix, isSignatureKey } from '../../core/vault/keys.ts';
import { READS_AT_ONCE } from '../points.ts';

export type StoredEvidence = { key: string; body: Uint8Array };

export type EvidenceWish = {
  system: string;
  kind?: string | undefined;
  isWanted?: (name: { kind: string; id: string }) => boolean;
  years: readonly number[];
};

/** A year of evidence is listed at a time. */
export const YEARS_BACK = 10;

/**
 * @param kind such as `drill`; all kinds when absent; those that begin alike are under it too
 * @param isWanted by its name, before it is read; all when absent
 * @param years the newest first
 */
export async function* readEvidence(
  reader: ObjectReader,
  { system, kind, isWanted = () => true, years }: EvidenceWish,
): AsyncIterable<StoredEvidence> {
  for (const year of years) {
    const prefix = kind === undefined ? `${evidencePrefix(system)}${year}/` : evidenceKindPrefix(system, String(year), kind);
    const oldest = new Map<string, ListedVersion>();
    // S3 lists the versions of a key newest first: the oldest counts, whatever was put over it.
    for (const version of await storedVersions(reader, prefix))
      if (isRecord(version.key) && isWanted(nameOf(version.key))) oldest.set(version.key, version);
    const newestFirst = [...oldest.values()].toSorted((a, b) => (timeOf(a.key) < timeOf(b.key) ? 1 : -1));
    for (let start = 0; start < newestFirst.length; start += READS_AT_ONCE) {
      const wanted = newestFirst.slice(start, start + READS_AT_ONCE);
      const read = await Promise.all(
        wanted.map(async ({ key, versionId }) => ({ key, body: (await reader.get({ key, versionId }))?.body })),
      );
      for (const { key, body } of read) if (body !== undefined) yield { key, body };
    }
  }
}

const isRecord = (key: string) => key.endsWith('.json') && !isSignatureKey(key);
const nameOf = (key: string) => parseRecordName(key.split('/').at(-1) ?? '') ?? { kind: '', id: '' };
/** Kinds stand beside each other in a folder: it is the run's own time that orders them. */
export const timeOf = (key: string) => /\d{8}T\d{6}Z/.exec(key)?.[0] ?? '';

/** This year and those before it. */
export const yearsBack = (now: Date, count = YEARS_BACK): number[] =>
  Array.from({ length: count }, (_, index) => now.getUTCFullYear() - index);

/** The newest records of one kind, as many as a page shows; one that is none of them is passed over. */
export async function readNewestOf<T>(
  reader: ObjectReader,
  { system, kind, now, most }: { system: string; kind: string; now: Date; most: number },
  parse: (record: unknown) => T | undefined,
): Promise<T[]> {
  const found: T[] = [];
  for await (const { body } of readEvidence(reader, { system, kind, years: yearsBack(now) })) {
    const record = parse(parseJson(body));
    if (record !== undefined) found.push(record);
    if (found.length === most) break;
  }
  return found;
}
