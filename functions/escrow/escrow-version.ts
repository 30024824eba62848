import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { z } from 'zod';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { envelopeSealer } from '../../adapters/escrow/envelope.ts';
import { kmsFingerprinter } from '../../adapters/escrow/kms-fingerprint.ts';
import { kmsClients, regionOfArn } from '../../adapters/escrow/kms-key.ts';
import { secretSource } from '../../adapters/escrow/secret-source.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { envelopeContext, EscrowVersionEnvironment, EscrowVersionRequest, type EscrowedVersion } from '../../core/escrow/contract.ts';
import { BadEscrowInput, KeyNotRecoverable } from '../../core/escrow/errors.ts';
import { fingerprintMessage } from '../../core/escrow/fingerprint.ts';
import { KeySourcesJson, type KeySources } from '../../core/escrow/key-sources.ts';
import { keyBytes } from '../../core/escrow/key-value.ts';
import type { EnvelopeSealer, Fingerprinter, KeySource } from '../../core/escrow/ports.ts';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { envelopeKey } from '../../core/vault/keys.ts';

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
export async function escrowVersion(ports: EscrowVersionPorts, event: unknown): Promise<EscrowedVersion> {
  const { key, secretVersion, run } = EscrowVersionRequest.parse(event);
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

let ports: EscrowVersionPorts | undefined;

export async function handler(event: unknown): Promise<EscrowedVersion> {
  ports ??= portsFrom(EscrowVersionEnvironment.parse(process.env));
  return await escrowVersion(ports, event);
}

function portsFrom(environment: z.infer<typeof EscrowVersionEnvironment>): EscrowVersionPorts {
  const kms = kmsClients();
  return {
    system: environment.SYSTEM,
    keys: KeySourcesJson.parse(environment.KEYS),
    source: secretSource(new SecretsManagerClient(clientConfig({}))),
    fingerprinter: kmsFingerprinter(kms(regionOfArn(environment.ESCROW_KEY_ARN)), environment.FINGERPRINT_KEY_ALIAS),
    sealer: envelopeSealer(kms, [environment.ESCROW_KEY_ARN, environment.REPLICA_ESCROW_KEY_ARN]),
    home: openBucket(environment.ESCROW_BUCKET, { region: regionOfArn(environment.ESCROW_KEY_ARN) }, process.env),
    replica: openBucket(environment.REPLICA_ESCROW_BUCKET, { region: environment.REPLICA_REGION }, process.env),
  };
}
