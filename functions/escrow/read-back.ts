import type { z } from 'zod';
import { envelopeOpener } from '../../adapters/escrow/envelope.ts';
import { kmsFingerprinter } from '../../adapters/escrow/kms-fingerprint.ts';
import { kmsClients, regionOfArn } from '../../adapters/escrow/kms-key.ts';
import { readEnvelope } from '../../adapters/escrow/open-envelope.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { putUnlessThere } from '../../adapters/escrow/store-envelope.ts';
import { envelopeContext, ReadBackEnvironment, ReadBackRequest } from '../../core/escrow/contract.ts';
import { KeyNotRecoverable } from '../../core/escrow/errors.ts';
import { FACT_FORMAT, factKeyOf, type LostFact, type ReadBackFact } from '../../core/escrow/facts.ts';
import { fingerprintMessage } from '../../core/escrow/fingerprint.ts';
import type { EnvelopeOpener, Fingerprinter } from '../../core/escrow/ports.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { handle } from '../edge.ts';

type ReadBackPlace = {
  region: string;
  reader: ObjectReader;
  writer: ObjectWriter;
  opener: EnvelopeOpener;
  /** The region's own, by which a value can be recognised there when home is lost. */
  regionFingerprinter: Fingerprinter;
};
type Request = z.output<typeof ReadBackRequest>;
export type ReadBackPorts = {
  system: string;
  /** Home's: it names the envelope in both regions. */
  fingerprinter: Fingerprinter;
  places: Record<'vault' | 'replica', ReadBackPlace>;
  now: () => Date;
};

/**
 * Opens one envelope with the key of its own region alone, and compares the fingerprint of what was inside. The value ends here:
 * what is written and returned is that it opened. That it can no longer be got back is a fact too; that nobody found out is none.
 */
export async function readBack(request: Request, ports: ReadBackPorts): Promise<ReadBackFact> {
  const { region, writer } = ports.places[request.place];
  const { key, fingerprint, run } = request;
  const common = { format: FACT_FORMAT, system: ports.system, key, fingerprint, id: run, region } as const;
  const at = ports.now().toISOString();
  try {
    const fact: ReadBackFact = { ...common, kind: 'readback', at, ...(await openOnce(request, ports)) };
    await putUnlessThere(writer, factKeyOf(fact), JSON.stringify(fact));
    return fact;
  } catch (error) {
    if (!(error instanceof KeyNotRecoverable)) throw error;
    const fact: LostFact = { ...common, kind: 'lost', at, reason: error.reason };
    await putUnlessThere(writer, factKeyOf(fact), JSON.stringify(fact));
    throw error;
  }
}

async function openOnce({ key, fingerprint, place }: Request, ports: ReadBackPorts) {
  const { region, reader, opener, regionFingerprinter } = ports.places[place];
  const { envelope, versionId, strays } = await readEnvelope(reader, { system: ports.system, key, fingerprint });
  const value = await opener.open(envelope, envelopeContext(ports.system, key));
  const message = fingerprintMessage(ports.system, key, value);
  value.fill(0);
  const found = await ports.fingerprinter.fingerprint(message);
  if (found !== fingerprint)
    throw new KeyNotRecoverable(
      'value-differs',
      `The envelope of the key asset '${key}' in ${region} holds a value of fingerprint ${found}, not ${fingerprint}`,
    );
  const regionFingerprint = await regionFingerprinter.fingerprint(message);
  return { regionFingerprint, envelopeVersionId: versionId, ...(strays > 0 ? { strays } : {}) };
}

export const handler = handle({
  environment: ReadBackEnvironment,
  request: ReadBackRequest,
  connect: (environment): ReadBackPorts => {
    const kms = kmsClients();
    const homeRegion = regionOfArn(environment.ESCROW_KEY_ARN);
    const fingerprinter = (keyArn: string) => kmsFingerprinter(kms(regionOfArn(keyArn)), keyArn);
    const home = fingerprinter(environment.FINGERPRINT_KEY_ARN);
    const replica = fingerprinter(environment.REPLICA_FINGERPRINT_KEY_ARN);
    const place = (bucket: string, region: string, escrowKeyArn: string, regionFingerprinter: Fingerprinter): ReadBackPlace => ({
      region,
      ...openBucket(bucket, { region }, process.env),
      opener: envelopeOpener(kms, escrowKeyArn),
      regionFingerprinter,
    });
    return {
      system: environment.SYSTEM,
      fingerprinter: home,
      places: {
        vault: place(environment.ESCROW_BUCKET, homeRegion, environment.ESCROW_KEY_ARN, home),
        replica: place(environment.REPLICA_ESCROW_BUCKET, environment.REPLICA_REGION, environment.REPLICA_ESCROW_KEY_ARN, replica),
      },
      now: () => new Date(),
    };
  },
  run: readBack,
});
