import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { findSeenFile } from '../../adapters/escrow/offline/find-seen-file.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { offlineResultId } from '../../core/escrow/offline/files.ts';
import {
  bestOfEach,
  OFFLINE_FAILED,
  OFFLINE_PROOF,
  readProofInput,
  RecordProofEnvironment,
  RecordProofRequest,
  valueOf,
  type OfflineProofEvidence,
  type OfflineProofFact,
  type ProofResult,
  type RecordProofAnswer,
} from '../../core/escrow/offline/proof.ts';
import { BadRequest } from '../../core/failure/input-errors.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { runId } from '../../core/vault/ids.ts';
import { escrowFactKey, evidenceKey } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';

type Store = ObjectReader & ObjectWriter;
type Request = z.output<typeof RecordProofRequest>;
export type RecordProofPorts = {
  system: string;
  vault: Store;
  /** The escrow buckets, home's first. */ places: readonly Store[];
  now: () => Date;
};

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Writes down what witnesses saw: a fact beside each value in both regions, and the evidence of the whole. */
export async function recordProof({ input, execution, startedAt }: Request, ports: RecordProofPorts): Promise<RecordProofAnswer> {
  const { system, vault, places, now } = ports;
  const proof = readProofInput(input, now());
  const run = runId(new Date(startedAt), execution);
  // What witnesses saw counts from when they saw it: one that is sent late, or once more, is no newer for that.
  const seen = runId(new Date(proof.finishedAt), execution);
  const [home] = places;
  const unknown: ProofResult[] = [];
  /** Of each value the file that was made last of those that witnesses had before them. */
  const files = new Map<string, string>();
  for (const result of proof.results) {
    const file = home && (await findSeenFile(home, system, result, now()));
    if (file === undefined) unknown.push(result);
    else files.set(valueOf(result), [files.get(valueOf(result)) ?? '', file].toSorted().at(-1) ?? '');
  }
  if (unknown.length > 0)
    throw new BadRequest(
      unknown.map(({ key, fingerprint }) => `no such offline file was made of ${key}, fingerprint ${fingerprint.slice(0, 16)}`),
    );
  const facts: OfflineProofEvidence['facts'] = [];
  const seenOfEach = bestOfEach(proof.results);
  for (const result of seenOfEach) {
    const kind = result.outcome === 'passed' ? OFFLINE_PROOF : OFFLINE_FAILED;
    const { finishedAt: at, witnesses } = proof;
    // Files for two sets of recipients are two facts, and a listing tells whose shares were there, and which file.
    const id = offlineResultId({ recipients: result.recipients, file: files.get(valueOf(result)), run: seen });
    const fact: OfflineProofFact = { format: 'holdfast/escrow-fact/v1', kind, system, id, at, witnesses, ...result };
    for (const place of places) {
      const { key, body } = await putSameOnce(place, escrowFactKey(system, result.key, result.fingerprint, kind, id), JSON.stringify(fact));
      facts.push({ bucket: place.bucket, key, sha256: sha256(body) });
    }
  }
  const evidence: OfflineProofEvidence = {
    format: 'holdfast/offline-proof/v1',
    kind: OFFLINE_PROOF,
    system,
    run,
    execution,
    ...proof,
    durationSeconds: (Date.parse(proof.finishedAt) - Date.parse(proof.startedAt)) / 1000,
    outcome: seenOfEach.every(({ outcome }) => outcome === 'passed') ? 'passed' : 'failed',
    facts,
  };
  const { key } = await putSameOnce(vault, evidenceKey(system, OFFLINE_PROOF, run), JSON.stringify(evidence));
  return { run, keys: [key], facts: facts.length };
}

export const handler = handle({
  environment: RecordProofEnvironment,
  request: RecordProofRequest,
  connect: (environment): RecordProofPorts => {
    const open = (bucket: string, region?: string): Store => {
      const { reader, writer } = openBucket(bucket, region === undefined ? {} : { region }, process.env);
      return { ...reader, ...writer };
    };
    const places = [open(environment.ESCROW_BUCKET), open(environment.REPLICA_ESCROW_BUCKET, environment.REPLICA_REGION)];
    return { system: environment.SYSTEM, vault: open(environment.VAULT_BUCKET), places, now: () => new Date() };
  },
  run: recordProof,
});
