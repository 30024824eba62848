import { createHash } from 'node:crypto';
import { selectCurrentFingerprint } from '../../../core/escrow/current-key.ts';
import { OFFLINE, OfflineFact } from '../../../core/escrow/offline/contract.ts';
import { offlineNames, parseOfflineName } from '../../../core/escrow/offline/files.ts';
import { parseJson } from '../../../core/parse-json.ts';
import type { ObjectReader } from '../../../core/ports/object-store.ts';
import { escrowFactKey, escrowPrefix, offlineFileKey, valuePrefix } from '../../../core/vault/keys.ts';
import { readFirstVersion } from '../open-envelope.ts';

export type OfflineFile = { fact: OfflineFact; isCurrent: boolean; bytes: Uint8Array };
/** A value of which no whole file is there for some recipients, and what is wrong with those that are there, newest first. */
type OfflineProblem = { key: string; fingerprint: string; recipients: string; problem: string };

/**
 * The offline files of a key, of each value and set of recipients all that are what was written down when they were made, newest
 * first: what is in a file only its recipients can tell, so that none takes the place of another. What has none is named, and keeps
 * nothing else from being read.
 */
export async function readOfflineFiles(
  reader: ObjectReader,
  system: string,
  key: string,
  now: Date,
): Promise<{ files: OfflineFile[]; problems: OfflineProblem[] }> {
  const prefix = escrowPrefix(system, key);
  const names = new Map<string, string[]>();
  const keys: string[] = [];
  // By versions: what somebody hid with a delete marker is there all the same.
  for await (const version of reader.listVersions(prefix)) {
    if (version.isDeleteMarker) continue;
    keys.push(version.key);
    const [, fingerprint, name] = /^([0-9a-f]+)\/([^/]+)$/.exec(version.key.slice(prefix.length)) ?? [];
    if (fingerprint && name && parseOfflineName(name)) names.set(fingerprint, [...(names.get(fingerprint) ?? []), name]);
  }
  const current = selectCurrentFingerprint(keys, system, key, now);
  const files: OfflineFile[] = [];
  const problems: OfflineProblem[] = [];
  for (const [fingerprint, ofValue] of names)
    for (const recipients of new Set(ofValue.flatMap((name) => parseOfflineName(name)?.recipients ?? []))) {
      const isCurrent = fingerprint === current;
      const { whole, wrong } = await readWhole(reader, { system, key, fingerprint }, offlineNames(ofValue, recipients));
      files.push(...whole.map((file) => ({ ...file, isCurrent })));
      if (whole.length === 0) problems.push({ key, fingerprint, recipients, problem: wrong.join('; ') });
    }
  return { files, problems };
}

/** Those of these that are whole, and what is wrong with the others. The same bytes under two names are one file. */
async function readWhole(
  reader: ObjectReader,
  { system, key, fingerprint }: { system: string; key: string; fingerprint: string },
  names: readonly { id: string }[],
): Promise<{ whole: Omit<OfflineFile, 'isCurrent'>[]; wrong: string[] }> {
  const whole = new Map<string, Omit<OfflineFile, 'isCurrent'>>();
  const wrong: string[] = [];
  for (const { id } of names) {
    const where = `s3://${reader.bucket}/${valuePrefix(system, key, fingerprint)}${OFFLINE}-${id}`;
    const file = await readFirstVersion(reader, offlineFileKey(system, key, fingerprint, id));
    const record = await readFirstVersion(reader, escrowFactKey(system, key, fingerprint, OFFLINE, id));
    const fact = OfflineFact.safeParse(record && parseJson(record.body));
    if (!record) wrong.push(`${where}.json is gone, or was never written`);
    else if (!fact.success || !isOf(fact.data, { system, key, fingerprint, id })) wrong.push(`${where}.json is not what was written`);
    else if (!file) wrong.push(`${where}.age is gone`);
    else if (createHash('sha256').update(file.body).digest('hex') !== fact.data.sha256) wrong.push(`${where}.age is not what was written`);
    else if (!whole.has(fact.data.sha256)) whole.set(fact.data.sha256, { fact: fact.data, bytes: file.body });
  }
  return { whole: [...whole.values()], wrong };
}

const isOf = (fact: OfflineFact, expected: Pick<OfflineFact, 'system' | 'key' | 'fingerprint' | 'id'>): boolean =>
  fact.system === expected.system && fact.key === expected.key && fact.fingerprint === expected.fingerprint && fact.id === expected.id;
