import type { Construct } from 'constructs';
import { escrowPrefix } from '../../core/vault/keys.ts';
import { makeFunction } from '../function.ts';
import { describeEscrowKeys, escrowKeyArn, escrowOf, listObjects, lockVersions, readObjects, replicaEscrowOf } from '../grants.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';
import { keySources } from './read-sources.ts';

/** What keeps values that their sources no longer have: one function finds them, another makes locks longer. Neither opens anything. */
export function makeKeeping(stack: Construct, system: System, settings: Settings): void {
  const { name } = system;
  const [home, replica] = [escrowOf(system), replicaEscrowOf(system)];
  const environment = {
    SYSTEM: name,
    KEYS: keySources(system),
    ESCROW_BUCKET: system.escrowBucket,
    REPLICA_ESCROW_BUCKET: system.replicaEscrowBucket,
    REPLICA_REGION: system.replica.region,
  };
  const see = [listObjects('SeeEscrow', home, [`${name}/`]), listObjects('SeeEscrowOfTheReplica', replica, [`${name}/`])];
  const all = [`${escrowPrefix(name, '*')}*`];
  makeFunction(stack, {
    system,
    settings,
    handler: 'escrow/list-older',
    description: 'finds the envelopes of versions that their sources no longer have',
    environment: {
      ...environment,
      ESCROW_KEY_ARN: escrowKeyArn(system, system.home),
      REPLICA_ESCROW_KEY_ARN: escrowKeyArn(system, system.replica),
    },
    // What other keys than the present ones have sealed is looked at more often.
    statements: [...see, ...describeEscrowKeys(system, [system.home, system.replica])],
  });
  makeFunction(stack, {
    system,
    settings,
    handler: 'escrow/renew-locks',
    description: 'makes the locks of escrowed keys longer, a year before they end',
    timeoutSeconds: 600,
    environment,
    statements: [
      ...see,
      // S3 tells a lock to whoever may read the object: what is read is ciphertext, and this role has no key.
      readObjects('SeeLocks', home, all),
      readObjects('SeeLocksOfTheReplica', replica, all),
      lockVersions('Renew', home, all),
      lockVersions('RenewInTheReplica', replica, all),
    ],
  });
}
