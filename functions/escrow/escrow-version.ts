import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { envelopeSealer } from '../../adapters/escrow/envelope.ts';
import { kmsFingerprinter } from '../../adapters/escrow/kms-fingerprint.ts';
import { kmsClients, regionOfArn } from '../../adapters/escrow/kms-key.ts';
import { secretSource } from '../../adapters/escrow/secret-source.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import {
  envelopeContext,
  EscrowVersionEnvironment,
  EscrowVersionRequest,
  type EscrowedVersion,
  type KeyVersion,
} from '../../core/escrow/contract.ts';
import { BadEscrowInput, KeyNotRecoverable } from '../../core/escrow/errors.ts';
import { fingerprintMessage } from '../../core/escrow/fingerprint.ts';
import { readKeySources, type KeySources } from '../../core/escrow/key-sources.ts';
import { keyBytes } from '../../core/escrow/key-value.ts';
import type { EnvelopeSealer, Fingerprinter, KeySource } from '../../core/escrow/ports.ts';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { envelopeKey } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';

type EscrowBucket = { reader: ObjectReader; writer: ObjectWriter };
export type EscrowVersionPorts = {
  system: string;
  keys: KeySources;
  source: KeySource;
  fingerprinter: Fingerprinter;
  sealer: EnvelopeSealer;
  home: EscrowBucket;
  replica: EscrowBucket;
};

/**
 * One version of one key into escrow in both regions: the same bytes, at a key that its fingerprint names. The envelopes are
 * locked by the default retention of the escrow buckets (compliance); this role may not set a retention of its own.
 */
export async function escrowVersion({ key, secretVersion, run }: KeyVersion, ports: EscrowVersionPorts): Promise<EscrowedVersion> {
  const source = ports.keys[key];
  if (!source)
    throw new BadEscrowInput(`This system has no key asset '${key}'`, 'Start the escrow machine, which lists the versions itself');
  const where = `Version ${secretVersion} of the secret '${source.secret}'`;
  const content = await ports.source.read(source.secret, secretVersion);
  // Of a text secret the string stays until it is collected: strings cannot be overwritten.
  const value = keyBytes(content, source.field, where);
  try {
    const fingerprint = await ports.fingerprinter.fingerprint(fingerprintMessage(ports.system, key, value));
    const at = envelopeKey(ports.system, key, fingerprint);
    const envelope = await ports.sealer.seal(value, envelopeContext(ports.system, key));
    // Written only when absent: what counts, and goes to the replica, is what stands at home afterwards.
    const home = await putOrGet(ports.home, at, envelope);
    await putOrGet(ports.replica, at, home.bytes);
    return { key, fingerprint, run, created: home.created };
  } finally {
    value.fill(0);
  }
}

async function putOrGet(bucket: EscrowBucket, key: string, bytes: Uint8Array): Promise<{ bytes: Uint8Array; created: boolean }> {
  try {
    await bucket.writer.putOnce(key, bytes);
    return { bytes, created: true };
  } catch (error) {
    if (!(error instanceof ObjectExists)) throw error;
  }
  const existing = await bucket.reader.get({ key });
  if (!existing)
    throw new KeyNotRecoverable('envelope-missing', `The envelope s3://${bucket.reader.bucket}/${key} vanished while it was read`);
  return { bytes: existing.body, created: false };
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
      source: secretSource(new SecretsManagerClient(clientConfig({}))),
      fingerprinter: kmsFingerprinter(kms(homeRegion), environment.FINGERPRINT_KEY_ALIAS),
      sealer: envelopeSealer(kms, [environment.ESCROW_KEY_ARN, environment.REPLICA_ESCROW_KEY_ARN]),
      home: openBucket(environment.ESCROW_BUCKET, { region: homeRegion }, process.env),
      replica: openBucket(environment.REPLICA_ESCROW_BUCKET, { region: environment.REPLICA_REGION }, process.env),
    };
  },
  run: escrowVersion,
});
