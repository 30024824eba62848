/**
 * The protection plan: what a system's owner and its operator agreed. One YAML file per system, one schema, no second definition
 * of any field. Everything that reads a plan reads it through `ProtectionPlan`.
 */
import { z } from 'zod';

const slug = (what: string, maxLength: number) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, `${what} is lower-case letters, digits and single hyphens, and starts with a letter`)
    .max(maxLength, `${what} has at most ${maxLength} characters: it becomes part of bucket and role names`);

/** An ISO 8601 duration of one unit, for example `PT1H`, `P30D`, `P12M`. Kept as written: a month has no fixed length. */
export const Duration = z
  .string()
  .regex(/^P(?:\d+[DWMY]|T\d+[HMS])$/, 'a duration of one unit, such as PT15M, PT1H, P30D, P12M')
  .describe('ISO 8601 duration of one unit: PT15M, PT1H, P30D, P12M');
export type Duration = z.infer<typeof Duration>;

export const Region = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region, such as eu-central-1')
  .describe('AWS region');

const Role = z.string().min(1).describe('An IAM role name or ARN');

export const Schedule = z
  .strictObject({
    cron: z.string().describe('The six fields of EventBridge Scheduler: minutes hours day-of-month month day-of-week year; `?` in one of the two day fields; Sunday is 1'),
    timeZone: z.string().default('UTC').describe('IANA time zone that the cron is read in'),
    longestRun: Duration.default('PT1H').describe('The longest that one run may take; the machine ends it after that'),
  })
  .describe('When a run starts');
export type Schedule = z.infer<typeof Schedule>;

export const Objectives = z.strictObject({
  rpo: Duration.describe('Most data, in time, that may be lost'),
  rto: Duration.describe('Longest time until the asset is usable again'),
});

export const Retention = z
  .strictObject({
    hot: Duration.describe('How long every point is kept in the hot storage class'),
    monthly: Duration.optional().describe('How long the first point of a month is kept'),
    keepProven: z.int().min(1).default(2).describe('Never fewer than this many proven points, whatever their age'),
    statedLimit: Duration.optional().describe('The longest that data-protection rules let a copy of this data live'),
  })
  .describe('How long points are kept');

export const Lock = z
  .strictObject({
    mode: z.enum(['governance', 'compliance']).default('governance'),
    length: Duration.describe('How long each point is locked against deletion, from its commit'),
    longestDetection: Duration.describe('The longest that damage goes unnoticed: the lock must outlast it'),
    acknowledgedUntil: z.iso.date().optional().describe('For compliance mode: the date until which, knowingly, nothing can be deleted'),
  })
  .describe('S3 Object Lock');

export const DeclaredGap = z
  .strictObject({
    id: z.string().optional().describe('The requirement that is not met, such as IDA-2'),
    what: z.string().min(10).describe('What is promised elsewhere and not done by this plan'),
    reason: z.string().min(10).describe('Why, and until when'),
    bound: Duration.optional().describe('What holds meanwhile: the RPO or drill period that is met with the gap'),
    objective: z.enum(['rpo', 'rto', 'drill']).optional().describe('The objective that `bound` stands in for'),
  })
  .describe('Something that the plan knowingly does not do; shows as amber');
export type DeclaredGap = z.infer<typeof DeclaredGap>;

const SqlName = z.string().min(1).max(63);

export const DrillCheck = z
  .strictObject({
    name: z.string().min(1),
    sql: z.string().min(1).describe('One SELECT that returns one number'),
    compare: z.enum(['=', '!=', '<', '<=', '>', '>=']).default('>='),
    expect: z.number(),
  })
  .describe('One SQL check of a drill; only its number is recorded, never a row');
export type DrillCheck = z.infer<typeof DrillCheck>;

export const RowCountCheck = z.strictObject({
  table: z.string().min(1).describe('schema.table'),
  against: z.literal('verified').default('verified').describe('What verify counted in the archive'),
  tolerancePercent: z.number().min(0).max(100).default(0),
});

export const KeyCanary = z
  .strictObject({
    key: z.string().describe('A key asset of this plan'),
    sql: z.string().min(1).describe('One SELECT that returns one encrypted value as bytea or text'),
    layout: z.enum(['iv-tag-ciphertext', 'iv-ciphertext-tag']).default('iv-tag-ciphertext').describe('Order of the parts of an AES-256-GCM value'),
    encoding: z.enum(['bytea', 'hex', 'base64']).default('bytea'),
    ivBytes: z.int().min(12).max(16).default(12),
    keyEncoding: z.enum(['hex', 'base64', 'utf8']).default('hex').describe('How the 32-byte key stands in the secret'),
  })
  .describe('A value of the restored database that must open with the escrowed key');
export type KeyCanary = z.infer<typeof KeyCanary>;

export const Drill = z
  .strictObject({
    schedule: Schedule,
    period: Duration.describe('The longest time between two passed drills'),
    jobs: z.int().min(1).max(16).default(4).describe('Parallel jobs of pg_restore'),
    checks: z.array(DrillCheck).min(1),
    rowCounts: z.array(RowCountCheck).default([]),
    canaries: z.array(KeyCanary).default([]),
    extensions: z
      .strictObject({ install: z.array(SqlName).default([]), skip: z.array(SqlName).default([]) })
      .prefault({})
      .describe('Extensions to create before the restore, and to leave out of it'),
    throwawayMemoryMiB: z.int().min(256).default(1024).describe('Memory of the ephemeral database'),
  })
  .describe('A restore into an ephemeral database, on a schedule');
