import type { z } from 'zod';
import type { EscrowEvidence, WriteEvidenceRequest } from '../../core/escrow/contract.ts';
import { ReadBackFact } from '../../core/escrow/facts.ts';
import { sha256Hex } from '../../core/evidence/statement.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { escrowFactKey } from '../../core/vault/keys.ts';
import { PointRecordDamaged } from '../../core/vault/record-errors.ts';
import { readRecord } from '../vault/read-records.ts';

type Outcome = z.output<typeof WriteEvidenceRequest>['outcomes'][number];

/** The facts of this run, or of the one that opened it lately, of each region that has one. */
export async function readBacksOf(
  { key, fingerprint, openedBy }: Outcome,
  run: string,
  { system, places }: { system: string; places: readonly ObjectReader[] },
): Promise<EscrowEvidence['versions'][number]['readBacks']> {
  if (fingerprint === undefined) return [];
  const [home, replica] = openedBy ? [openedBy.vault, openedBy.replica] : [run, run];
  const look = async (place: ObjectReader, id: string) => {
    const factKey = escrowFactKey(system, key, fingerprint, 'readback', id);
    return { bucket: place.bucket, factKey, record: await readRecord(place, factKey) };
  };
  const found = await Promise.all(places.map((place, i) => look(place, i === 0 ? home : replica)));
  return found.flatMap(({ bucket, factKey, record }) => {
    if (!record) return [];
    const fact = ReadBackFact.safeParse(parseJson(record.body));
    if (!fact.success || fact.data.fingerprint !== fingerprint || fact.data.key !== key)
      throw new PointRecordDamaged(`s3://${bucket}/${factKey}`, { cause: fact.error });
    const { region, at, envelopeVersionId, regionFingerprint } = fact.data;
    return [{ region, bucket, factKey, factSha256: sha256Hex(record.body), at, envelopeVersionId, regionFingerprint }];
  });
}
