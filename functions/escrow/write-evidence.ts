import type { z } from 'zod';
import { readBacksOf } from '../../adapters/escrow/read-back-facts.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import {
  ESCROW_EVIDENCE_FORMAT,
  EscrowEvidence,
  WriteEvidenceEnvironment,
  WriteEvidenceRequest,
  type WriteEvidenceAnswer,
} from '../../core/escrow/contract.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { evidenceKey } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';

export type WriteEvidencePorts = {
  system: string;
  vault: ObjectReader & ObjectWriter;
  /** The escrow buckets of both regions. */
  places: readonly ObjectReader[];
  now: () => Date;
};
type Request = z.output<typeof WriteEvidenceRequest>;
type Version = EscrowEvidence['versions'][number];

/** What this run put into escrow and opened again, in a record that is signed, locked and copied. Written whatever became of the versions. */
export async function writeEvidence(request: Request, ports: WriteEvidencePorts): Promise<z.infer<typeof WriteEvidenceAnswer>> {
  const { system, vault, places, now } = ports;
  const { run, execution, startedAt, outcomes, withoutValue, later, recent } = request;
  const versions: Version[] = [];
  for (const { openedBy, ...outcome } of onceEach(outcomes))
    versions.push({ ...outcome, readBacks: await readBacksOf({ ...outcome, openedBy }, run, ports) });
  const isWhole = ({ failure, readBacks }: Version) => failure === undefined && readBacks.length === places.length;
  const evidence: EscrowEvidence = {
    format: ESCROW_EVIDENCE_FORMAT,
    kind: 'escrow',
    system,
    run,
    execution,
    startedAt,
    at: now().toISOString(),
    outcome: versions.length + recent > 0 && versions.every(isWhole) && later === 0 ? 'escrowed' : 'incomplete',
    versions,
    ...(withoutValue.length > 0 ? { withoutValue } : {}),
    ...(later > 0 ? { later } : {}),
    ...(recent > 0 ? { recent } : {}),
  };
  const { key } = await putSameOnce(vault, evidenceKey(system, 'escrow', run), JSON.stringify(EscrowEvidence.parse(evidence)));
  return { keys: [key] };
}

/** An envelope without a version comes once for each place; it has failed when it did in one of them. */
function onceEach(outcomes: Request['outcomes']): Request['outcomes'] {
  const older = new Map<string, Request['outcomes'][number]>();
  for (const outcome of outcomes)
    if (outcome.secretVersion === undefined) {
      const id = `${outcome.key} ${outcome.fingerprint}`;
      older.set(id, { ...older.get(id), ...outcome });
    }
  return [...outcomes.filter(({ secretVersion }) => secretVersion !== undefined), ...older.values()];
}

export const handler = handle({
  environment: WriteEvidenceEnvironment,
  request: WriteEvidenceRequest,
  connect: (environment): WriteEvidencePorts => {
    const { reader, writer } = openBucket(environment.VAULT_BUCKET, {}, process.env);
    return {
      system: environment.SYSTEM,
      vault: { ...reader, ...writer },
      places: [
        openBucket(environment.ESCROW_BUCKET, {}, process.env).reader,
        openBucket(environment.REPLICA_ESCROW_BUCKET, { region: environment.REPLICA_REGION }, process.env).reader,
      ],
      now: () => new Date(),
    };
  },
  run: writeEvidence,
});
