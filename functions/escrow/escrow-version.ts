import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { envelopeSealer } from '../../adapters/escrow/envelope.ts';
import { kmsFingerprinter } from '../../adapters/escrow/kms-fingerprint.ts';
import { kmsClients, regionOfArn } from '../../adapters/escrow/kms-key.ts';
import { secretSource } from '../../adapters/escrow/secret-source.ts';
import { markAsCurrent, storeEnvelope, type EscrowBuckets } from '../../adapters/escrow/store-envelope.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { envelopeContext, EscrowVersionEnvironment, KeyVersion, type EscrowedVersion } from '../../core/escrow/contract.ts';
import { BadEscrowInput } from '../../core/escrow/errors.ts';
import { fingerprintMessage } from '../../core/escrow/fingerprint.ts';
import { readKeySources, type KeySources } from '../../core/escrow/key-sources.ts';
import { keyBytes } from '../../core/escrow/key-value.ts';
import type { EnvelopeSealer, Fingerprinter, KeySource } from '../../core/escrow/ports.ts';
import { handle } from '../edge.ts';

export type EscrowVersionPorts = {
  system: string;
  keys: KeySources;
  source: KeySource;
  fingerprinter: Fingerprinter;
  sealer: EnvelopeSealer;
  buckets: EscrowBuckets;
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
  const { content, isCurrent } = await ports.source.read(source.secret, secretVersion);
  // Of a text secret the string stays until it is collected: strings cannot be overwritten.
  const value = keyBytes(content, source.field, where);
  try {
    const fingerprint = await ports.fingerprinter.fingerprint(fingerprintMessage(ports.system, key, value));
    const envelope = await ports.sealer.seal(value, envelopeContext(ports.system, key));
    const escrowed = { system: ports.system, key, fingerprint };
    const created = await storeEnvelope(ports.buckets, escrowed, envelope);
    if (isCurrent) await markAsCurrent(ports.buckets, escrowed, run);
    return { key, fingerprint, run, created };
  } finally {
    value.fill(0);
  }
}

export const handler = handle({
  environment: EscrowVersionEnvironment,
  request: KeyVersion,
  connect: (environment): EscrowVersionPorts => {
    const kms = kmsClients();
    const homeRegion = regionOfArn(environment.ESCROW_KEY_ARN);
    return {
      system: environment.SYSTEM,
      keys: readKeySources(environment.KEYS),
      source: secretSource(new SecretsManagerClient(clientConfig({}))),
      fingerprinter: kmsFingerprinter(kms(homeRegion), environment.FINGERPRINT_KEY_ARN),
      sealer: envelopeSealer(kms, [environment.ESCROW_KEY_ARN, environment.REPLICA_ESCROW_KEY_ARN]),
      buckets: {
        home: openBucket(environment.ESCROW_BUCKET, { region: homeRegion }, process.env),
        replica: openBucket(environment.REPLICA_ESCROW_BUCKET, { region: environment.REPLICA_REGION }, process.env),
      },
    };
  },
  run: escrowVersion,
});
