import type { Construct } from 'constructs';
import { failureNotesPrefix } from '../../core/vault/keys.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, listObjects, readObjects, vaultOf } from '../grants.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';

/** Reports of failure, of every stage of a region. */
export function makeReportFailure(stack: Construct, system: System, settings: Settings): void {
  const vault = vaultOf(system);
  makeFunction(stack, {
    system,
    settings,
    handler: 'backup/report-failure',
    description: 'classifies failures of every stage and tells of them',
    environment: { SYSTEM: system.name, SIDE: system.side, VAULT_BUCKET: system.vaultBucket, ALARM_TOPIC_ARN: system.alarmTopicArn },
    statements: [
      // A note is asked for by its key; who may list as well is told that there is none, and not that it may not know.
      { ...listObjects('FindNotes', vault, [`failures/${system.name}/`]), actions: ['s3:ListBucket'] },
      {
        ...readObjects('ReadNotesOfFailedTasks', vault, [`${failureNotesPrefix(system.name, '*', ANY_RUN)}*`]),
        actions: ['s3:GetObject'],
      },
      bucketKey('VaultKey', system, vault, 'read'),
      { sid: 'Tell', actions: ['sns:Publish'], resources: [system.alarmTopicArn] },
    ],
  });
}
