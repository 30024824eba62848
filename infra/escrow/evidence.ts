import type { Construct } from 'constructs';
import { escrowFactKey, evidenceKey } from '../../core/vault/keys.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, escrowOf, listObjects, putObjects, readObjects, replicaEscrowOf, vaultOf } from '../grants.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';

/** Writes what a run put into escrow and opened again. It sees the facts of both regions, and no envelope. */
export function makeEscrowEvidence(stack: Construct, system: System, settings: Settings): void {
  const { name } = system;
  const vault = vaultOf(system);
  const facts = [escrowFactKey(name, '*', '*', 'readback', ANY_RUN)];
  const evidence = [evidenceKey(name, 'escrow', ANY_RUN)];
  makeFunction(stack, {
    system,
    settings,
    handler: 'escrow/write-evidence',
    description: 'writes which keys were opened in both regions',
    environment: {
      SYSTEM: name,
      VAULT_BUCKET: system.vaultBucket,
      ESCROW_BUCKET: system.escrowBucket,
      REPLICA_ESCROW_BUCKET: system.replicaEscrowBucket,
      REPLICA_REGION: system.replica.region,
    },
    statements: [
      listObjects('SeeReadBacks', escrowOf(system), [`${name}/`]),
      listObjects('SeeReadBacksOfTheReplica', replicaEscrowOf(system), [`${name}/`]),
      readObjects('ReadReadBacks', escrowOf(system), facts),
      readObjects('ReadReadBacksOfTheReplica', replicaEscrowOf(system), facts),
      listObjects('SeeEvidence', vault, [`evidence/${name}/`]),
      readObjects('ReadEvidence', vault, evidence),
      putObjects('PutEvidence', vault, evidence),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
}