export type Drill = z.infer<typeof Drill>;

export const PostgresSource = z.strictObject({
  secret: z.string().min(1).describe('Name of the Secrets Manager secret with host, port, dbname, username and password'),
  authentication: z.enum(['password', 'rds-iam']).default('password'),
  tls: z.enum(['verify-full', 'verify-ca', 'require', 'disable']).default('verify-full').describe('libpq sslmode'),
  ca: z.enum(['rds', 'secret', 'system']).default('rds').describe('Where the certificate authority stands: the RDS bundle of the image, the field `ca` of the secret, or the system store'),
  postgresMajor: z.int().min(13).max(18).describe('Major version of the server; the image brings programs of the same'),
});

export const DumpOptions = z
  .strictObject({
    format: z.enum(['custom', 'plain']).default('custom'),
    schemaOnlyBeside: z.boolean().default(false).describe('A readable schema-only dump beside each point'),
    cleanIfExists: z.boolean().default(false).describe('--clean --if-exists'),
    noOwner: z.boolean().default(false),
    noPrivileges: z.boolean().default(false),
    noTablespaces: z.boolean().default(false),
    compression: z
      .strictObject({ method: z.enum(['auto', 'zstd', 'gzip']).default('auto'), level: z.int().min(1).max(19).optional() })
      .prefault({})
      .describe('`auto` is zstd where client and target allow, else gzip'),
    stallMinutes: z.int().min(1).max(120).default(10).describe('A task that moved no byte for this long ends itself as stalled'),
  })
  .describe('What pg_dump is asked to do');

const Task = z
  .strictObject({
    cpu: z.union([z.literal(256), z.literal(512), z.literal(1024), z.literal(2048), z.literal(4096)]).default(1024),
    memoryMiB: z.int().min(512).max(30720).default(2048),
  })
  .describe('Size of the Fargate tasks');

const AssetCommon = {
  id: slug('an asset id', 20).describe('Name of the asset; part of object keys'),
  description: z.string().optional(),
  owner: z.string().optional().describe('Owner of this asset, when it is not the plan’s'),
  objectives: Objectives,
  gaps: z.array(DeclaredGap).default([]),
};

export const PostgresAsset = z
  .strictObject({
    ...AssetCommon,
    kind: z.literal('postgres'),
    source: PostgresSource,
    dump: DumpOptions.prefault({}),
    schedule: Schedule,
    retention: Retention,
    lock: Lock,
    drill: Drill,
    needsKeys: z.array(z.string()).default([]).describe('Key assets without which a restored database is unreadable'),
    task: Task.prefault({}),
  })
  .describe('A PostgreSQL database');
export type PostgresAsset = z.infer<typeof PostgresAsset>;

export const KeyAsset = z
  .strictObject({
    ...AssetCommon,
    kind: z.literal('key'),
    source: z.strictObject({
      secret: z.string().min(1).describe('Name of the Secrets Manager secret'),
      field: z.string().optional().describe('JSON field of the secret; the whole value when absent'),
    }),
    escrow: z
      .strictObject({ online: z.literal(true).default(true), schedule: Schedule })
      .describe('Recoverable copies of the key'),
  })
  .describe('A key that must never be lost');
export type KeyAsset = z.infer<typeof KeyAsset>;

export const Asset = z.discriminatedUnion('kind', [PostgresAsset, KeyAsset]);
export type Asset = z.infer<typeof Asset>;

const Subnets = z.array(z.string().regex(/^subnet-[0-9a-f]+$/)).min(1);

export const Network = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('existing'),
      vpcId: z.string().regex(/^vpc-[0-9a-f]+$/),
      availabilityZones: z.array(z.string()).min(1),
      sourceSubnets: Subnets.describe('Subnets from which dump and restore reach the database'),
      isolatedSubnets: Subnets.describe('Subnets of verify and drill: routes to the S3 gateway and interface endpoints alone'),
      databaseSecurityGroup: z.string().regex(/^sg-[0-9a-f]+$/),
    }),
    z.strictObject({ kind: z.literal('new'), cidr: z.string().default('10.83.0.0/24') }),
  ])
  .describe('Where the tasks run');

export const ProtectionPlan = z
  .strictObject({
    version: z.literal(1),
    system: slug('a system name', 16).describe('Name of the system; part of every resource name'),
    description: z.string().optional(),
    owner: z.string().min(1).describe('Who owns the data'),
    operator: z.string().min(1).describe('Who runs the backups'),
    roles: z.strictObject({ requesters: z.array(Role).min(1), approvers: z.array(Role).min(1) }).describe('Who may ask for a restore and who may approve it'),
    classification: z.enum(['public', 'internal', 'confidential', 'restricted']),
    home: z.strictObject({ region: Region, account: z.string().regex(/^\d{12}$/).optional() }),
    replica: z.strictObject({ region: Region, account: z.string().regex(/^\d{12}$/).optional() }),
    sourceAccount: z.string().regex(/^\d{12}$/).optional().describe('Account of the databases, when it is known'),
    network: Network,
    alarmTopic: z.string().startsWith('arn:').optional().describe('An existing SNS topic for failures; one is made when absent'),
    evidence: z.strictObject({ retention: Duration.default('P10Y') }).prefault({}),
    assets: z.array(Asset).min(1),
    gaps: z.array(DeclaredGap).default([]),
  })
  .describe('A protection plan');
export type ProtectionPlan = z.infer<typeof ProtectionPlan>;
