import type { Construct } from 'constructs';
import { CURRENT } from '../../core/escrow/current-key.ts';
import type { KeySources } from '../../core/escrow/key-sources.ts';
import { envelopeKey, escrowFactKey } from '../../core/vault/keys.ts';
import { durationSeconds } from '../../core/plan/durations.ts';
import { makeFunction } from '../function.ts';
import {
  describeEscrowKeys,
  escrowKeyArn,
  escrowOf,
  fingerprintKeyArn,
  listObjects,
  openEnvelopes,
  putObjects,
  readObjects,
  readSecrets,
  replicaEscrowOf,
  sealEnvelopes,
  useKey,
} from '../grants.ts';
import { makeMachine } from '../machine.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';
import { makeEscrowEvidence } from './evidence.ts';
import { escrowWorkflow } from './workflow.ts';

/** Keys into escrow, and read back from it in both regions. Who seals cannot open; who opens cannot read the live secret. */
export function makeEscrow(stack: Construct, system: System, settings: Settings): void {
  const { name, home, replica } = system;
  const [vaultPlace, replicaPlace] = [escrowOf(system), replicaEscrowOf(system)];
  const secrets = system.keyAssets.map((k) => k.source.secret);
  const places = {
    SYSTEM: name,
    ESCROW_BUCKET: system.escrowBucket,
    REPLICA_ESCROW_BUCKET: system.replicaEscrowBucket,
    REPLICA_REGION: replica.region,
    ESCROW_KEY_ARN: escrowKeyArn(system, home),
    REPLICA_ESCROW_KEY_ARN: escrowKeyArn(system, replica),
    FINGERPRINT_KEY_ARN: fingerprintKeyArn(system, home),
    REPLICA_FINGERPRINT_KEY_ARN: fingerprintKeyArn(system, replica),
  };
  const envelopes = [envelopeKey(name, '*', '*')];
  const sealed = [...envelopes, escrowFactKey(name, '*', '*', CURRENT, ANY_RUN)];
  const facts = [escrowFactKey(name, '*', '*', 'readback', ANY_RUN)];
  makeFunction(stack, {
    system,
    settings,
    handler: 'escrow/list-versions',
    description: 'lists the versions of the keys',
    environment: { SYSTEM: name, KEYS: keySources(system) },
    statements:
      secrets.length === 0 ? [] : readSecrets('SeeVersions', system, secrets, ['secretsmanager:ListSecretVersionIds']).slice(0, 1),
  });
  makeFunction(stack, {
    system,
    settings,
    handler: 'escrow/escrow-version',
    description: 'seals one version of one key into both escrow buckets',
    environment: { ...places, KEYS: keySources(system) },
    statements: [
      ...(secrets.length === 0 ? [] : readSecrets('ReadKeys', system, secrets, ['secretsmanager:GetSecretValue'])),
      // What stands at home counts, and is written to the second region too: nothing of that is read.
      listObjects('SeeEnvelopes', vaultPlace, [`${name}/`]),
      readObjects('ReadEnvelopes', vaultPlace, envelopes),
      putObjects('PutEnvelopes', vaultPlace, sealed),
      putObjects('PutEnvelopesInTheReplica', replicaPlace, sealed),
      useKey('Fingerprint', system, home, 'fingerprint', ['kms:GenerateMac']),
      sealEnvelopes('Seal', system, home),
      sealEnvelopes('SealInTheReplica', system, replica),
      ...describeEscrowKeys(system, [home, replica]),
    ],
  });
  makeFunction(stack, {
    system,
    settings,
    handler: 'escrow/read-back',
    description: 'opens one envelope in one region and compares the fingerprint',
    environment: places,
    statements: [
      listObjects('SeeEnvelopes', vaultPlace, [`${name}/`]),
      listObjects('SeeEnvelopesOfTheReplica', replicaPlace, [`${name}/`]),
      readObjects('ReadEnvelopes', vaultPlace, envelopes),
      readObjects('ReadEnvelopesOfTheReplica', replicaPlace, envelopes),
      putObjects('SayThatItOpened', vaultPlace, facts),
      putObjects('SayThatItOpenedInTheReplica', replicaPlace, facts),
      useKey('Fingerprint', system, home, 'fingerprint', ['kms:GenerateMac']),
      useKey('FingerprintInTheReplica', system, replica, 'fingerprint', ['kms:GenerateMac']),
      openEnvelopes('Open', system, home),
      openEnvelopes('OpenInTheReplica', system, replica),
      ...describeEscrowKeys(system, [home, replica]),
    ],
  });
  makeEscrowEvidence(stack, system, settings);
  makeMachine(stack, {
    system,
    settings,
    stage: 'escrow',
    tasks: [],
    functions: [
      'escrow/list-versions',
      'escrow/escrow-version',
      'escrow/read-back',
      'escrow/write-evidence',
      'evidence/sign-objects',
      'lock/lock-objects',
      'copy/copy-records',
      'backup/report-failure',
    ],
    definition: escrowWorkflow({
      system: name,
      longestRuns: Object.fromEntries(system.keyAssets.map((k) => [k.id, durationSeconds(k.escrow.schedule.longestRun)])),
      functions: {
        listVersions: system.functionArn('escrow/list-versions'),
        escrowVersion: system.functionArn('escrow/escrow-version'),
        readBack: system.functionArn('escrow/read-back'),
        writeEvidence: system.functionArn('escrow/write-evidence'),
        signObjects: system.functionArn('evidence/sign-objects'),
        lockObjects: system.functionArn('lock/lock-objects'),
        copyRecords: system.functionArn('copy/copy-records'),
        reportFailure: system.functionArn('backup/report-failure'),
      },
    }),
  });
}

const keySources = (system: System): string =>
  JSON.stringify(Object.fromEntries(system.keyAssets.map((k) => [k.id, k.source])) satisfies KeySources);
