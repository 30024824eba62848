import { describe, expect, it } from 'vitest';
import { RETENTION_DELETERS } from '../../infra/retention/deleters.ts';
import { askOf, envelope, HOME, REPLICA, throughS3 } from './asks.ts';
import type { Decision } from './policy-matcher.ts';
import { ACCOUNT, roleNames, synthesize } from './synthesized.ts';

const synthesized = synthesize('ida');
const ask = askOf('ida', synthesized);
const roles = roleNames([synthesized.vault, synthesized.replicaVault, synthesized.pipeline, synthesized.recovery]);

const dump = 'holdfast-ida-postgres-dump';
const verify = 'holdfast-ida-postgres-verify';
const drill = 'holdfast-ida-postgres-drill';
const restore = 'holdfast-ida-postgres-restore';
const replicaDrill = 'holdfast-ida-postgres-drill-2';
const fn = (handler: string) => `holdfast-ida-${handler.replace('/', '-')}`;
const lock = fn('lock/lock-objects');
const sign = fn('evidence/sign-objects');
const readBack = fn('escrow/read-back');
const escrowVersion = fn('escrow/escrow-version');
const breakGlass = 'holdfast-ida-break-glass';

const isDeleter = (role: string) => RETENTION_DELETERS.some((handler) => role.startsWith(fn(handler)));

const DATA = 'data/ida/postgres/2026/11/21/20261121T011500Z/0001-1/dump.000';
const POINT = 'catalog/ida/postgres/20261121T011500Z/';
const MANIFEST = `${POINT}manifest.json`;
const RUN = '20261121T011500Z-3fa9c1';
const ENVELOPE = 'ida/wallet-encryption-key/0011/envelope';
const SEALED = `${ENVELOPE}-0123456789abcdef`;
const vaultBucket = `holdfast-ida-vault-${ACCOUNT}-${HOME}`;
const replicaBucket = `holdfast-ida-replica-${ACCOUNT}-${REPLICA}`;
const secret = (name: string) => `arn:aws:secretsmanager:${HOME}:${ACCOUNT}:secret:${name}-AbCdEf`;
const part = { 's3:ObjectCreationOperation': 'false' };
const atRest = throughS3(vaultBucket, HOME);
const atRestInReplica = throughS3(replicaBucket, REPLICA);
const walletKey = envelope('ida', 'wallet-encryption-key');
const withoutKey = {
  'kms:EncryptionContext:holdfast:system': 'ida',
  'kms:EncryptionContext:holdfast:purpose': 'escrow',
  'kms:EncryptionContextKeys': ['holdfast:system', 'holdfast:purpose'],
};
const read = ['s3:GetObject', 's3:GetObjectVersion'] as const;

const NOTES = 'failures/ida/postgres/20261121T011500Z-3fa9c1';
const TASKS = [
  ['dump', dump],
  ['verify', verify],
  ['drill', drill],
  ['restore', restore],
] as const;
const tellers = [fn('backup/report-failure'), fn('drill/judge-drill')];

