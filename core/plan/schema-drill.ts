/** How a drill of a PostgreSQL asset is done and what it must find. */
import * as z from 'zod';
import { Application } from './schema-application.ts';
import { KeyCanary } from './schema-canary.ts';
import { Duration, Schedule } from './schema-parts.ts';

const ExtensionName = z.string().min(1).max(63);

export const DrillCheck = z
  .strictObject({
    name: z.string().min(1).describe('What is checked, as evidence and report show it'),
    sql: z.string().min(1).describe('One SELECT that returns one number'),
    compare: z.enum(['=', '!=', '<', '<=', '>', '>=']).default('>=').describe('How the number is compared with `expect`'),
    expect: z.number().describe('The number on the right of the comparison'),
  })
  .describe('One SQL check of a drill; only its number is recorded, never a row');
export type DrillCheck = z.infer<typeof DrillCheck>;

const RowCountCheck = z
  .strictObject({
    table: z.string().min(1).describe('`schema.table`; of a partitioned table the rows of all partitions'),
    against: z.literal('verified').default('verified').describe('What the rows are compared with: what verify counted in the archive'),
    tolerancePercent: z.number().min(0).max(100).default(0).describe('Rows more or fewer than this are a failure'),
  })
  .describe('Rows of a restored table against the archive’s own count');

export const Drill = z
  .strictObject({
    schedule: Schedule,
    fromReplica: Schedule.optional().describe(
      'When a point of the replica vault is drilled besides, in the second region and with nothing of the home region',
    ),
    period: Duration.describe('The longest time between two passed drills'),
    jobs: z.int().min(1).max(16).default(4).describe('Parallel jobs of pg_restore'),
    checks: z.array(DrillCheck).min(1).describe('SQL checks of the restored database'),
    rowCounts: z
      .array(RowCountCheck)
      .default([])
      .describe(
        'Tables named in evidence one by one, or with a tolerance; every other table must have exactly the rows that verify counted',
      ),
    canaries: z.array(KeyCanary).default([]).describe('Encrypted values that must open with the escrowed key'),
    extensions: z
      .strictObject({
        install: z.array(ExtensionName).default([]).describe('Extensions to create before the restore'),
        skip: z.array(ExtensionName).default([]).describe('Extensions to leave out of the restore'),
      })
      .prefault({})
      .describe('Extensions to create before the restore, and to leave out of it'),
    application: Application.optional(),
    throwawayMemoryMiB: z.int().min(256).default(1024).describe('Memory of the ephemeral database'),
  })
  .describe('A restore into an ephemeral database, on a schedule');
export type Drill = z.infer<typeof Drill>;
