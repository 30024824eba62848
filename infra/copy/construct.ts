import type { Construct } from 'constructs';
import { factKey, manifestKey } from '../../core/vault/keys.ts';
import { makeFollow } from './follow.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, listObjects, lockVersions, putObjects, readObjects, replicaOf, vaultOf } from '../grants.ts';
import { evidenceTerm } from '../lock/construct.ts';
import type { Statement } from '../policy.ts';
import { RECORD_PREFIXES } from '../record-prefixes.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import { bucketArn, type System } from '../system.ts';

/** Copying to the replica vault: planned, done in parts, completed, compared, and locked there. */
export function makeCopy(stack: Construct, system: System, settings: Settings): void {
  const { name } = system;
  const [vault, replica] = [vaultOf(system), replicaOf(system)];
  const environment = {
    SYSTEM: name,
    VAULT_BUCKET: system.vaultBucket,
    REPLICA_BUCKET: system.replicaBucket,
    REPLICA_REGION: system.replica.region,
    ...evidenceTerm(system),
  };
  const data = [`data/${name}/*`];
  const recordPrefixes = RECORD_PREFIXES.map((prefix) => `${prefix}/${name}/`);
  const records = recordPrefixes.map((prefix) => `${prefix}*`);
  const dataPrefix = `data/${name}/`;
  const keys = [bucketKey('VaultKey', system, vault, 'read'), bucketKey('ReplicaKey', system, replica, 'upload')];
  const ofRecords = [
    listObjects('SeeRecords', vault, recordPrefixes),
    readObjects('ReadRecords', vault, records),
    listObjects('SeeCopies', replica, recordPrefixes),
    readObjects('ReadCopies', replica, records),
    putObjects('CopyRecords', replica, records),
    lockVersions('LockCopies', replica, records),
    ...keys,
  ];

  makeFunction(stack, {
    system,
    settings,
    handler: 'copy/plan-copy',
    description: 'finds what is left to copy of a point',
    timeoutSeconds: 300,
    environment,
    statements: [
      listObjects('SeeManifests', vault, [`catalog/${name}/`]),
      readObjects('ReadManifests', vault, [manifestKey(name, '*', '*')]),
      listObjects('SeeCopies', replica, [dataPrefix]),
      readObjects('ReadCopies', replica, data),
      ...uploads(system),
      ...keys,
    ],
  });
  makeFunction(stack, {
    system,
    settings,
    handler: 'copy/copy-parts',
    description: 'copies one batch of parts inside S3',
    timeoutSeconds: 900,
    environment,
    statements: [
      listObjects('SeeManifests', vault, [`catalog/${name}/`]),
      readObjects('ReadManifests', vault, [manifestKey(name, '*', '*')]),
      readObjects('ReadData', vault, data),
      listObjects('SeeCopies', replica, [dataPrefix]),
      readObjects('ReadCopies', replica, data),
      putObjects('CopyData', replica, data),
      listParts(system),
      ...keys,
    ],
  });
  makeFunction(stack, {
    system,
    settings,
    handler: 'copy/complete-copy',
    description: 'completes, compares and locks the copies of a point',
    timeoutSeconds: 900,
    environment,
    statements: [
      listObjects('SeeManifests', vault, [`catalog/${name}/`]),
      readObjects('ReadManifests', vault, [
        manifestKey(name, '*', '*'),
        ...(['locked', 'replicated'] as const).map((fact) => factKey(name, '*', '*', fact, ANY_RUN)),
      ]),
      putObjects('SayThatItIsReplicated', vault, [factKey(name, '*', '*', 'replicated', ANY_RUN)]),
      bucketKey('VaultKeyForFacts', system, vault, 'write'),
      listObjects('SeeCopies', replica, [dataPrefix, `catalog/${name}/`]),
      readObjects('ReadCopies', replica, [...data, `catalog/${name}/*`]),
      putObjects('CopyManifestAndFact', replica, [manifestKey(name, '*', '*'), factKey(name, '*', '*', 'replicated', ANY_RUN)]),
      lockVersions('LockCopies', replica, [...data, `catalog/${name}/*`]),
      ...uploads(system),
      ...keys,
    ],
  });
  makeFunction(stack, {
    system,
    settings,
    handler: 'copy/copy-records',
    description: 'copies records and evidence, and locks them there',
    timeoutSeconds: 900,
    environment,
    statements: ofRecords,
  });
  makeFollow(stack, system, settings, { environment, statements: ofRecords });
}

const NAMED_LATER = 'Slots and attempts are named when they happen.';

/** Unfinished uploads of data in the replica: found, taken up again, completed or ended. */
function uploads(system: System): Statement[] {
  const replica = bucketArn(system.replica, system.replicaBucket);
  return [
    // This action knows no condition on prefixes.
    {
      sid: 'FindUploads',
      actions: ['s3:ListBucketMultipartUploads'],
      resources: [replica],
    },
    {
      sid: 'Upload',
      actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
      resources: [`${replica}/data/${system.name}/*`],
      why: NAMED_LATER,
    },
    listParts(system),
  ];
}

const listParts = (system: System): Statement => ({
  sid: 'SeeParts',
  actions: ['s3:ListMultipartUploadParts'],
  resources: [`${bucketArn(system.replica, system.replicaBucket)}/data/${system.name}/*`],
  why: NAMED_LATER,
});