const CAN: [string, Decision][] = [
  ...TASKS.map(([task, role]): [string, Decision] => [
    `${task} says why it failed`,
    ask.object(role, 's3:PutObject', 'vault', `${NOTES}/${task}-1.json`),
  ]),
  ...TASKS.map(([task]): [string, Decision] => [
    `the reporter reads why ${task} failed`,
    ask.object(fn('backup/report-failure'), 's3:GetObject', 'vault', `${NOTES}/${task}-1.json`),
  ]),
  ['judge reads why a drill failed', ask.object(fn('drill/judge-drill'), 's3:GetObject', 'vault', `${NOTES}/drill-3.json`)],
  ...tellers.map((role): [string, Decision] => [
    `${role} is told that there is no note`,
    ask.list(role, 'vault', `${NOTES}/`, 's3:ListBucket'),
  ]),
  ['dump writes its data', ask.object(dump, 's3:PutObject', 'vault', DATA, { 's3:ObjectCreationOperation': 'true' })],
  ['dump writes parts of its data', ask.object(dump, 's3:PutObject', 'vault', DATA, part)],
  ['dump aborts an upload of its own', ask.object(dump, 's3:AbortMultipartUpload', 'vault', DATA)],
  ['dump commits once', ask.object(dump, 's3:PutObject', 'vault', MANIFEST)],
  ['dump has S3 encrypt', ask.key(dump, 'kms:GenerateDataKey', 'vault', HOME, atRest)],
  ['dump has S3 put parts together', ask.key(dump, 'kms:Decrypt', 'vault', HOME, atRest)],
  ['dump reads its own secret', ask.other(dump, 'secretsmanager:GetSecretValue', secret('ida/postgres'))],
  ['dump lists fingerprints of the keys that it needs', ask.list(dump, 'escrow', 'ida/wallet-encryption-key/')],
  ...read.map((action): [string, Decision] => [`verify reads data (${action})`, ask.object(verify, action, 'vault', DATA)]),
  ['verify says what it found', ask.object(verify, 's3:PutObject', 'vault', `${POINT}verified-${RUN}.json`)],
  ['drill reads the link of a point', ask.object(drill, 's3:GetObjectVersion', 'vault', 'chain/ida/postgres/000000001.json')],
  ['the replica’s drill reads the replica', ask.object(replicaDrill, 's3:GetObjectVersion', 'replica', DATA)],
  ['the replica’s drill has S3 decrypt it', ask.key(replicaDrill, 'kms:Decrypt', 'vault', REPLICA, atRestInReplica)],
  ['the replica’s drill opens an envelope with that region’s key', ask.key(replicaDrill, 'kms:Decrypt', 'escrow', REPLICA, walletKey)],
  ['the replica’s drill reads the envelope there', ask.object(replicaDrill, 's3:GetObjectVersion', 'replica-escrow', ENVELOPE)],
  [
    'the replica’s drill says what it measured',
    ask.object(replicaDrill, 's3:PutObject', 'replica', `evidence/ida/2026/drill-result-${RUN}.json`),
  ],
  ['the replica’s signer signs with that region’s key', ask.key(`${sign}-replica`, 'kms:Sign', 'evidence', REPLICA)],
  [
    'the replica’s lock locks evidence there',
    ask.object(`${lock}-replica`, 's3:PutObjectRetention', 'replica', `evidence/ida/2026/drill-${RUN}.json`),
  ],
  [
    'the replica’s restore reads the login of that region',
    ask.other('holdfast-ida-postgres-restore-2', 'secretsmanager:GetSecretValue', secret('ida/postgres-restore').replace(HOME, REPLICA)),
  ],
  [
    'the replica’s operator starts a drill there',
    ask.other(
      'holdfast-ida-operator-replica',
      'states:StartExecution',
      `arn:aws:states:${REPLICA}:${ACCOUNT}:stateMachine:holdfast-ida-drill-replica`,
    ),
  ],
  ['escrow writes an envelope', ask.object(escrowVersion, 's3:PutObject', 'escrow', SEALED, { 's3:if-none-match': '*' })],
  [
    'escrow makes an envelope again',
    ask.object(escrowVersion, 's3:PutObject', 'replica-escrow', `${SEALED}-${RUN}`, { 's3:if-none-match': '*' }),
  ],
  [
    'escrow makes an offline file again',
    ask.object(escrowVersion, 's3:PutObject', 'escrow', `ida/k/0/offline-0123456789abcdef-${RUN}.age`, { 's3:if-none-match': '*' }),
  ],
  ['escrow reads why an envelope was lost', ask.object(escrowVersion, 's3:GetObjectVersion', 'replica-escrow', `ida/k/0/lost-${RUN}.json`)],
  ['read-back opens what the first release wrote', ask.object(readBack, 's3:GetObjectVersion', 'escrow', ENVELOPE)],
  ['read-back opens a key that left the plan', ask.key(readBack, 'kms:Decrypt', 'escrow', HOME, envelope('ida', 'left-the-plan'))],
  ['drill opens an envelope under its context', ask.key(drill, 'kms:Decrypt', 'escrow', HOME, walletKey)],
  ['drill says what it measured', ask.object(drill, 's3:PutObject', 'vault', `evidence/ida/2026/drill-result-${RUN}.json`)],
  ['restore reads its own secret', ask.other(restore, 'secretsmanager:GetSecretValue', secret('ida/postgres-restore'))],
  ['lock locks data', ask.object(lock, 's3:PutObjectRetention', 'vault', DATA, { 's3:object-lock-remaining-retention-days': '30' })],
  [
    'lock locks a point for as long as its longest window',
    ask.object(lock, 's3:PutObjectRetention', 'vault', DATA, { 's3:object-lock-remaining-retention-days': '367' }),
  ],
  [
    'lock locks evidence as long as the plan says',
    ask.object(lock, 's3:PutObjectRetention', 'vault', `evidence/ida/2026/drill-${RUN}.json`, {
      's3:object-lock-remaining-retention-days': '3653',
    }),
  ],
  [
    'copy locks in the replica',
    ask.object(fn('copy/complete-copy'), 's3:PutObjectRetention', 'replica', DATA, { 's3:object-lock-remaining-retention-days': '30' }),
  ],
  ['copy writes parts into the replica', ask.object(fn('copy/copy-parts'), 's3:PutObject', 'replica', DATA, part)],
  [
    'copy names the other region’s key by its ARN',
    ask.object(fn('copy/plan-copy'), 's3:PutObject', 'replica', DATA, {
      ...part,
      's3:x-amz-server-side-encryption': 'aws:kms',
      's3:x-amz-server-side-encryption-aws-kms-key-id': `arn:aws:kms:<region>:${ACCOUNT}:key/VaultKey`,
    }),
  ],
  ['the signer signs', ask.key(sign, 'kms:Sign', 'evidence', HOME)],
  ['the signer puts a signature', ask.object(sign, 's3:PutObject', 'vault', `${POINT}manifest.dsse.json`)],
  ['escrow reads the key', ask.other(escrowVersion, 'secretsmanager:GetSecretValue', secret('ida/wallet-encryption-key'))],
  ['escrow seals', ask.key(escrowVersion, 'kms:GenerateDataKey', 'escrow', HOME, walletKey)],
  ['escrow seals for the second region', ask.key(escrowVersion, 'kms:Encrypt', 'escrow', REPLICA, walletKey)],
  ['escrow takes a fingerprint', ask.key(escrowVersion, 'kms:GenerateMac', 'fingerprint', HOME)],
  ['read-back opens at home', ask.key(readBack, 'kms:Decrypt', 'escrow', HOME, walletKey)],
  ['read-back opens in the second region', ask.key(readBack, 'kms:Decrypt', 'escrow', REPLICA, walletKey)],
  ['read-back takes a fingerprint in the second region', ask.key(readBack, 'kms:GenerateMac', 'fingerprint', REPLICA)],
  ['break-glass ends a key', ask.key(breakGlass, 'kms:ScheduleKeyDeletion', 'vault', HOME)],
  ['break-glass changes a key policy', ask.key(breakGlass, 'kms:PutKeyPolicy', 'escrow', REPLICA)],
  ['break-glass reads data', ask.object(breakGlass, 's3:GetObjectVersion', 'replica', DATA)],
  ['the auditor reads evidence', ask.object('holdfast-ida-auditor', 's3:GetObject', 'vault', `evidence/ida/2026/drill-${RUN}.json`)],
  [
    'the operator starts a backup',
    ask.other('holdfast-ida-operator', 'states:StartExecution', `arn:aws:states:${HOME}:${ACCOUNT}:stateMachine:holdfast-ida-backup`),
  ],
  [
    'the requester starts a restore',
    ask.other('holdfast-ida-requester', 'states:StartExecution', `arn:aws:states:${HOME}:${ACCOUNT}:stateMachine:holdfast-ida-restore`),
  ],
  ...(['operator', 'requester'] as const).flatMap((person) =>
    (['vault', 'replica'] as const).map((side): [string, Decision] => [
      `the ${person} reads what a restore says of the new database, of the ${side}`,
      ask.object(
        `holdfast-ida-${person}${side === 'replica' ? '-replica' : ''}`,
        's3:GetObjectVersion',
        side,
        `evidence/ida/2026/restore-result-${RUN}.json`,
      ),
    ]),
  ),
];

