/**
 * What somebody who holds one role would try. Each try is a list of requests that all have to be granted; it is stopped by the first
 * that is not. What a role may all the same is told here with what limits it, and is the only thing that may succeed.
 */
import { approvalAuthorKey, approvalKey, approvalRequestKey, askedKey, tokenKey } from '../../core/approval/records.ts';
import { signOffKey } from '../../core/sign-off/records.ts';
import { restorePaperKey } from '../../core/vault/keys.ts';
import { envelope, HOME, REPLICA } from '../infra/asks.ts';
import type { Decision } from '../infra/policy-matcher.ts';
import { ACCOUNT } from '../infra/synthesized.ts';
import {
  BUCKETS,
  CENTURY,
  DATA,
  fact,
  KEYS,
  MANIFEST,
  MONTH,
  ONCE,
  OVERWRITE,
  RECORDS,
  VAULTS,
  WALLET,
  BY_URL,
  inBoth,
  MACHINES,
  ofApprovals,
  RUN,
  URLS,
  WORDS,
  ofKeys,
  ofObjects,
  others,
  readSecrets,
  type Ask,
} from './attack-tries.ts';

export type Attack = {
  name: string;
  tries: (role: string, ask: Ask) => Decision[][];
  /** Roles without `holdfast-<system>-`, a star is any text; and what limits them. */
  may?: { roles: string[]; within: string };
};

const READ_DATA = ['<asset>-verify', '<asset>-drill', '<asset>-drill-2', '<asset>-restore', '<asset>-restore-2', 'copy-copy-parts'];
const LOOK_AT_DATA = ['copy-plan-copy', 'copy-complete-copy', 'retention-expire-points*', 'audit-check-objects*'];
const LOCKERS = ['lock-lock-objects', 'lock-lock-objects-replica', 'copy-complete-copy', 'copy-copy-records', 'copy-follow-*'];

const STOPPED = ['stopping', 'resumed'].map((kind) => restorePaperKey('ida', 'postgres', RUN, `quiesce-00-${kind}`));

