import type { z } from 'zod';
import { envelopeOpener } from '../../adapters/escrow/envelope.ts';
import { kmsFingerprinter } from '../../adapters/escrow/kms-fingerprint.ts';
import { kmsClients, regionOfArn } from '../../adapters/escrow/kms-key.ts';
import { readEnvelope } from '../../adapters/escrow/open-envelope.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { envelopeContext, ReadBackEnvironment, ReadBackRequest, type ReadBackFact } from '../../core/escrow/contract.ts';
import { KeyNotRecoverable } from '../../core/escrow/errors.ts';
import { fingerprintMessage } from '../../core/escrow/fingerprint.ts';
import type { EnvelopeOpener, Fingerprinter } from '../../core/escrow/ports.ts';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { escrowFactKey } from '../../core/vault/keys.ts';

type ReadBackPlace = { region: string; reader: ObjectReader; writer: ObjectWriter; opener: EnvelopeOpener };
export type ReadBackPorts = {
  system: string;
  fingerprinter: Fingerprinter;
  places: Record<'vault' | 'replica', ReadBackPlace>;
  now: () => Date;
};

/**
 * Opens one envelope with the key of its own region alone, and compares the fingerprint of what was inside. The value ends here:
 * what is written and returned is that it opened.
 */
export async function readBack(ports: ReadBackPorts, event: unknown): Promise<ReadBackFact> {
  const { key, fingerprint, run, place } = ReadBackRequest.parse(event);
  const { region, reader, writer, opener } = ports.places[place];
  const { envelope, versionId, strays } = await readEnvelope(reader, { system: ports.system, key, fingerprint });
  const value = await opener.open(envelope, envelopeContext(ports.system, key));
  const found = await ports.fingerprinter.fingerprint(fingerprintMessage(ports.system, key, value)).finally(() => value.fill(0));
  if (found !== fingerprint)
    throw new KeyNotRecoverable(
      'value-differs',
      `The envelope of the key asset '${key}' in ${region} holds a value of fingerprint ${found}, not ${fingerprint}`,
    );
  const fact: ReadBackFact = {
    format: 'holdfast/escrow-fact/v1',
    kind: 'readback',
    system: ports.system,
    key,
    fingerprint,
    id: run,
    at: ports.now().toISOString(),
    region,
    envelopeVersionId: versionId,
    ...(strays > 0 ? { strays } : {}),
  };
  await writer.putOnce(escrowFactKey(ports.system, key, fingerprint, 'readback', run), JSON.stringify(fact)).catch((error: unknown) => {
    // A retried step: this run has written the fact before.
    if (!(error instanceof ObjectExists)) throw error;
  });
  return fact;
}

let ports: ReadBackPorts | undefined;

export async function handler(event: unknown): Promise<ReadBackFact> {
  ports ??= portsFrom(ReadBackEnvironment.parse(process.env));
  return await readBack(ports, event);
}

function portsFrom(environment: z.infer<typeof ReadBackEnvironment>): ReadBackPorts {
  const kms = kmsClients();
  const homeRegion = regionOfArn(environment.ESCROW_KEY_ARN);
  const place = (bucket: string, region: string, escrowKeyArn: string): ReadBackPlace => ({
    region,
    ...openBucket(bucket, { region }, process.env),
    opener: envelopeOpener(kms, escrowKeyArn),
  });
  return {
    system: environment.SYSTEM,
    fingerprinter: kmsFingerprinter(kms(homeRegion), environment.FINGERPRINT_KEY_ALIAS),
    places: {
      vault: place(environment.ESCROW_BUCKET, homeRegion, environment.ESCROW_KEY_ARN),
      replica: place(environment.REPLICA_ESCROW_BUCKET, environment.REPLICA_REGION, environment.REPLICA_ESCROW_KEY_ARN),
    },
    now: () => new Date(),
  };
}