const CANNOT: [string, Decision][] = [
  ['restore reads the secret of the dump', ask.other(restore, 'secretsmanager:GetSecretValue', secret('ida/postgres'))],
  ...[dump, verify, drill].map((role): [string, Decision] => [
    `${role} reads the secret of restores`,
    ask.other(role, 'secretsmanager:GetSecretValue', secret('ida/postgres-restore')),
  ]),
  ...TASKS.flatMap(([task, role]) => [
    ...TASKS.filter(([other]) => other !== task).map(([other]): [string, Decision] => [
      `${task} says why ${other} failed`,
      ask.object(role, 's3:PutObject', 'vault', `${NOTES}/${other}-1.json`),
    ]),
    [`${task} reads why it failed`, ask.object(role, 's3:GetObject', 'vault', `${NOTES}/${task}-1.json`)] satisfies [string, Decision],
    [
      `${task} says why it failed for another asset`,
      ask.object(role, 's3:PutObject', 'vault', `failures/ida/other/20261121T011500Z-3fa9c1/${task}-1.json`),
    ] satisfies [string, Decision],
  ]),
  ['judge reads why a dump failed', ask.object(fn('drill/judge-drill'), 's3:GetObject', 'vault', `${NOTES}/dump-1.json`)],
  ['the reporter writes a note', ask.object(fn('backup/report-failure'), 's3:PutObject', 'vault', `${NOTES}/dump-1.json`)],
  ['the reporter reads evidence', ask.object(fn('backup/report-failure'), 's3:GetObject', 'vault', `evidence/ida/2026/drill-${RUN}.json`)],
  ...read.map((action): [string, Decision] => [`dump reads its data back (${action})`, ask.object(dump, action, 'vault', DATA)]),
  ['dump reads a manifest', ask.object(dump, 's3:GetObject', 'vault', MANIFEST)],
  ['dump lists the vault', ask.list(dump, 'vault', 'data/ida/postgres/')],
  ['dump deletes', ask.object(dump, 's3:DeleteObject', 'vault', DATA)],
  ['dump deletes a version', ask.object(dump, 's3:DeleteObjectVersion', 'vault', DATA)],
  ['dump locks', ask.object(dump, 's3:PutObjectRetention', 'vault', DATA)],
  ['dump writes data of another asset', ask.object(dump, 's3:PutObject', 'vault', 'data/ida/other/2026/11/21/x')],
  [
    'dump writes data of an asset whose name begins like its own',
    ask.object(dump, 's3:PutObject', 'vault', 'data/ida/postgres-2/2026/11/21/x'),
  ],
  ['dump writes into another system', ask.object(dump, 's3:PutObject', 'vault', 'data/nmia/postgres/2026/x')],
  ['dump writes a fact', ask.object(dump, 's3:PutObject', 'vault', `${POINT}verified-${RUN}.json`)],
  ['dump signs its own manifest', ask.object(dump, 's3:PutObject', 'vault', `${POINT}manifest.dsse.json`)],
  ['dump overwrites a manifest', ask.object(dump, 's3:PutObject', 'vault', MANIFEST, { 's3:ObjectCreationOperation': 'true' })],
  ['dump writes the replica', ask.object(dump, 's3:PutObject', 'replica', DATA)],
  [
    'dump chooses another key',
    ask.object(dump, 's3:PutObject', 'vault', DATA, {
      's3:x-amz-server-side-encryption': 'aws:kms',
      's3:x-amz-server-side-encryption-aws-kms-key-id': `arn:aws:kms:${HOME}:${ACCOUNT}:key/other`,
    }),
  ],
  ['dump chooses another encryption', ask.object(dump, 's3:PutObject', 'vault', DATA, { 's3:x-amz-server-side-encryption': 'AES256' })],
  [
    'dump brings a key of its own',
    ask.object(dump, 's3:PutObject', 'vault', DATA, { 's3:x-amz-server-side-encryption-customer-algorithm': 'AES256' }),
  ],
  ['dump writes without TLS', ask.object(dump, 's3:PutObject', 'vault', DATA, { 'aws:SecureTransport': 'false' })],
  ['dump decrypts by itself', ask.key(dump, 'kms:Decrypt', 'vault', HOME, {})],
  ['dump decrypts for another bucket', ask.key(dump, 'kms:Decrypt', 'vault', HOME, throughS3('somebody-elses', HOME))],
  ['dump uses another key through S3', ask.key(dump, 'kms:Decrypt', 'vault', HOME, { ...atRest, 'kms:ResourceAliases': ['alias/other'] })],
  ['dump opens an envelope', ask.key(dump, 'kms:Decrypt', 'escrow', HOME, walletKey)],
  ['dump reads an envelope', ask.object(dump, 's3:GetObject', 'escrow', ENVELOPE)],
  ['dump lists all of escrow', ask.list(dump, 'escrow', '')],
  ['dump reads the secret of a key', ask.other(dump, 'secretsmanager:GetSecretValue', secret('ida/wallet-encryption-key'))],
  ['dump reads the secret of another system', ask.other(dump, 'secretsmanager:GetSecretValue', secret('nmia/postgres'))],
  ['dump reads a secret whose name begins like its own', ask.other(dump, 'secretsmanager:GetSecretValue', secret('ida/postgres-admin'))],
  ['verify writes data', ask.object(verify, 's3:PutObject', 'vault', DATA)],
  ['verify writes a manifest', ask.object(verify, 's3:PutObject', 'vault', MANIFEST)],
  ['verify says that a point is drilled', ask.object(verify, 's3:PutObject', 'vault', `${POINT}drilled-${RUN}.json`)],
  ['verify reads another asset', ask.object(verify, 's3:GetObject', 'vault', 'data/ida/other/2026/x')],
  ['verify lists another asset', ask.list(verify, 'vault', 'catalog/ida/other/')],
  ['verify lists without a prefix', ask.list(verify, 'vault', undefined)],
  ['verify reads the secret of the source', ask.other(verify, 'secretsmanager:GetSecretValue', secret('ida/postgres'))],
  ['verify reads escrow', ask.object(verify, 's3:GetObject', 'escrow', ENVELOPE)],
  ['drill reads the secret of the source', ask.other(drill, 'secretsmanager:GetSecretValue', secret('ida/postgres'))],
  ['drill reads the live key', ask.other(drill, 'secretsmanager:GetSecretValue', secret('ida/wallet-encryption-key'))],
  ['drill writes data', ask.object(drill, 's3:PutObject', 'vault', DATA)],
  ['drill writes the verdict on itself', ask.object(drill, 's3:PutObject', 'vault', `evidence/ida/2026/drill-${RUN}.json`)],
  ['drill writes the fact', ask.object(drill, 's3:PutObject', 'vault', `${POINT}drilled-${RUN}.json`)],
  ['drill writes an envelope', ask.object(drill, 's3:PutObject', 'escrow', ENVELOPE)],
  ['drill opens under another system', ask.key(drill, 'kms:Decrypt', 'escrow', HOME, envelope('nmia', 'wallet-encryption-key'))],
  ['drill opens under another key', ask.key(drill, 'kms:Decrypt', 'escrow', HOME, envelope('ida', 'other'))],
  [
    'drill opens under more context',
    ask.key(drill, 'kms:Decrypt', 'escrow', HOME, envelope('ida', 'wallet-encryption-key', { more: 'x' })),
  ],
  ['drill opens without a context', ask.key(drill, 'kms:Decrypt', 'escrow', HOME, {})],
  ['drill opens in the second region', ask.key(drill, 'kms:Decrypt', 'escrow', REPLICA, walletKey)],
  ['drill reads the replica', ask.object(drill, 's3:GetObjectVersion', 'replica', DATA)],
  ['drill has S3 decrypt the replica', ask.key(drill, 'kms:Decrypt', 'vault', REPLICA, atRestInReplica)],
  ['choosing a point reads the replica', ask.object(fn('drill/choose-point'), 's3:GetObject', 'replica', MANIFEST)],
  ['the replica’s drill opens with home’s key', ask.key(replicaDrill, 'kms:Decrypt', 'escrow', HOME, walletKey)],
  ['the replica’s drill reads the vault', ask.object(replicaDrill, 's3:GetObjectVersion', 'vault', DATA)],
  [
    'the replica’s drill reads the live key',
    ask.other(replicaDrill, 'secretsmanager:GetSecretValue', secret('ida/wallet-encryption-key').replace(HOME, REPLICA)),
  ],
  ['the replica’s signer signs with home’s key', ask.key(`${sign}-replica`, 'kms:Sign', 'evidence', HOME)],
  ['home’s signer signs with the replica’s key', ask.key(sign, 'kms:Sign', 'evidence', REPLICA)],
  [
    'the replica’s operator starts a restore',
    ask.other(
      'holdfast-ida-operator-replica',
      'states:StartExecution',
      `arn:aws:states:${REPLICA}:${ACCOUNT}:stateMachine:holdfast-ida-restore-replica`,
    ),
  ],
  [
    'judge writes what the runner measured',
    ask.object(fn('drill/judge-drill'), 's3:PutObject', 'vault', `evidence/ida/2026/drill-result-${RUN}.json`),
  ],
  ['judge reads data', ask.object(fn('drill/judge-drill'), 's3:GetObject', 'vault', DATA)],
  ['restore writes data', ask.object(restore, 's3:PutObject', 'vault', DATA)],
  ['restore reads escrow', ask.object(restore, 's3:GetObject', 'escrow', ENVELOPE)],
  ['lock writes data', ask.object(lock, 's3:PutObject', 'vault', DATA)],
  ['lock reads data', ask.object(lock, 's3:GetObject', 'vault', DATA)],
  ['lock writes a manifest', ask.object(lock, 's3:PutObject', 'vault', MANIFEST)],
  ['lock bypasses a lock', ask.object(lock, 's3:BypassGovernanceRetention', 'vault', DATA)],
  [
    'lock locks longer than the plan’s longest',
    ask.object(lock, 's3:PutObjectRetention', 'vault', `evidence/ida/2026/drill-${RUN}.json`, {
      's3:object-lock-remaining-retention-days': '3654',
    }),
  ],
  // Twelve months, and a day for clocks that differ.
  ...[DATA, MANIFEST].flatMap((key) =>
    (['vault', 'replica'] as const).map((side): [string, Decision] => [
      `${key.split('/')[0]} of a point is locked in the ${side} for longer than its longest window`,
      ask.object(side === 'vault' ? lock : `${lock}-replica`, 's3:PutObjectRetention', side, key, {
        's3:object-lock-remaining-retention-days': '368',
      }),
    ]),
  ),
  ['lock locks in escrow', ask.object(lock, 's3:PutObjectRetention', 'escrow', ENVELOPE)],
  ['lock locks in the replica', ask.object(lock, 's3:PutObjectRetention', 'replica', DATA)],
  ['copy locks in the vault', ask.object(fn('copy/copy-records'), 's3:PutObjectRetention', 'vault', MANIFEST)],
  [
    'copy names a key by an alias, which somebody may move',
    ask.object(fn('copy/plan-copy'), 's3:PutObject', 'replica', DATA, {
      ...part,
      's3:x-amz-server-side-encryption': 'aws:kms',
      's3:x-amz-server-side-encryption-aws-kms-key-id': 'alias/holdfast/ida/vault',
    }),
  ],
  ['copying parts locks', ask.object(fn('copy/copy-parts'), 's3:PutObjectRetention', 'replica', DATA)],
  ['copy writes data into the vault', ask.object(fn('copy/complete-copy'), 's3:PutObject', 'vault', DATA)],
  [
    'copy overwrites a record',
    ask.object(fn('copy/copy-records'), 's3:PutObject', 'replica', MANIFEST, { 's3:ObjectCreationOperation': 'true' }),
  ],
  ['the signer writes what it signs', ask.object(sign, 's3:PutObject', 'vault', MANIFEST)],
  ['record signs', ask.key(fn('record/record-point'), 'kms:Sign', 'evidence', HOME)],
  ['record writes a manifest', ask.object(fn('record/record-point'), 's3:PutObject', 'vault', MANIFEST)],
  ['the reporter reads data', ask.object(fn('backup/report-failure'), 's3:GetObject', 'vault', DATA)],
  ['escrow opens what it sealed', ask.key(escrowVersion, 'kms:Decrypt', 'escrow', HOME, walletKey)],
  ['escrow seals under another context', ask.key(escrowVersion, 'kms:GenerateDataKey', 'escrow', HOME, envelope('ida', 'other'))],
  ['escrow locks', ask.object(escrowVersion, 's3:PutObjectRetention', 'escrow', ENVELOPE)],
  ['escrow overwrites an envelope', ask.object(escrowVersion, 's3:PutObject', 'escrow', SEALED, { 's3:ObjectCreationOperation': 'true' })],
  [
    'listing versions reads one',
    ask.other(fn('escrow/list-versions'), 'secretsmanager:GetSecretValue', secret('ida/wallet-encryption-key')),
  ],
  ['read-back reads the live key', ask.other(readBack, 'secretsmanager:GetSecretValue', secret('ida/wallet-encryption-key'))],
  ['read-back writes an envelope', ask.object(readBack, 's3:PutObject', 'escrow', SEALED)],
  ['read-back opens without a key asset', ask.key(readBack, 'kms:Decrypt', 'escrow', HOME, withoutKey)],
  ...[RUN, `first-${RUN}`, `${RUN}-${RUN}`].map((id): [string, Decision] => [
    'escrow writes a proof',
    ask.object(escrowVersion, 's3:PutObject', 'escrow', `ida/k/0/offline-proof-0123456789abcdef-${id}.json`),
  ]),
  [
    'read-back opens under another purpose',
    ask.key(readBack, 'kms:Decrypt', 'escrow', HOME, envelope('ida', 'wallet-encryption-key', { 'holdfast:purpose': 'x' })),
  ],
  ['break-glass opens an envelope', ask.key(breakGlass, 'kms:Decrypt', 'escrow', HOME, walletKey)],
  ['break-glass writes', ask.object(breakGlass, 's3:PutObject', 'vault', DATA)],
  ['the operator reads data', ask.object('holdfast-ida-operator', 's3:GetObject', 'vault', DATA)],
  [
    'the operator starts a restore',
    ask.other('holdfast-ida-operator', 'states:StartExecution', `arn:aws:states:${HOME}:${ACCOUNT}:stateMachine:holdfast-ida-restore`),
  ],
  ['the requester reads data', ask.object('holdfast-ida-requester', 's3:GetObject', 'vault', DATA)],
  [
    'the approver starts a restore',
    ask.other('holdfast-ida-approver', 'states:StartExecution', `arn:aws:states:${HOME}:${ACCOUNT}:stateMachine:holdfast-ida-restore`),
  ],
  ['the auditor reads an envelope', ask.object('holdfast-ida-auditor', 's3:GetObject', 'escrow', ENVELOPE)],
  [
    'the auditor starts anything',
    ask.other('holdfast-ida-auditor', 'states:StartExecution', `arn:aws:states:${HOME}:${ACCOUNT}:stateMachine:holdfast-ida-drill`),
  ],
];

