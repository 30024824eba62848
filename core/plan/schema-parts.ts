/** Parts of a protection plan that more than one kind of asset has. */
import * as z from 'zod';

export const slug = (what: string, maxLength: number) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case letters, digits and single hyphens, starting with a letter')
    .max(maxLength, `${what} has at most ${maxLength} characters: it becomes part of bucket and role names`);

/** An ISO 8601 duration of one unit, for example `PT1H`, `P30D`, `P12M`. Kept as written: a month has no fixed length. */
export const Duration = z
  .string()
  .regex(/^P(?:[1-9]\d{0,5}[DWMY]|T[1-9]\d{0,5}[HMS])$/, 'a duration of one unit and at least one of it, such as PT15M, PT1H, P30D, P12M')
  .describe('ISO 8601 duration of one unit: PT15M, PT1H, P30D, P12M');
export type Duration = z.infer<typeof Duration>;

export const Region = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region, such as eu-central-1')
  .describe('AWS region, such as eu-central-1');

export const Account = z
  .string()
  .regex(/^\d{12}$/, 'an AWS account id: twelve digits, in quotes so that YAML keeps leading zeros')
  .describe('AWS account id');

/** Secrets Manager's own rule for names. A name, never an ARN: the second region's stacks compute ARNs of their own. */
export const SecretName = z.string().regex(/^[\w/+=.@-]{1,512}$/, 'the name of a secret (letters, digits and /_+=.@-), not its ARN');

/** Parameter Store's own rule; of a name that is a path the leading slash belongs to it. */
export const ParameterName = z
  .string()
  .regex(/^\/?[\w.-]+(\/[\w.-]+){0,14}$/, 'the name of a parameter (letters, digits, ._- and / between the parts), not its ARN')
  .max(900, 'a parameter name has at most 900 characters');

export const Schedule = z
  .strictObject({
    cron: z
      .string()
      .describe(
        'The six fields of EventBridge Scheduler: minutes hours day-of-month month day-of-week year; `?` in one of the two day fields; Sunday is 1',
      ),
    timeZone: z.string().default('UTC').describe('IANA time zone that the cron is read in'),
    longestRun: Duration.default('PT1H').describe('The longest that one run may take; the machine ends it after that'),
  })
  .describe('When a run starts');
export type Schedule = z.infer<typeof Schedule>;

export const ColdClass = z.enum(['standard-ia', 'glacier-ir', 'glacier-flexible', 'deep-archive']);
export type ColdClass = z.infer<typeof ColdClass>;

const ColdStorage = z
  .strictObject({
    after: Duration.describe('How old a point is when its data moves there'),
    class: ColdClass.describe(
      'S3 storage class; data in `glacier-flexible` and `deep-archive` has to be retrieved before it can be read, which takes hours and counts in the RTO',
    ),
  })
  .describe(
    'Cheaper storage for the data of points that are kept long; records, the newest good, the last and the newest proven points stay',
  );

export const Retention = z
  .strictObject({
    hot: Duration.describe('How long every point is kept'),
    hourly: Duration.optional().describe('How long the first good point of an hour is kept'),
    daily: Duration.optional().describe('How long the first good point of a day is kept'),
    monthly: Duration.optional().describe('How long the first good point of a month is kept'),
    yearly: Duration.optional().describe('How long the first good point of a year is kept'),
    keepLast: z.int().min(1).optional().describe('Never fewer than this many good points, whatever their age'),
    keepProven: z.int().min(1).default(2).describe('Never fewer than this many proven points, whatever their age'),
    forever: z.boolean().default(false).describe('No point ever expires; its lock is renewed once a year, long before it ends'),
    cold: ColdStorage.optional(),
    statedLimit: Duration.optional().describe('The longest that data-protection rules let a copy of this data live'),
  })
  .describe(
    'How long points are kept. Hours, days, months and years are those of the schedule’s time zone; age is counted to the newest good point, so that failed runs expire nothing',
  );
export type Retention = z.infer<typeof Retention>;

export const Lock = z
  .strictObject({
    mode: z
      .enum(['governance', 'compliance'])
      .default('governance')
      .describe('S3 Object Lock mode: compliance cannot be shortened by anybody, the account’s root included'),
    length: Duration.describe(
      'How long each point is locked against deletion, from its commit; a month counts as its longest. The first point of a window is locked until that window ends',
    ),
    longestDetection: Duration.describe('The longest that damage goes unnoticed: the lock must outlast it'),
    acknowledgedUntil: z.iso
      .date()
      .optional()
      .describe(
        'For compliance mode: the date until which, knowingly, nothing can be deleted. It covers the longest lock that a point made today may get',
      ),
  })
  .describe('S3 Object Lock of each point');

export const DeclaredGap = z
  .strictObject({
    id: z.string().optional().describe('The requirement that is not met, such as IDA-2'),
    what: z.string().min(10).describe('What is promised elsewhere and not done by this plan'),
    reason: z.string().min(10).describe('Why, and until when'),
    bound: Duration.optional().describe('What holds meanwhile: the RPO, RTO or drill period that is met with the gap'),
    objective: z.enum(['rpo', 'rto', 'drill']).optional().describe('The objective that `bound` stands in for'),
  })
  .describe('Something that the plan knowingly does not do; shows as amber');
export type DeclaredGap = z.infer<typeof DeclaredGap>;

export const Gaps = z.array(DeclaredGap).default([]);