export const ATTACKS: readonly Attack[] = [
  {
    name: 'delete a version of a point',
    tries: ofObjects('s3:DeleteObjectVersion', BUCKETS, [DATA, MANIFEST]),
    may: {
      roles: ['retention-expire-points*', 'retention-sweep-attempts*'],
      within: 'S3 refuses what is locked or held, nobody may bypass, and each reaches its own vault alone, below data/ and catalog/',
    },
  },
  { name: 'delete evidence, or a link of the chain', tries: ofObjects('s3:DeleteObjectVersion', VAULTS, RECORDS) },
  { name: 'hide an object behind a delete marker', tries: ofObjects('s3:DeleteObject', BUCKETS, [DATA, MANIFEST, ...RECORDS]) },
  { name: 'shorten a lock by a bypass of governance', tries: ofObjects('s3:BypassGovernanceRetention', BUCKETS, [DATA, MANIFEST]) },
  { name: 'lock for a century', tries: ofObjects('s3:PutObjectRetention', BUCKETS, [DATA, MANIFEST, ...RECORDS], CENTURY) },
  { name: 'write something that is locked for a century', tries: ofObjects('s3:PutObject', BUCKETS, [DATA, MANIFEST], CENTURY) },
  {
    name: 'lock a point',
    tries: ofObjects('s3:PutObjectRetention', VAULTS, [DATA, MANIFEST], MONTH),
    may: { roles: LOCKERS, within: 'S3 refuses to shorten, the bucket policies to lock longer than the plan says' },
  },
  {
    name: 'put a legal hold, or take one off',
    tries: ofObjects('s3:PutObjectLegalHold', BUCKETS, [DATA, MANIFEST]),
    may: { roles: ['lock-hold-objects*'], within: 'a hold that is off deletes nothing: locks stay, and it has no right to delete' },
  },
  {
    name: 'move data to an archive by a tag',
    tries: ofObjects('s3:PutObjectVersionTagging', VAULTS, [DATA]),
    may: { roles: ['retention-mark-cold*'], within: 'locks stay, drills and restores have it retrieved, and a record gets no tag' },
  },
  {
    name: 'move records or envelopes to an archive by a tag',
    tries: ofObjects('s3:PutObjectVersionTagging', BUCKETS, [MANIFEST, ...RECORDS]),
  },
  {
    name: 'say that a point has expired',
    tries: ofObjects('s3:PutObject', VAULTS, [fact('tombstone')], ONCE),
    may: {
      roles: ['retention-expire-points*'],
      within: 'in its own vault alone; what is locked or held stays, and a tombstone that does not name its manifest counts for nothing',
    },
  },
  {
    name: 'say that a hold is released',
    tries: ofObjects('s3:PutObject', VAULTS, [fact('released')], ONCE),
    may: { roles: ['lock-record-hold*'], within: 'in its own vault alone; without a signature, which another role makes, the hold stays' },
  },
  {
    name: 'say that a point is held',
    tries: ofObjects('s3:PutObject', VAULTS, [fact('held')], ONCE),
    may: {
      roles: ['lock-record-hold*', 'copy-copy-records', 'copy-follow-*'],
      within: 'it keeps a point and lets none go; those that copy bring it to the replica alone',
    },
  },
  { name: 'overwrite a manifest', tries: ofObjects('s3:PutObject', VAULTS, [MANIFEST], OVERWRITE) },
  { name: 'overwrite evidence, or a link of the chain', tries: ofObjects('s3:PutObject', VAULTS, RECORDS, OVERWRITE) },
  {
    name: 'write a manifest of another asset',
    tries: ofObjects('s3:PutObject', VAULTS, [MANIFEST.replace('postgres', 'other')]),
    may: {
      roles: ['copy-complete-copy', 'copy-copy-records', 'copy-follow-*'],
      within: 'in the replica alone, once per key; a manifest without its signature of home is refused by restores and drills',
    },
  },
  {
    name: 'write below another system’s prefix',
    tries: ofObjects(
      's3:PutObject',
      BUCKETS,
      [DATA, MANIFEST, ...RECORDS].map((key) => key.replace('/ida/', '/nmia/')),
    ),
  },
  {
    name: 'carry data off to a bucket of somebody else, or of another system',
    tries: others(
      ['somebody-elses', `holdfast-nmia-vault-${ACCOUNT}-${HOME}`].map((bucket) => ['s3:PutObject', `arn:aws:s3:::${bucket}/${DATA}`]),
    ),
  },
  {
    name: 'write under an encryption of one’s own',
    tries: ofObjects('s3:PutObject', VAULTS, [DATA, MANIFEST], {
      's3:if-none-match': '*',
      's3:ObjectCreationOperation': 'true',
      's3:x-amz-server-side-encryption': 'AES256',
    }),
  },
  {
    name: 'read the data of a point',
    tries: (role, ask) =>
      VAULTS.map((vault) => {
        const region = vault === 'vault' ? HOME : REPLICA;
        const bucket = `holdfast-ida-${vault}-${ACCOUNT}-${region}`;
        const throughS3 = {
          'kms:ViaService': `s3.${region}.amazonaws.com`,
          'kms:EncryptionContext:aws:s3:arn': `arn:aws:s3:::${bucket}`,
        };
        return [ask.object(role, 's3:GetObjectVersion', vault, DATA), ask.key(role, 'kms:Decrypt', 'vault', region, throughS3)];
      }),
    may: {
      roles: [...READ_DATA, ...LOOK_AT_DATA, 'break-glass*'],
      within:
        'the work of verify, drill, restore and copy; retention and the audit look at heads, for which S3 wants the same right, and a bucket has one key. None may put it into another bucket',
    },
  },
  { name: 'read the secret of another asset or system', tries: readSecrets('ida/other', 'nmia/postgres', 'ida/postgres-admin') },
  {
    name: 'read the login of dumps',
    tries: readSecrets('ida/postgres'),
    may: { roles: ['<asset>-dump'], within: 'the role of the database that it names may read and make nothing' },
  },
  {
    name: 'read the login of restores',
    tries: readSecrets('ida/postgres-restore'),
    may: {
      roles: ['<asset>-restore', '<asset>-restore-2'],
      within: 'a restore makes a new database, and starts on request of a person alone',
    },
  },
  {
    name: 'read the live value of a key',
    tries: readSecrets('ida/wallet-encryption-key'),
    may: { roles: ['escrow-escrow-version'], within: 'it seals what it reads, and can write it nowhere but into escrow' },
  },
  {
    name: 'open an envelope',
    tries: ofKeys(['kms:Decrypt'], inBoth('escrow'), WALLET),
    may: {
      roles: ['escrow-read-back', '<asset>-drill', '<asset>-drill-2'],
      within: 'under exactly the context of an envelope of this system; the drills each in their own region',
    },
  },
  {
    name: 'open an envelope of another system',
    tries: ofKeys(['kms:Decrypt'], inBoth('escrow'), envelope('nmia', 'wallet-encryption-key')),
  },
  {
    name: 'use the key of a vault past S3',
    tries: ofKeys(['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom'], inBoth('vault')),
    may: { roles: ['break-glass*'], within: 'assumed with a second factor, and alarmed on' },
  },
  {
    name: 'sign',
    tries: ofKeys(['kms:Sign'], inBoth('evidence')),
    may: { roles: ['evidence-sign-objects*'], within: 'it can neither write nor change what it signs' },
  },
  {
    name: 'test guesses of a key against its fingerprint',
    tries: ofKeys(['kms:GenerateMac', 'kms:VerifyMac'], inBoth('fingerprint')),
    may: {
      roles: ['escrow-escrow-version', 'escrow-read-back', 'custodian'],
      within: 'two have the value itself in their hands; the custodian, for proofs, compares one guess by a call that the trail keeps',
    },
  },
  {
    name: 'disable or delete a key',
    tries: ofKeys(['kms:DisableKey', 'kms:ScheduleKeyDeletion'], KEYS),
    may: {
      roles: ['break-glass*'],
      within: 'assumed with a second factor, and alarmed on; a deletion takes 30 days and can be called off',
    },
  },
  {
    name: 'change the policy of a key',
    tries: ofKeys(['kms:PutKeyPolicy'], KEYS),
    may: { roles: ['break-glass*'], within: 'assumed with a second factor, and alarmed on' },
  },
  { name: 'let somebody else use a key', tries: ofKeys(['kms:CreateGrant'], KEYS) },
  { name: 'give, move or end the alias of a key', tries: ofKeys(['kms:CreateAlias', 'kms:UpdateAlias', 'kms:DeleteAlias'], KEYS) },
  {
    name: 'change how a bucket protects',
    tries: (role, ask) =>
      [
        's3:PutBucketPolicy',
        's3:DeleteBucketPolicy',
        's3:PutBucketVersioning',
        's3:PutBucketObjectLockConfiguration',
        's3:PutLifecycleConfiguration',
        's3:PutEncryptionConfiguration',
        's3:PutBucketPublicAccessBlock',
        's3:DeleteBucket',
      ].flatMap((action) => BUCKETS.map((bucket) => [ask.list(role, bucket, undefined, action)])),
  },
  {
    name: 'become another role, or change what runs',
    tries: others([
      ['sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/holdfast-ida-break-glass`],
      ['iam:PutRolePolicy', `arn:aws:iam::${ACCOUNT}:role/holdfast-ida-postgres-dump`],
      ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/holdfast-ida-break-glass`],
      ['lambda:UpdateFunctionCode', `arn:aws:lambda:${HOME}:${ACCOUNT}:function:holdfast-ida-lock-lock-objects`],
      ['states:UpdateStateMachine', `arn:aws:states:${HOME}:${ACCOUNT}:stateMachine:holdfast-ida-backup`],
      ['ecs:RegisterTaskDefinition', '*'],
    ]),
  },
  {
    name: 'silence alarms and schedules',
    tries: others([
      ['cloudwatch:DisableAlarmActions', `arn:aws:cloudwatch:${HOME}:${ACCOUNT}:alarm:holdfast-ida-backup-failed`],
      ['cloudwatch:DeleteAlarms', `arn:aws:cloudwatch:${HOME}:${ACCOUNT}:alarm:holdfast-ida-backup-failed`],
      ['sns:DeleteTopic', `arn:aws:sns:${HOME}:${ACCOUNT}:holdfast-ida-alarms`],
      ['sns:Unsubscribe', '*'],
      ['scheduler:UpdateSchedule', '*'],
      ['events:DisableRule', '*'],
      ['logs:DeleteLogGroup', `arn:aws:logs:${HOME}:${ACCOUNT}:log-group:/holdfast/ida/tasks`],
    ]),
  },
  {
    name: 'log in to the source with IAM',
    tries: others([['rds-db:connect', `arn:aws:rds-db:${HOME}:${ACCOUNT}:dbuser:db-SOURCE/postgres`]]),
  },
  {
    name: 'write a decision that a restore is approved',
    tries: ofApprovals('s3:PutObject', (side) => approvalKey('ida', RUN, 1, side), ONCE),
    may: {
      roles: ['approval-decide*'],
      within: 'what people call by signed calls alone: the name is the signature’s, and one decision opens no other request',
    },
  },
  {
    name: 'write what a restore is asked for, or who asked',
    tries: ofApprovals('s3:PutObject', (side) => approvalRequestKey('ida', RUN, side), ONCE),
    may: { roles: ['approval-write-request*'], within: 'the machine goes on by decisions about exactly these bytes, and it writes none' },
  },
  {
    name: 'put somebody else’s name on a request',
    tries: (role, ask) => [
      ...ofApprovals('s3:PutObject', (side) => approvalAuthorKey('ida', RUN, side), ONCE)(role, ask),
      ...ofApprovals('s3:PutObject', () => askedKey('ida', 'asked-1'), ONCE)(role, ask),
    ],
    may: {
      roles: ['approval-take-request*', 'approval-confirm-decisions*'],
      within: 'the one writes the name of a signed call, the other that of the account’s trail; neither decides',
    },
  },
  {
    name: 'sign off a restore, for which the database that was kept may go',
    tries: ofObjects('s3:PutObject', ['vault'], [signOffKey('ida', RUN)], ONCE),
    may: {
      roles: ['sign-off-take-word'],
      within: 'what people call by signed calls alone; what is dropped for it others have to approve',
    },
  },
  {
    name: 'forge what a restore has stopped, by which it is put back',
    tries: ofObjects('s3:PutObject', ['vault'], STOPPED, ONCE),
  },
  {
    name: 'forge what an application answered after a restore',
    tries: ofObjects('s3:PutObject', ['vault'], [restorePaperKey('ida', 'postgres', RUN, 'probed')], ONCE),
  },
  {
    name: 'wake a restore that waits for approval',
    tries: others(MACHINES.map((machine) => ['states:SendTaskSuccess', machine])),
    may: {
      roles: ['approval-ask-approvers*', 'approval-decide*'],
      within: 'the machine reads the decisions again: a token that comes without one ends the run',
    },
  },
  {
    name: 'read the token of a restore that waits',
    tries: ofApprovals('s3:GetObject', () => tokenKey('ida', RUN, 1, 'a')),
    may: { roles: ['approval-ask-approvers*', 'approval-decide*', 'break-glass*'], within: 'it opens nothing by itself' },
  },
  {
    name: 'tell the functions that decide, and that take sign-offs, a name of one’s own',
    tries: others([...URLS, ...WORDS].map((url) => ['lambda:InvokeFunction', url])),
  },
  {
    name: 'approve or reject a restore',
    tries: others(
      URLS.slice(0, 2).map((url) => ['lambda:InvokeFunctionUrl', url]),
      BY_URL,
    ),
    may: { roles: ['approver*'], within: 'with the name of the session, once, and not of one’s own request' },
  },
  {
    name: 'tick and sign off a restore',
    tries: others(
      WORDS.map((url) => ['lambda:InvokeFunctionUrl', url]),
      BY_URL,
    ),
    may: { roles: ['requester*', 'approver*'], within: 'with the name of the session; it drops nothing by itself' },
  },
  {
    name: 'approve a restore of another system',
    tries: others(
      URLS.map((url) => ['lambda:InvokeFunctionUrl', url.replace('-ida-', '-nmia-')]),
      BY_URL,
    ),
  },
  {
    name: 'start a restore',
    tries: others(
      [HOME, REPLICA].map((region) => [
        'states:StartExecution',
        `arn:aws:states:${region}:${ACCOUNT}:stateMachine:holdfast-ida-restore${region === HOME ? '' : '-replica'}`,
      ]),
    ),
    may: { roles: ['requester*'], within: 'into a new database beside the source; an approver can stop it' },
  },
];