/** What identity policies may grant in this account, and the vault refuses all the same. */
const EVEN_AN_ADMINISTRATOR: [string, Decision][] = [
  ...(['vault', 'replica', 'escrow', 'replica-escrow'] as const).flatMap((bucket): [string, Decision][] =>
    ['s3:DeleteObjectVersion', 's3:DeleteObject', 's3:BypassGovernanceRetention', 's3:PutObjectRetention', 's3:PutObjectLegalHold'].map(
      (action) => [`${action} in ${bucket}`, ask.object('admin', action, bucket, DATA)],
    ),
  ),
  ...(
    [
      ['vault', HOME],
      ['escrow', HOME],
      ['fingerprint', HOME],
      ['evidence', HOME],
      ['vault', REPLICA],
      ['escrow', REPLICA],
      ['fingerprint', REPLICA],
    ] as const
  ).flatMap(([key, region]): [string, Decision][] =>
    ['kms:ScheduleKeyDeletion', 'kms:DisableKey', 'kms:PutKeyPolicy', 'kms:CreateGrant', 'kms:DeleteAlias', 'kms:UpdateAlias'].map(
      (action) => [`${action} of ${key} in ${region}`, ask.key('admin', action, key, region)],
    ),
  ),
  ['overwriting a manifest', ask.object('admin', 's3:PutObject', 'vault', MANIFEST, { 's3:ObjectCreationOperation': 'true' })],
  ['opening an envelope', ask.key('admin', 'kms:Decrypt', 'escrow', HOME, walletKey)],
  ['taking a fingerprint', ask.key('admin', 'kms:GenerateMac', 'fingerprint', HOME)],
  ['signing', ask.key('admin', 'kms:Sign', 'evidence', HOME)],
];

