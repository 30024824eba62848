import type { OpenedBy } from '../../core/escrow/contract.ts';
import { selectEnvelopes, selectEnvelopeVersion } from '../../core/escrow/envelope-versions.ts';
import { factKeyOf, LostFact, type EscrowFact } from '../../core/escrow/facts.ts';
import { isLost, readKeyStates, unknownValue, type KeyVersionState } from '../../core/escrow/key-state.ts';
import { openedLately } from '../../core/escrow/look-due.ts';
import { newestSealing, selectSealing, type EscrowedValue } from '../../core/escrow/sealing.ts';
import { parseJson } from '../../core/parse-json.ts';
import { instantOfRun } from '../../core/vault/ids.ts';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import type { ListedVersion, ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { envelopeKey, escrowFactKey, valuePrefix } from '../../core/vault/keys.ts';
import { listValue, readFirstVersion, type EscrowedKey } from './open-envelope.ts';

type EscrowBucket = { reader: ObjectReader; writer: ObjectWriter };
export type EscrowBuckets = { home: EscrowBucket; replica: EscrowBucket };

/**
 * `created`: the value was new to escrow at home. `wasKnown`: a version that holds it was said to be in escrow before. `openedBy`: nothing
 * was written, and each region opened what it has so lately.
 */
type Stored = { created: boolean; wasKnown: boolean; openedBy: OpenedBy | undefined };

/**
 * An envelope of the keys that sealed this one, as the same bytes in both regions. It is written only when absent, so what counts, and
 * goes to the replica, is what stands at home afterwards: two runs at once, or one after a run that died between the regions, end with
 * one envelope. Another is made when a region could not open what is there, while the value is at hand: what is there stays.
 */
export async function storeEnvelope(
  { home, replica }: EscrowBuckets,
  escrowed: EscrowedKey,
  { envelope, keysId }: { envelope: Uint8Array; keysId: string },
  run: string,
): Promise<Stored> {
  const atHome = await lookAtValue(home.reader, escrowed, run);
  // Nothing keeps a value from home that is not there yet: the second region is looked at afterwards.
  const isFirst = newestSealing(keysId, run, atHome.state.sealings) === undefined;
  const atReplica = isFirst ? undefined : await lookAtValue(replica.reader, escrowed, run);
  const made = selectSealing(keysId, run, atReplica ? [atHome, atReplica] : [atHome]);
  const sealing = made ?? newestSealing(keysId, run, atHome.state.sealings) ?? keysId;
  const key = envelopeKey(escrowed.system, escrowed.key, escrowed.fingerprint, sealing);
  const isWritten = made !== undefined && (await putUnlessThere(home.writer, key, envelope));
  const isThere = atReplica?.state.sealings.includes(sealing) === true;
  if (isWritten || !isThere) {
    const bytes = isWritten ? envelope : (await readFirstVersion(home.reader, key))?.body;
    if (bytes) await putUnlessThere(replica.writer, key, bytes);
  }
  const [vault, second] = [atHome.openedBy, atReplica?.openedBy];
  const isUntouched = !isWritten && isThere && vault !== undefined && second !== undefined;
  return {
    created: isWritten && !atHome.state.hasEnvelope,
    wasKnown: atHome.state.secretVersions.length > 0,
    openedBy: isUntouched ? { vault, replica: second } : undefined,
  };
}

/** What one region says of a value: by its listing, and why the newest run that could not open it did not. */
async function lookAtValue(
  reader: ObjectReader,
  escrowed: EscrowedKey,
  run: string,
): Promise<EscrowedValue & { openedBy: string | undefined }> {
  const { system, key, fingerprint } = escrowed;
  const listed = (await listValue(reader, escrowed)).filter(({ isDeleteMarker }) => !isDeleteMarker);
  const names = listed.map((version) => version.key);
  const state = readKeyStates(names, system, key, new Date(instantOfRun(run))).get(fingerprint) ?? unknownValue(fingerprint);
  if (!isLost(state) || state.lostRun === undefined)
    return { state, lostReason: undefined, openedBy: openedSince(listed, escrowed, state, run) };
  const lostKey = escrowFactKey(system, key, fingerprint, 'lost', state.lostRun);
  const record = selectEnvelopeVersion(listed, lostKey);
  const stored = record && (await reader.get({ key: lostKey, versionId: record.versionId }));
  const fact = LostFact.safeParse(stored && parseJson(stored.body));
  return { state, lostReason: fact.data?.reason, openedBy: undefined };
}

/** The run that opened the value lately, unless there is an envelope that came after it and that nobody has opened. */
function openedSince(listed: readonly ListedVersion[], escrowed: EscrowedKey, state: KeyVersionState, run: string): string | undefined {
  const { system, key, fingerprint } = escrowed;
  const opened = openedLately(state, run);
  const fact = opened && listed.find((version) => version.key === escrowFactKey(system, key, fingerprint, 'readback', opened));
  const [newest] = selectEnvelopes(listed, valuePrefix(system, key, fingerprint));
  return fact && newest && newest.lastModified <= fact.lastModified ? opened : undefined;
}

/** Facts for who may list and not read, in both regions: a dump names the keys that its point needs by them. */
export async function putFacts({ home, replica }: EscrowBuckets, facts: readonly EscrowFact[]): Promise<void> {
  for (const fact of facts) for (const { writer } of [home, replica]) await putUnlessThere(writer, factKeyOf(fact), JSON.stringify(fact));
}

/** @returns whether it was not there before. */
export async function putUnlessThere(writer: ObjectWriter, key: string, body: string | Uint8Array): Promise<boolean> {
  try {
    await writer.putOnce(key, body);
    return true;
  } catch (error) {
    if (error instanceof ObjectExists) return false;
    throw error;
  }
}
