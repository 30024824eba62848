import type { z } from 'zod';
import { envelopeOpener } from '../../adapters/escrow/envelope.ts';
import { kmsFingerprinter } from '../../adapters/escrow/kms-fingerprint.ts';
import { kmsClients, regionOfArn } from '../../adapters/escrow/kms-key.ts';
import { listValue, newestReadBack, openFirst } from '../../adapters/escrow/open-envelope.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { putUnlessThere } from '../../adapters/escrow/store-envelope.ts';
import { ReadBackEnvironment, ReadBackRequest } from '../../core/escrow/contract.ts';
import { KeyNotRecoverable, ValueNotRecognised } from '../../core/escrow/errors.ts';
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
 * Opens a value's envelope with the key of its own region alone, and compares the fingerprint of what was inside: of several, newest
 * first, the first that opens and has it. The value ends here: what is written and returned is that it opened. That it can no longer
 * be got back is a fact too; that nobody found out is none.
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
  const { reader, opener, regionFingerprinter } = ports.places[place];
  const escrowed = { system: ports.system, key, fingerprint };
  const listed = await listValue(reader, escrowed);
  const check = async (value: Uint8Array) => {
    const message = fingerprintMessage(ports.system, key, value);
    try {
      const found = await ports.fingerprinter.fingerprint(message);
      if (found.fingerprint !== fingerprint) throw await explainDifference({ key, fingerprint, place }, message, found, ports);
      const { fingerprint: regionFingerprint } = await regionFingerprinter.fingerprint(message);
      return { regionFingerprint, fingerprintKey: found.keyArn };
    } finally {
      message.fill(0);
    }
  };
  const { value, versionId, strays, key: opened, checked } = await openFirst(reader, escrowed, opener, { listed, check });
  value.fill(0);
  const envelope = opened.slice(opened.lastIndexOf('/') + 1);
  return { ...checked, envelope, envelopeVersionId: versionId, ...(strays > 0 ? { strays } : {}) };
}

/**
 * Another value, or another fingerprint key? The second region's own key knows a value that it has seen, and what was read back says
 * which key of home's its fingerprint is by.
 */
async function explainDifference(
  { key, fingerprint, place }: Omit<Request, 'run'>,
  message: Uint8Array,
  found: { fingerprint: string; keyArn: string },
  { system, places }: ReadBackPorts,
): Promise<Error> {
  const escrowed = { system, key, fingerprint };
  const earlier = async ({ reader }: ReadBackPlace) => await newestReadBack(reader, escrowed, await listValue(reader, escrowed));
  const [here, there] = [await earlier(places[place]), await earlier(places.replica)];
  const isKnown =
    there !== undefined && (await places.replica.regionFingerprinter.fingerprint(message)).fingerprint === there.regionFingerprint;
  const isOtherKey = [here, there].some((fact) => fact?.fingerprintKey !== undefined && fact.fingerprintKey !== found.keyArn);
  const { region } = places[place];
  if (isKnown || isOtherKey) return new ValueNotRecognised(key, region, found.keyArn);
  const text = `The envelope of the key asset '${key}' in ${region} holds a value of fingerprint ${found.fingerprint}, not ${fingerprint}`;
  return new KeyNotRecoverable('value-differs', text);
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