describe('what each role can do', () => {
  it.each(CAN)('%s', (_, decision) => expect(decision.outcome).toBe('allowed'));
});

describe('what each role cannot do', () => {
  it.each(CANNOT)('%s', (_, decision) => expect(decision.outcome).not.toBe('allowed'));
});

describe('what nobody can do, whatever identity policies grant', () => {
  it.each(EVEN_AN_ADMINISTRATOR)('%s', (_, decision) => expect(decision.outcome).toBe('denied'));

  it.each(roles)('%s is not even granted it', (role) => {
    for (const action of [
      's3:DeleteObject',
      // Of retention's own: retention.test.ts.
      ...(isDeleter(role) ? [] : ['s3:DeleteObjectVersion']),
      's3:BypassGovernanceRetention',
      's3:PutBucketPolicy',
      's3:PutBucketVersioning',
    ])
      expect(ask.other(role, action, `arn:aws:s3:::${vaultBucket}/${DATA}`).outcome).toBe('not granted');
    if (role === breakGlass) return;
    for (const action of ['kms:ScheduleKeyDeletion', 'kms:DisableKey', 'kms:PutKeyPolicy', 'kms:CreateGrant'])
      expect(ask.key(role, action, 'escrow', HOME).outcome).not.toBe('allowed');
    expect(ask.other(role, 'iam:CreateRole', '*').outcome).toBe('not granted');
  });

  it('but the deployment may change a key policy, because KMS refuses a key whose creator could not', () => {
    for (const region of [HOME, REPLICA]) {
      const deployer = `cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${region}`;
      expect(ask.key(deployer, 'kms:PutKeyPolicy', 'vault', region).outcome).toBe('allowed');
      expect(ask.key(deployer, 'kms:ScheduleKeyDeletion', 'vault', region).outcome).toBe('denied');
    }
  });

  it('but deployments make, move and end aliases', () => {
    for (const region of [HOME, REPLICA])
      for (const action of ['kms:CreateAlias', 'kms:UpdateAlias', 'kms:DeleteAlias'])
        expect(ask.key(`cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${region}`, action, 'vault', region).outcome, action).toBe('allowed');
  });
});
