/** How it is found out that what was restored is what people need: by the database, over HTTP, by a login, and by eye. */
import * as z from 'zod';
import { isSlot } from '../vault/ids.ts';
import { DrillCheck } from './schema-drill.ts';
import { CheckName, HttpProbe, LoginProbe } from './schema-probes.ts';

const RowCount = z
  .strictObject({
    table: z
      .string()
      .regex(/^[^.]+\.[^.]+$/, 'schema.table')
      .describe('`schema.table`; of a partitioned table the rows of all partitions'),
    against: z
      .string()
      .refine((text) => text === 'verified' || isSlot(text), '`verified`, or the id of an earlier point such as 20261121T020000Z')
      .default('verified')
      .describe('What the rows are compared with: what verify counted of the point that is restored, or of an earlier point, by its id'),
    tolerancePercent: z.number().min(0).max(100).default(0).describe('Rows more or fewer than this are a failure'),
  })
  .describe('Rows of a restored table against what verify counted');

export const ManualCheck = z
  .strictObject({
    name: CheckName,
    what: z.string().min(10).max(500).describe('What a person looks at, and what has to be seen'),
  })
  .describe('A check by eye, ticked with name and note in the sign-off');
export type ManualCheck = z.infer<typeof ManualCheck>;

export const Validation = z
  .strictObject({
    checks: z.array(DrillCheck).default([]).describe('SQL comparisons in the restored database, before it takes the place of another'),
    rowCounts: z.array(RowCount).default([]).describe('Rows of tables against what verify counted'),
    probes: z.array(HttpProbe).max(20).default([]).describe('Requests over HTTP, once everything was put back'),
    logins: z.array(LoginProbe).max(10).default([]).describe('Logins over HTTP, once everything was put back'),
    manual: z.array(ManualCheck).max(30).default([]).describe('Checks by eye; the restore is signed off when all are ticked'),
  })
  .describe('What has to be right after a restore');
export type Validation = z.infer<typeof Validation>;
