import type { Construct } from 'constructs';
import { factKey, signatureKey } from '../../core/vault/keys.ts';
import { COPIES } from '../copy/sides.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, listObjects, putObjects, readObjects, readPublicKeys, setHolds, vaultOf } from '../grants.ts';
import { makeMachine } from '../machine.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';
import { holdWorkflow } from './hold-workflow.ts';

/**
 * Legal holds, beside one vault. What writes that a point is held can hold nothing; what holds can write nothing, and does as the
 * facts say. It is the only one that may touch a legal hold, and reads no bytes.
 */
export function makeHold(stack: Construct, system: System, settings: Settings): void {
  const { name } = system;
  const vault = vaultOf(system);
  const [catalog, data] = [`catalog/${name}/`, `data/${name}/`];
  const facts = (['held', 'released'] as const).map((kind) => factKey(name, '*', '*', kind, ANY_RUN));
  makeFunction(stack, {
    system,
    settings,
    handler: 'lock/record-hold',
    description: 'writes down that a point is held, or that a hold is released',
    environment: { SYSTEM: name, VAULT_BUCKET: system.vaultBucket, SIDE: system.side },
    statements: [
      listObjects('SeePoints', vault, [catalog]),
      readObjects('ReadHolds', vault, [...facts, ...facts.map(signatureKey)]),
      ...readPublicKeys(name, vault),
      putObjects('SayWhatIsHeld', vault, facts),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
  makeFunction(stack, {
    system,
    settings,
    handler: 'lock/hold-objects',
    description: 'sets the legal holds of a point’s objects to what its facts say',
    timeoutSeconds: 900,
    memoryMiB: 1024,
    environment: { SYSTEM: name, VAULT_BUCKET: system.vaultBucket },
    statements: [
      listObjects('SeeObjects', vault, [catalog, data]),
      readObjects('ReadHolds', vault, [`${catalog}*`]),
      ...readPublicKeys(name, vault),
      setHolds('Hold', vault, [`${catalog}*`, `${data}*`]),
      bucketKey('VaultKey', system, vault, 'read'),
    ],
  });
  const copies = COPIES[system.side];
  makeMachine(stack, {
    system,
    settings,
    stage: 'hold',
    tasks: [],
    functions: ['lock/record-hold', 'lock/hold-objects', 'evidence/sign-objects', 'lock/lock-objects', ...copies, 'backup/report-failure'],
    definition: holdWorkflow({
      system: name,
      functions: {
        recordHold: system.functionArn('lock/record-hold'),
        holdObjects: system.functionArn('lock/hold-objects'),
        signObjects: system.functionArn('evidence/sign-objects'),
        lockObjects: system.functionArn('lock/lock-objects'),
        ...(copies.length > 0 ? { copyRecords: system.functionArn('copy/copy-records') } : {}),
        reportFailure: system.functionArn('backup/report-failure'),
      },
    }),
  });
}
