import { envelopeContext } from '../../core/escrow/contract.ts';
import { MOST_ENVELOPE_BYTES, selectEnvelopes, selectEnvelopeVersion, type EnvelopeVersion } from '../../core/escrow/envelope-versions.ts';
import { KeyNotRecoverable } from '../../core/escrow/errors.ts';
import { parseRunFact } from '../../core/escrow/fact-names.ts';
import { ReadBackFact } from '../../core/escrow/facts.ts';
import type { EnvelopeOpener } from '../../core/escrow/ports.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ListedVersion, ObjectReader } from '../../core/ports/object-store.ts';
import { valuePrefix } from '../../core/vault/keys.ts';
import { envelopeOpener } from './envelope.ts';
import { kmsClients } from './kms-key.ts';

export type EscrowedKey = { system: string; key: string; fingerprint: string };
/** `strays`: versions and delete markers beside those that count, of all envelopes of the value, and what is no envelope by its size. */
type OpenedEnvelope<T> = EnvelopeVersion & { key: string; value: Uint8Array; checked: T };

/**
 * The value of a key from its escrow copy in one region, never from the live secret. Of several envelopes that one is tried first
 * of which the read-back last found that it holds this value: whoever restores has no fingerprint key to compare with. The caller
 * overwrites the value after use.
 * @param reader the escrow bucket of that region
 * @param escrowKeyArn that region's escrow key, as alias or key ARN
 * @param now a read-back that is dated after it says nothing
 * @throws KeyNotRecoverable, AccessRefused, StoreUnavailable
 */
export async function openEscrowedKey(
  asked: EscrowedKey & { reader: ObjectReader; escrowKeyArn: string; now: Date; opener?: EnvelopeOpener },
): Promise<Uint8Array> {
  const opener = asked.opener ?? envelopeOpener(kmsClients(), asked.escrowKeyArn);
  const listed = await listValue(asked.reader, asked);
  const compared = await newestReadBack(asked.reader, asked, listed, asked.now);
  const check = () => Promise.resolve();
  return (await openFirst(asked.reader, asked, opener, { listed, firstTried: compared?.envelopeVersionId, check })).value;
}

/**
 * The first envelope of a value that opens, and that `check` lets pass. When there is none, that is told which was wrong with the
 * one that was tried first.
 * @param listed all that there is of the value
 * @param firstTried version of an envelope that is tried before newer ones
 * @param check throws KeyNotRecoverable when the next one is to be tried; the value that it was given is overwritten then
 * @throws KeyNotRecoverable
 */
export async function openFirst<T>(
  reader: ObjectReader,
  escrowed: EscrowedKey,
  opener: EnvelopeOpener,
  tried: { listed: readonly ListedVersion[]; firstTried?: string | undefined; check: (value: Uint8Array) => Promise<T> },
): Promise<OpenedEnvelope<T>> {
  const prefix = valuePrefix(escrowed.system, escrowed.key, escrowed.fingerprint);
  const { sized: envelopes = [], overlarge = [] } = Object.groupBy(
    selectEnvelopes(tried.listed, prefix, tried.firstTried),
    ({ sizeBytes }) => (sizeBytes > MOST_ENVELOPE_BYTES ? 'overlarge' : 'sized'),
  );
  const strays = [...envelopes, ...overlarge].reduce((sum, one) => sum + one.strays, overlarge.length);
  let failure: KeyNotRecoverable | undefined;
  for (const { key, versionId } of envelopes) {
    const found = await reader.get({ key, versionId });
    let value: Uint8Array | undefined;
    try {
      value = await opener.open(found?.body ?? new Uint8Array(), envelopeContext(escrowed.system, escrowed.key));
      const checked = await tried.check(value);
      return { key, versionId, strays, value, checked };
    } catch (error) {
      value?.fill(0);
      if (!(error instanceof KeyNotRecoverable)) throw error;
      failure ??= error;
    }
  }
  const [huge] = overlarge;
  if (failure === undefined && huge !== undefined) {
    const text = `s3://${reader.bucket}/${huge.key} has ${huge.sizeBytes} bytes: no envelope has more than ${MOST_ENVELOPE_BYTES}, and it was not read`;
    throw new KeyNotRecoverable('envelope-altered', text);
  }
  throw failure ?? new KeyNotRecoverable('envelope-missing', `There is no envelope at s3://${reader.bucket}/${prefix}`);
}

/** All that one region has of a value. */
export async function listValue(
  reader: Pick<ObjectReader, 'listVersions'>,
  { system, key, fingerprint }: EscrowedKey,
): Promise<ListedVersion[]> {
  const listed: ListedVersion[] = [];
  for await (const version of reader.listVersions(valuePrefix(system, key, fingerprint))) listed.push(version);
  return listed;
}

/** What the read-back of a region last said of a value; undefined when it never opened it there, or what it wrote cannot be read. */
export async function newestReadBack(
  reader: ObjectReader,
  { key, fingerprint }: EscrowedKey,
  listed: readonly ListedVersion[],
  now: Date,
): Promise<ReadBackFact | undefined> {
  const newest = listed
    .filter((version) => !version.isDeleteMarker && parseRunFact(version.key, now)?.kind === 'readback')
    .map((version) => version.key)
    .toSorted()
    .at(-1);
  const record = newest && selectEnvelopeVersion(listed, newest);
  const stored = record && (await reader.get({ key: newest, versionId: record.versionId }));
  const fact = ReadBackFact.safeParse(stored && parseJson(stored.body));
  return fact.success && fact.data.fingerprint === fingerprint && fact.data.key === key ? fact.data : undefined;
}

/** What escrow wrote under a key; whatever came to stand over it was not written by escrow, and neither was what is larger than an envelope. */
export async function readFirstVersion(reader: ObjectReader, key: string): Promise<(EnvelopeVersion & { body: Uint8Array }) | undefined> {
  const listed: ListedVersion[] = [];
  for await (const version of reader.listVersions(key)) listed.push(version);
  const chosen = selectEnvelopeVersion(listed, key);
  if (!chosen || chosen.sizeBytes > MOST_ENVELOPE_BYTES) return undefined;
  const found = await reader.get({ key, versionId: chosen.versionId });
  return found && { ...chosen, body: found.body };
}
