import { factKeyOf, type EscrowFact } from '../../core/escrow/facts.ts';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { envelopeKey } from '../../core/vault/keys.ts';
import { readEnvelope, type EscrowedKey } from './open-envelope.ts';

type EscrowBucket = { reader: ObjectReader; writer: ObjectWriter };
export type EscrowBuckets = { home: EscrowBucket; replica: EscrowBucket };

/**
 * The same bytes in both regions. They are written only when absent, so what counts, and goes to the replica, is what stands at
 * home afterwards: two runs at once, or one after a run that died between the regions, end with one envelope.
 * @returns whether the value was new to escrow at home
 */
export async function storeEnvelope({ home, replica }: EscrowBuckets, escrowed: EscrowedKey, envelope: Uint8Array): Promise<boolean> {
  const key = envelopeKey(escrowed.system, escrowed.key, escrowed.fingerprint);
  const created = await putUnlessThere(home.writer, key, envelope);
  const bytes = created ? envelope : (await readEnvelope(home.reader, escrowed)).envelope;
  await putUnlessThere(replica.writer, key, bytes);
  return created;
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
