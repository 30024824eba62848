import type { Construct } from 'constructs';
import { CURRENT } from '../../core/escrow/current-key.ts';
import { WITHOUT_VALUE_KINDS } from '../../core/escrow/empty-versions.ts';
import { packRecipients } from '../../core/escrow/offline/contract.ts';
import { emptyVersionKey, envelopeKey, escrowFactKey } from '../../core/vault/keys.ts';
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
  replicaEscrowOf,
  sealEnvelopes,
  useKey,
} from '../grants.ts';
import { makeMachine } from '../machine.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';
import { makeEscrowEvidence } from './evidence.ts';
import { makeKeeping } from './keeping.ts';
import { keySources, listSources, readSources, seeSecretVersions } from './read-sources.ts';
import { makeRotation } from './rotation.ts';
import { anyOffline, makeOfflineProof } from './offline-proof.ts';
import { escrowWorkflow } from './workflow.ts';

/** Id of the keys that sealed an envelope, as a pattern of a policy. */
const ANY_SEALING = '?'.repeat(16);

/** Keys into escrow, and read back from it in both regions. Who seals cannot open; who opens cannot read the live secret. */
export function makeEscrow(stack: Construct, system: System, settings: Settings): void {
  const { name, home, replica } = system;
  const [vaultPlace, replicaPlace] = [escrowOf(system), replicaEscrowOf(system)];
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
  const sealings = [ANY_SEALING, `${ANY_SEALING}-${ANY_RUN}`].map((sealing) => envelopeKey(name, '*', '*', sealing));
  const offline = anyOffline(name);
  const envelopes = [envelopeKey(name, '*', '*'), ...sealings];
  const lost = escrowFactKey(name, '*', '*', 'lost', ANY_RUN);
  const readBacks = escrowFactKey(name, '*', '*', 'readback', ANY_RUN);
  const sealed = [
    ...sealings,
    ...offline,
    ...WITHOUT_VALUE_KINDS.map((kind) => emptyVersionKey(name, '*', '*', kind)),
    escrowFactKey(name, '*', '*', 'version', '*'),
    ...([CURRENT, 'unguarded'] as const).map((kind) => escrowFactKey(name, '*', '*', kind, ANY_RUN)),
  ];
  makeFunction(stack, {
    system,
    settings,
    handler: 'escrow/list-versions',
    description: 'lists the versions of the keys',
    environment: {
      SYSTEM: name,
      KEYS: keySources(system),
      ESCROW_BUCKET: system.escrowBucket,
      REPLICA_ESCROW_BUCKET: system.replicaEscrowBucket,
      REPLICA_REGION: replica.region,
    },
    statements: [
      ...listSources(system),
      listObjects('SeeWhatIsKnown', vaultPlace, [`${name}/`]),
      listObjects('SeeWhatIsKnownInTheReplica', replicaPlace, [`${name}/`]),
    ],
  });
  makeFunction(stack, {
    system,
    settings,
    handler: 'escrow/escrow-version',
    description: 'seals one version of one key into both escrow buckets, or brings an envelope to the one that lacks it',
    environment: { ...places, KEYS: keySources(system), OFFLINE: offlineRecipients(system) },
    statements: [
      ...readSources(system),
      ...seeSecretVersions(system),
      // What stands at home counts, and is written to the second region too; what one of the regions could not open is made again.
      listObjects('SeeEnvelopes', vaultPlace, [`${name}/`]),
      listObjects('SeeEnvelopesOfTheReplica', replicaPlace, [`${name}/`]),
      readObjects('ReadEnvelopes', vaultPlace, [...sealings, ...offline, lost]),
      readObjects('ReadWhatIsWrongInTheReplica', replicaPlace, [...sealings, ...offline, lost]),
      putObjects('PutEnvelopes', vaultPlace, sealed),
      putObjects('PutEnvelopesInTheReplica', replicaPlace, sealed),
      useKey('Fingerprint', system, home, 'fingerprint', ['kms:GenerateMac']),
      // Of a plan without a key there is nothing to seal, and a condition without a value is no policy.
      ...(system.keyAssets.length > 0 ? [sealEnvelopes('Seal', system, home), sealEnvelopes('SealInTheReplica', system, replica)] : []),
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
      readObjects('ReadEnvelopes', vaultPlace, [...envelopes, readBacks]),
      readObjects('ReadEnvelopesOfTheReplica', replicaPlace, [...envelopes, readBacks]),
      putObjects('SayThatItOpened', vaultPlace, [readBacks, lost]),
      putObjects('SayThatItOpenedInTheReplica', replicaPlace, [readBacks, lost]),
      useKey('Fingerprint', system, home, 'fingerprint', ['kms:GenerateMac']),
      useKey('FingerprintInTheReplica', system, replica, 'fingerprint', ['kms:GenerateMac']),
      openEnvelopes('Open', system, home),
      openEnvelopes('OpenInTheReplica', system, replica),
      ...describeEscrowKeys(system, [home, replica]),
    ],
  });
  makeKeeping(stack, system, settings);
  makeEscrowEvidence(stack, system, settings);
  makeOfflineProof(stack, system, settings);
  makeMachine(stack, {
    system,
    settings,
    stage: 'escrow',
    tasks: [],
    functions: [
      'escrow/list-versions',
      'escrow/escrow-version',
      'escrow/read-back',
      'escrow/list-older',
      'escrow/renew-locks',
      'escrow/write-evidence',
      'escrow/record-proof',
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
        listOlder: system.functionArn('escrow/list-older'),
        renewLocks: system.functionArn('escrow/renew-locks'),
        writeEvidence: system.functionArn('escrow/write-evidence'),
        recordProof: system.functionArn('escrow/record-proof'),
        signObjects: system.functionArn('evidence/sign-objects'),
        lockObjects: system.functionArn('lock/lock-objects'),
        copyRecords: system.functionArn('copy/copy-records'),
        reportFailure: system.functionArn('backup/report-failure'),
      },
    }),
  });
  makeRotation(stack, system, settings);
}

const offlineRecipients = (system: System): string =>
  JSON.stringify(
    packRecipients(system.keyAssets.flatMap(({ id, escrow: { offline } }) => (offline ? [{ id, recipients: offline.recipients }] : []))),
  );
