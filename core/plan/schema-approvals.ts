/** Who else has to agree before a restore begins, and how long it waits for them. */
import * as z from 'zod';
import { Duration } from './schema-parts.ts';

/** More people than that are hard to find on the day on which a restore is needed. */
const MOST_PEOPLE = 5;

export const Approvals = z
  .strictObject({
    needed: z
      .int()
      .min(1)
      .max(MOST_PEOPLE)
      .default(1)
      .describe('People who have to approve a restore that replaces something, its undo, and the end of what it kept; never who asked'),
    beside: z
      .int()
      .min(0)
      .max(MOST_PEOPLE)
      .default(0)
      .describe('People who have to approve a restore into a new database beside its source'),
    expiry: Duration.default('PT24H').describe('How long a request waits for its approvals'),
  })
  .describe('Approvals by people whose roles are named in `roles.approvers`; where nobody can say who asked, one more is needed');
export type Approvals = z.infer<typeof Approvals>;
