/** The envelope of a value that one region lacks, and that its source no longer has. */
import type { CopyEnvelopeRequest } from '../../core/escrow/contract.ts';
import { MOST_ENVELOPE_BYTES, selectEnvelopes } from '../../core/escrow/envelope-versions.ts';
import { KeyNotRecoverable } from '../../core/escrow/errors.ts';
import { valuePrefix } from '../../core/vault/keys.ts';
import { listValue } from './open-envelope.ts';
import { putUnlessThere, type EscrowBuckets } from './store-envelope.ts';

/**
 * The same bytes under the same names: either region's key opens them. Which of several is good, whoever opens them finds out. Nothing
 * is opened here, and what stands there already stays.
 * @throws KeyNotRecoverable when there is nothing to copy
 */
export async function copyEnvelope(
  { key, fingerprint, run, place }: CopyEnvelopeRequest,
  { system, buckets: { home, replica } }: { system: string; buckets: EscrowBuckets },
): Promise<Pick<CopyEnvelopeRequest, 'key' | 'fingerprint' | 'run'>> {
  const [from, to] = place === 'vault' ? [replica, home] : [home, replica];
  const escrowed = { system, key, fingerprint };
  const prefix = valuePrefix(system, key, fingerprint);
  const envelopes = selectEnvelopes(await listValue(from.reader, escrowed), prefix);
  const whole = envelopes.filter(({ sizeBytes }) => sizeBytes <= MOST_ENVELOPE_BYTES);
  if (whole.length === 0) throw new KeyNotRecoverable('envelope-missing', `There is no envelope at s3://${from.reader.bucket}/${prefix}`);
  // The newest last: it is tried first there too.
  for (const { key: name, versionId } of whole.toReversed()) {
    const stored = await from.reader.get({ key: name, versionId });
    if (stored) await putUnlessThere(to.writer, name, stored.body);
  }
  return { key, fingerprint, run };
}
