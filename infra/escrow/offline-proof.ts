import type { Construct } from 'constructs';
import { OFFLINE } from '../../core/escrow/offline/contract.ts';
import { FIRST_FILE } from '../../core/escrow/offline/files.ts';
import { OFFLINE_FAILED, OFFLINE_PROOF } from '../../core/escrow/offline/proof.ts';
import { escrowFactKey, evidenceKey, offlineFileKey } from '../../core/vault/keys.ts';
import type { States } from '../asl/definition.ts';
import { expression } from '../asl/expression.ts';
import { functionTask } from '../asl/function-task.ts';
import { REQUEST_PAYLOAD } from '../asl/request-state.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, escrowOf, listObjects, putObjects, readObjects, replicaEscrowOf, vaultOf } from '../grants.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';

/** Id of a set of recipients as a pattern of a policy: `*` would match the facts of proofs too, which are another role's to write. */
const ANY_RECIPIENTS = '?'.repeat(16);

/** Of offline files, of those that were made again too. */
const OFFLINE_IDS = [ANY_RECIPIENTS, `${ANY_RECIPIENTS}-${ANY_RUN}`];

/** Offline files and the facts beside them. */
export const anyOffline = (system: string): string[] =>
  OFFLINE_IDS.flatMap((id) => [offlineFileKey(system, '*', '*', id), escrowFactKey(system, '*', '*', OFFLINE, id)]);

/** Writes down what witnesses of an offline proof saw. It sees facts, and no value in any form. */
export function makeOfflineProof(stack: Construct, system: System, settings: Settings): void {
  const { name } = system;
  const vault = vaultOf(system);
  const kinds = [OFFLINE_PROOF, OFFLINE_FAILED];
  const ids = [FIRST_FILE, ANY_RUN].map((file) => `${ANY_RECIPIENTS}-${file}-${ANY_RUN}`);
  const facts = kinds.flatMap((kind) => ids.map((id) => escrowFactKey(name, '*', '*', kind, id)));
  const made = OFFLINE_IDS.map((id) => escrowFactKey(name, '*', '*', OFFLINE, id));
  const evidence = [evidenceKey(name, OFFLINE_PROOF, ANY_RUN)];
  makeFunction(stack, {
    system,
    settings,
    handler: 'escrow/record-proof',
    description: 'writes down that a key was recovered from offline shares before witnesses',
    environment: {
      SYSTEM: name,
      VAULT_BUCKET: system.vaultBucket,
      ESCROW_BUCKET: system.escrowBucket,
      REPLICA_ESCROW_BUCKET: system.replicaEscrowBucket,
      REPLICA_REGION: system.replica.region,
    },
    statements: [
      listObjects('SeeFacts', escrowOf(system), [`${name}/`]),
      listObjects('SeeFactsOfTheReplica', replicaEscrowOf(system), [`${name}/`]),
      readObjects('ReadFacts', escrowOf(system), [...made, ...facts]),
      readObjects('ReadFactsOfTheReplica', replicaEscrowOf(system), facts),
      putObjects('SayWhatWasProven', escrowOf(system), facts),
      putObjects('SayWhatWasProvenInTheReplica', replicaEscrowOf(system), facts),
      listObjects('SeeEvidence', vault, [`evidence/${name}/`]),
      readObjects('ReadEvidence', vault, evidence),
      putObjects('PutEvidence', vault, evidence),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
}

export const RECORD_PROOF = 'Write down what the witnesses saw';
export const PROOF_RECORDED = 'The proof is recorded';
export const IS_PROOF = expression('$exists($request.proof)');

type ProofFunctions = { recordProof: string; signObjects: string; lockObjects: string; copyRecords: string };
const KEYS = { keys: expression('$evidence') };

/** What the machine does when it is started with a proof: its failures are told like those of any other step. */
export const proofSteps = (functions: ProofFunctions) => ({
  [RECORD_PROOF]: functionTask(functions.recordProof, REQUEST_PAYLOAD, {
    assign: { run: expression('$states.result.Payload.run'), evidence: expression('[$states.result.Payload.keys]') },
    next: 'Sign the proof',
  }),
  'Sign the proof': functionTask(functions.signObjects, KEYS, { next: 'Lock the proof' }),
  'Lock the proof': functionTask(functions.lockObjects, KEYS, { next: 'Copy the proof' }),
  'Copy the proof': functionTask(functions.copyRecords, KEYS, { next: PROOF_RECORDED }),
});

export const proofEnd: States = {
  [PROOF_RECORDED]: { Type: 'Succeed', Output: { run: expression('$run'), evidence: expression('[$evidence]') } },
};
