import type { z } from 'zod';
import { compareEnvelope, type ComparingPlace } from '../../adapters/escrow/compare-envelope.ts';
import { envelopeOpener } from '../../adapters/escrow/envelope.ts';
import { kmsFingerprinter } from '../../adapters/escrow/kms-fingerprint.ts';
import { kmsClients, regionOfArn } from '../../adapters/escrow/kms-key.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { putUnlessThere } from '../../adapters/escrow/store-envelope.ts';
import { ReadBackEnvironment, ReadBackRequest } from '../../core/escrow/contract.ts';
import { KeyNotRecoverable } from '../../core/escrow/errors.ts';
import { FACT_FORMAT, factKeyOf, type LostFact, type ReadBackFact } from '../../core/escrow/facts.ts';
import type { Fingerprinter } from '../../core/escrow/ports.ts';
import type { ObjectWriter } from '../../core/ports/object-store.ts';
import { instantOfRun } from '../../core/vault/ids.ts';
import { handle } from '../edge.ts';

type ReadBackPlace = ComparingPlace & { writer: ObjectWriter };
type Request = z.output<typeof ReadBackRequest>;
export type ReadBackPorts = {
  system: string;
  /** Home's: it names the envelope in both regions. */
  fingerprinter: Fingerprinter;
  places: Record<'vault' | 'replica', ReadBackPlace>;
  now: () => Date;
};

/**
 * Opens a value's envelope with the key of its own region alone, and compares the fingerprint of what was inside: of several, newest
 * first, the first that opens and has it. The value ends here: what is written and returned is that it opened. That it can no longer
 * be got back is a fact too; that nobody found out is none.
 */
export async function readBack(request: Request, ports: ReadBackPorts): Promise<ReadBackFact> {
  const { places, fingerprinter } = ports;
  const place = places[request.place];
  const { key, fingerprint, run } = request;
  const { region, writer } = place;
  const common = { format: FACT_FORMAT, system: ports.system, key, fingerprint, id: run, region } as const;
  const at = ports.now().toISOString();
  try {
    const regions = { place, home: places.vault, second: places.replica };
    const compared = await compareEnvelope(
      { system: ports.system, key, fingerprint },
      { ...regions, fingerprinter, began: new Date(instantOfRun(run)) },
    );
    const fact: ReadBackFact = { ...common, kind: 'readback', at, ...compared };
    await putUnlessThere(writer, factKeyOf(fact), JSON.stringify(fact));
    return fact;
  } catch (error) {
    if (!(error instanceof KeyNotRecoverable)) throw error;
    const fact: LostFact = { ...common, kind: 'lost', at, reason: error.reason };
    await putUnlessThere(writer, factKeyOf(fact), JSON.stringify(fact));
    throw error;
  }
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
