import { copyEnvelope } from '../../adapters/escrow/copy-envelope.ts';
import { envelopeSealer } from '../../adapters/escrow/envelope.ts';
import { kmsFingerprinter } from '../../adapters/escrow/kms-fingerprint.ts';
import { kmsClients, regionOfArn } from '../../adapters/escrow/kms-key.ts';
import { keySource } from '../../adapters/escrow/key-source.ts';
import { noteWithoutValue } from '../../adapters/escrow/note-without-value.ts';
import { storeOffline } from '../../adapters/escrow/offline/store-offline.ts';
import { settleCurrent } from '../../adapters/escrow/settle-current.ts';
import { putFacts, storeEnvelope, type EscrowBuckets } from '../../adapters/escrow/store-envelope.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { envelopeContext, EscrowVersionEnvironment, EscrowVersionRequest } from '../../core/escrow/contract.ts';
import type { EscrowedVersion, KeyVersion, VersionWithoutValue } from '../../core/escrow/contract.ts';
import { KeySourceUnavailable } from '../../core/escrow/errors.ts';
import { factsOfVersion } from '../../core/escrow/facts.ts';
import { fingerprintMessage } from '../../core/escrow/fingerprint.ts';
import { describePlace } from '../../core/escrow/key-place.ts';
import { keyPlace, readKeySources, type KeySources } from '../../core/escrow/key-sources.ts';
import { keyBytes } from '../../core/escrow/key-value.ts';
import { readOfflineRecipients, recipientsOf, type OfflineRecipients } from '../../core/escrow/offline/contract.ts';
import type { EnvelopeSealer, Fingerprinter, KeySource } from '../../core/escrow/ports.ts';
import { handle } from '../edge.ts';

export type EscrowVersionPorts = {
  system: string;
  keys: KeySources;
  source: KeySource;
  fingerprinter: Fingerprinter;
  sealer: EnvelopeSealer;
  buckets: EscrowBuckets;
  offline: OfflineRecipients;
  now: () => Date;
};

/** A version whose value does not come or is still to come, or an earlier one that never held the key or cannot be decrypted: no failure. */
export async function escrowWhatIsThere(version: KeyVersion, ports: EscrowVersionPorts): Promise<EscrowedVersion | VersionWithoutValue> {
  try {
    return await escrowVersion(version, ports);
  } catch (error) {
    const noted = await noteWithoutValue(version, error, { ...ports, place: keyPlace(ports.keys, version.key) });
    if (!noted) throw error;
    return noted;
  }
}

/**
 * One version of one key into escrow in both regions: the same bytes, at a key that its fingerprint and the keys that sealed it name.
 * What a region could no longer open is made again beside it, as long as the source has the value. The envelopes are locked
 * by the default retention of the escrow buckets (compliance); this role may not set a retention of its own.
 */
export async function escrowVersion(version: KeyVersion, ports: EscrowVersionPorts): Promise<EscrowedVersion> {
  const { key, secretVersion, run, problem } = version;
  const place = keyPlace(ports.keys, key);
  if (problem) throw new KeySourceUnavailable(problem.reason, problem.message);
  const { content, isCurrent } = await ports.source.read(place, secretVersion);
  // Of a text secret the string stays until it is collected: strings cannot be overwritten.
  const value = keyBytes(content, place.field, `Version ${secretVersion} of ${describePlace(place)}`);
  try {
    const message = fingerprintMessage(ports.system, key, value);
    const { fingerprint } = await ports.fingerprinter.fingerprint(message).finally(() => message.fill(0));
    const sealed = await ports.sealer.seal(value, envelopeContext(ports.system, key));
    const escrowed = { system: ports.system, key, fingerprint };
    const { created, wasKnown, openedBy } = await storeEnvelope(ports.buckets, escrowed, sealed, run);
    const recipients = recipientsOf(ports.offline, key);
    if (recipients) await storeOffline(ports.buckets, escrowed, { value, recipients, run });
    await putFacts(ports.buckets, factsOfVersion(version, escrowed, { isCurrent, wasKnown }));
    if (isCurrent) await settleCurrent(ports.buckets, escrowed, run, { source: ports.source, place, now: ports.now() });
    // What is in use is opened by every run.
    const isInUse = isCurrent || version.label === 'current';
    return { key, fingerprint, run, created, ...(openedBy && !isInUse ? { openedBy } : {}) };
  } finally {
    value.fill(0);
  }
}

export const handler = handle({
  environment: EscrowVersionEnvironment,
  request: EscrowVersionRequest,
  connect: (environment): EscrowVersionPorts => {
    const kms = kmsClients();
    const homeRegion = regionOfArn(environment.ESCROW_KEY_ARN);
    return {
      system: environment.SYSTEM,
      keys: readKeySources(environment.KEYS),
      source: keySource(),
      fingerprinter: kmsFingerprinter(kms(homeRegion), environment.FINGERPRINT_KEY_ARN),
      sealer: envelopeSealer(kms, [environment.ESCROW_KEY_ARN, environment.REPLICA_ESCROW_KEY_ARN]),
      buckets: {
        home: openBucket(environment.ESCROW_BUCKET, { region: homeRegion }, process.env),
        replica: openBucket(environment.REPLICA_ESCROW_BUCKET, { region: environment.REPLICA_REGION }, process.env),
      },
      offline: readOfflineRecipients(environment.OFFLINE),
      now: () => new Date(),
    };
  },
  run: async (request, ports) => ('copy' in request ? await copyEnvelope(request, ports) : await escrowWhatIsThere(request, ports)),
});
