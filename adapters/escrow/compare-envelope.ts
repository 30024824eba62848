/** Opens what one region has of a value, and compares the fingerprint of what is inside. The value ends here. */
import { KeyNotRecoverable, ValueNotRecognised } from '../../core/escrow/errors.ts';
import type { ReadBackFact } from '../../core/escrow/facts.ts';
import { fingerprintMessage } from '../../core/escrow/fingerprint.ts';
import type { EnvelopeOpener, Fingerprinter } from '../../core/escrow/ports.ts';
import { selectEnvelopes } from '../../core/escrow/envelope-versions.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { valuePrefix } from '../../core/vault/keys.ts';
import { listValue, newestReadBack, openFirst, type EscrowedKey } from './open-envelope.ts';

export type ComparingPlace = {
  region: string;
  reader: ObjectReader;
  opener: EnvelopeOpener;
  /** The region's own, by which a value can be recognised there when home is lost. */
  regionFingerprinter: Fingerprinter;
};
type Comparing = {
  place: ComparingPlace;
  /** Home's: it names the envelope in both regions. */
  fingerprinter: Fingerprinter;
  /** Both regions, of which `place` is one. */
  home: Pick<ComparingPlace, 'reader'>;
  second: Pick<ComparingPlace, 'reader' | 'regionFingerprinter'>;
  /** When the run that compares began. */
  began: Date;
};

/** Throws KeyNotRecoverable, ValueNotRecognised, AccessRefused, StoreUnavailable. */
export async function compareEnvelope(
  escrowed: EscrowedKey,
  parts: Comparing,
): Promise<Pick<ReadBackFact, 'regionFingerprint' | 'fingerprintKey' | 'envelope' | 'envelopeVersionId' | 'strays'>> {
  const { reader, opener, regionFingerprinter } = parts.place;
  const listed = await listValue(reader, escrowed);
  const check = async (value: Uint8Array) => {
    const message = fingerprintMessage(escrowed.system, escrowed.key, value);
    try {
      const found = await parts.fingerprinter.fingerprint(message);
      // The second region's own key knows the value: home's was made anew, and nothing is lost of what it named.
      if (found.fingerprint !== escrowed.fingerprint) return await recognise(escrowed, message, found, parts);
      const { fingerprint: regionFingerprint } = await regionFingerprinter.fingerprint(message);
      return { regionFingerprint, fingerprintKey: found.keyArn };
    } finally {
      message.fill(0);
    }
  };
  // Of several that one first which opened last: what somebody put beside it costs nothing.
  const isAlone = selectEnvelopes(listed, valuePrefix(escrowed.system, escrowed.key, escrowed.fingerprint)).length < 2;
  const firstTried = isAlone ? undefined : (await newestReadBack(reader, escrowed, listed, parts.began))?.envelopeVersionId;
  const { value, versionId, strays, key: opened, checked } = await openFirst(reader, escrowed, opener, { listed, firstTried, check });
  value.fill(0);
  const envelope = opened.slice(opened.lastIndexOf('/') + 1);
  return { ...checked, envelope, envelopeVersionId: versionId, ...(strays > 0 ? { strays } : {}) };
}

type Recognised = Pick<ReadBackFact, 'regionFingerprint' | 'fingerprintKey'>;

/**
 * Another value, or another fingerprint key? The second region's own key knows a value that it has seen, and what was read back says
 * which key of home's its fingerprint is by, in whichever region that was. A value that it knows is compared as well as home's key would have compared it.
 */
async function recognise(
  escrowed: EscrowedKey,
  message: Uint8Array,
  found: { fingerprint: string; keyArn: string },
  { place, home, second, began }: Comparing,
): Promise<Recognised> {
  const earlier = async ({ reader }: { reader: ObjectReader }) =>
    await newestReadBack(reader, escrowed, await listValue(reader, escrowed), began);
  const [atHome, there] = [await earlier(home), await earlier(second)];
  const known = there === undefined ? undefined : await second.regionFingerprinter.fingerprint(message);
  if (there !== undefined && known?.fingerprint === there.regionFingerprint) {
    const { fingerprint: regionFingerprint } = await place.regionFingerprinter.fingerprint(message);
    return { regionFingerprint, ...(there.fingerprintKey === undefined ? {} : { fingerprintKey: there.fingerprintKey }) };
  }
  const isOtherKey = [atHome, there].some((fact) => fact?.fingerprintKey !== undefined && fact.fingerprintKey !== found.keyArn);
  const { key, fingerprint } = escrowed;
  if (isOtherKey) throw new ValueNotRecognised(key, place.region, found.keyArn);
  const text = `The envelope of the key asset '${key}' in ${place.region} holds a value of fingerprint ${found.fingerprint}, not ${fingerprint}`;
  throw new KeyNotRecoverable('value-differs', text);
}
