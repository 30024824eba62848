/** The kinds of assets that a plan protects. */
import * as z from 'zod';
import { AssetCommon } from './schema-common.ts';
import { Approvals } from './schema-approvals.ts';
import { Drill } from './schema-drill.ts';
import { FollowUp } from './schema-follow-ups.ts';
import { KeyAsset } from './schema-key.ts';
import { Expected } from './schema-objectives.ts';
import { Lock, Retention, Schedule, SecretName } from './schema-parts.ts';
import { Quiesce } from './schema-quiesce.ts';
import { Validation } from './schema-validation.ts';
import { AssetTier } from './schema-tiers.ts';

export const PostgresSource = z
  .strictObject({
    secret: SecretName.describe('Name of the Secrets Manager secret with host, port, dbname, username and password'),
    authentication: z
      .enum(['password', 'rds-iam'])
      .default('password')
      .describe('How the dump role logs in: the secret’s password, or a token that IAM signs'),
    rds: z
      .strictObject({
        resourceIds: z
          .array(
            z.string().regex(/^(db|cluster|prx)-[A-Z0-9]+$/, 'Write the resource id, such as db-ABCDEFGHIJKLMNOPQRSTUVWXYZ: not the name'),
          )
          .min(1)
          .describe('Resource ids of the instance, cluster or proxy; of the one in the second region too, where restores may go there'),
        user: z.string().min(1).describe('The database user that dumps log in as'),
      })
      .optional()
      .describe('Whom IAM may let in where; needed with `authentication: rds-iam`, and nothing else is granted'),
    tls: z.enum(['verify-full', 'verify-ca', 'require', 'disable']).default('verify-full').describe('libpq sslmode'),
    ca: z
      .enum(['rds', 'secret', 'system'])
      .default('rds')
      .describe('Where the certificate authority stands: the RDS bundle of the image, the field `ca` of the secret, or the system store'),
    postgresMajor: z.int().min(13).max(18).describe('Major version of the server; the image brings programs of the same'),
  })
  .describe('Where the database is and how it is reached');
export type PostgresSource = z.infer<typeof PostgresSource>;

export const DumpOptions = z
  .strictObject({
    format: z
      .enum(['auto', 'segmented', 'custom', 'plain'])
      .default('auto')
      .describe(
        '`segmented` reads big tables in parallel and restores without a local disk; `custom` is one archive for pg_restore, `plain` SQL text for psql; `auto` is segmented where the server is PostgreSQL 14 or later, else custom',
      ),
    workers: z
      .int()
      .min(1)
      .max(16)
      .optional()
      .describe('Connections that read a segmented dump side by side; chosen from the size of the task when absent'),
    schemaOnlyBeside: z.boolean().default(false).describe('A readable schema-only dump beside each point'),
    cleanIfExists: z.boolean().default(false).describe('--clean --if-exists; plain format only'),
    noOwner: z.boolean().default(false).describe('--no-owner; plain format only'),
    noPrivileges: z.boolean().default(false).describe('--no-acl'),
    noTablespaces: z.boolean().default(false).describe('--no-tablespaces; plain format only'),
    compression: z
      .strictObject({
        method: z.enum(['auto', 'zstd', 'gzip']).default('auto').describe('`auto` is zstd where client and target allow, else gzip'),
        level: z.int().min(1).max(19).optional().describe('Level of the method; gzip knows 1 to 9'),
      })
      .prefault({})
      .describe('How the dump is compressed'),
    stallMinutes: z.int().min(1).max(120).default(10).describe('A task that moved no byte for this long ends itself as stalled'),
  })
  .describe('What pg_dump is asked to do');

/** Restores make databases and give objects their owners: more than a dump may do, so that theirs is a login of its own. */
const PostgresRestore = z
  .strictObject({
    secret: SecretName.describe(
      'Name of the secret, like the source’s, of the role that restores log in as: it may create databases and is a superuser or a member of every role that owns something',
    ),
    approvals: Approvals.optional(),
    rdsUser: z.string().min(1).optional().describe('The database user that restores log in as, with `authentication: rds-iam`'),
    noOwner: z
      .boolean()
      .default(false)
      .describe(
        'Everything restored belongs to that role instead of its owner; of one that replaces a database, to the owner of that, if the role may give it to him',
      ),
    noPrivileges: z.boolean().default(false).describe('What was granted is left out'),
    volumeGiB: z
      .number()
      .positive()
      .optional()
      .describe(
        'Disk of the server that restores go to: one that replaces a database and does not fit is then refused before anything is touched, for PostgreSQL tells nobody how much is free',
      ),
    quiesce: Quiesce.optional(),
    validation: Validation.optional(),
    followUps: z.array(FollowUp).min(1).max(30).optional().describe('What people do after a restore'),
  })
  .describe(
    'How a point becomes a database beside its source. When absent, restores log in with the secret of the source and leave out owners and privileges: a role that only dumps cannot give them',
  );

const Task = z
  .strictObject({
    cpu: z
      .union([z.literal(256), z.literal(512), z.literal(1024), z.literal(2048), z.literal(4096)])
      .default(1024)
      .describe('CPU units; 1024 are one vCPU'),
    memoryMiB: z.int().min(512).max(30720).default(2048).describe('Memory; Fargate has it in steps that depend on the CPU units'),
  })
  .describe('Size of the Fargate tasks');

const EarlierValues = z
  .strictObject({
    key: z.string().describe('One of `needsKeys`'),
    inUse: z
      .string()
      .regex(/^(?:all|P(?:[1-9]\d{0,5}[DWMY]|T[1-9]\d{0,5}[HMS]))$/, '`all`, or a duration of one unit, such as P30D, P12M')
      .describe(
        'For how long after a rotation rows may still be of the value of before, such as P90D; `all` for ever, as with a key ring. A point names those values too, and is not restorable without them',
      ),
  })
  .describe('How long values of a needed key stay in use after they are replaced');

export const PostgresAsset = z
  .strictObject({
    ...AssetCommon,
    kind: z.literal('postgres').describe('A PostgreSQL database'),
    source: PostgresSource,
    dump: DumpOptions.prefault({}),
    restore: PostgresRestore.optional(),
    schedule: Schedule,
    retention: Retention,
    lock: Lock,
    drill: Drill,
    needsKeys: z.array(z.string()).default([]).describe('Key assets without which a restored database is unreadable'),
    earlierValues: z
      .array(EarlierValues)
      .min(1)
      .optional()
      .describe('Of needed keys whose earlier values stay in use; of the others they do not'),
    task: Task.prefault({}),
    tier: AssetTier.optional(),
    expected: Expected.optional(),
  })
  .describe('A PostgreSQL database');
export type PostgresAsset = z.infer<typeof PostgresAsset>;

export const Asset = z.discriminatedUnion('kind', [PostgresAsset, KeyAsset]).describe('One thing to protect');
export type Asset = z.infer<typeof Asset>;
