import type { Construct } from 'constructs';
import { evidencePrefix, manifestKey } from '../../core/vault/keys.ts';
import { askedKey, approvalPapersPrefix } from '../../core/approval/records.ts';
import { approvalRoles } from '../../core/approval/roles.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, listObjects, putObjects, readObjects, vaultOf } from '../grants.ts';
import type { Statement } from '../policy.ts';
import type { Settings } from '../settings.ts';
import { arn, type System } from '../system.ts';
import { authorPattern, decisionPatterns, requestPattern, tokenPattern } from './record-writers.ts';
import { makeSignedFunction } from './signed-url.ts';

/**
 * Approvals of restores, beside one vault. What takes a decision can neither write a request nor start anything; what the machine asks
 * can write no decision; and none of them reads a point.
 */
export function makeApproval(stack: Construct, system: System, settings: Settings): void {
  const { name } = system;
  const vault = vaultOf(system);
  const { requesters, approvers } = approvalRoles(system.plan, system.home, system.side);
  const environment = { SYSTEM: name, SIDE: system.side, VAULT_BUCKET: system.vaultBucket };
  const roles = { REQUESTERS: requesters.join(','), APPROVERS: approvers.join(',') };
  const common = { system, settings };
  const asked = askedKey(name, '*');
  const papers = approvalPapersPrefix(name);
  const decisions = decisionPatterns(system);
  const records = [requestPattern(system), authorPattern(system), ...decisions];
  const readRecords = [listObjects('SeeRequests', vault, [evidencePrefix(name)]), readObjects('ReadRequests', vault, records)];

  makeSignedFunction(stack, {
    ...common,
    handler: 'approval/take-request',
    description: 'writes down who asks for a restore, by a signed call',
    environment: { ...environment, REQUESTERS: roles.REQUESTERS },
    statements: [putObjects('SayWhoAsks', vault, [asked]), bucketKey('VaultKey', system, vault, 'write')],
  });
  makeFunction(stack, {
    ...common,
    handler: 'approval/write-request',
    description: 'writes down what a restore is asked for',
    environment: { ...environment, ...roles },
    statements: [
      listObjects('SeeWhatIsAsked', vault, [evidencePrefix(name), `${papers}asked/`, `catalog/${name}/`]),
      readObjects('ReadWhatIsAsked', vault, [asked, requestPattern(system), manifestKey(name, '*', '*')]),
      putObjects('SayWhatIsAsked', vault, [requestPattern(system)]),
      bucketKey('VaultKey', system, vault, 'read-write'),
      lookUpStarts,
    ],
  });
  makeFunction(stack, {
    ...common,
    handler: 'approval/ask-approvers',
    description: 'keeps the token of a restore that waits, and tells who may approve it',
    environment: { ...environment, ...roles, ALARM_TOPIC_ARN: system.alarmTopicArn },
    statements: [
      ...readRecords,
      listObjects('SeeTokens', vault, [`${papers}tokens/`]),
      readObjects('ReadTokens', vault, [tokenPattern(system)]),
      putObjects('KeepTokens', vault, [tokenPattern(system)]),
      bucketKey('VaultKey', system, vault, 'read-write'),
      wake(system),
      { sid: 'Tell', actions: ['sns:Publish'], resources: [system.alarmTopicArn] },
    ],
  });
  makeSignedFunction(stack, {
    ...common,
    handler: 'approval/decide',
    description: 'takes decisions about restores, by signed calls',
    environment: { ...environment, ...roles },
    statements: [
      ...readRecords,
      // The newest of each, and no version.
      { ...listObjects('SeeTokens', vault, [`${papers}tokens/`]), actions: ['s3:ListBucket'] },
      { ...readObjects('ReadTokens', vault, [tokenPattern(system)]), actions: ['s3:GetObject'] },
      putObjects('SayWhoDecided', vault, decisions),
      bucketKey('VaultKey', system, vault, 'read-write'),
      wake(system),
      {
        sid: 'SeeWhetherItRuns',
        actions: ['states:DescribeExecution'],
        resources: [arn(system.home, 'states', `execution:${system.machineName('restore')}:*`)],
        why: 'Executions are named when they start.',
      },
    ],
  });
  makeFunction(stack, {
    ...common,
    handler: 'approval/confirm-decisions',
    description: 'reads every decision about a restore again, before it begins',
    environment: { ...environment, ...roles, ALARM_TOPIC_ARN: system.alarmTopicArn },
    statements: [
      ...readRecords,
      putObjects('SayWhoAsked', vault, [authorPattern(system)]),
      bucketKey('VaultKey', system, vault, 'read-write'),
      lookUpStarts,
      { sid: 'Tell', actions: ['sns:Publish'], resources: [system.alarmTopicArn] },
    ],
  });
}

const lookUpStarts: Statement = {
  sid: 'LookUpStarts',
  actions: ['cloudtrail:LookupEvents'],
  resources: ['*'],
  why: 'This action knows no resources: the event history is the account’s.',
};

const wake = (system: System): Statement => ({
  sid: 'Wake',
  actions: ['states:SendTaskSuccess'],
  resources: [system.machineArn('restore')],
});
