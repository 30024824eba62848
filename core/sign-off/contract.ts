/** What people and the function that takes their word of a restore say to one another. */
import * as z from 'zod';
import { RestoreTarget } from '../restore/target.ts';
import { isRun } from '../vault/ids.ts';
import { Part } from './records.ts';

/** ARNs, comma-separated. */
const Roles = z.string().transform((text) => text.split(','));
export const SignOffEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string(), REQUESTERS: Roles, APPROVERS: Roles });

export const RestoreRun = z.string().refine(isRun, 'is the run of a restore, such as 20261121T091500Z-3fa9c1');
export const Note = z.string().trim().min(3, 'says something, in three characters or more').max(500, 'has at most 500 characters');

export const SignOffRequest = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('look'), run: RestoreRun }),
  z.strictObject({
    action: z.literal('tick'),
    run: RestoreRun,
    name: z.string().min(1).max(80),
    note: Note.optional(),
    part: Part.optional(),
    tookSeconds: z.number().min(0).max(31_536_000).optional(),
  }),
  z.strictObject({
    action: z.literal('sign'),
    run: RestoreRun,
    note: Note.optional(),
    /** Since when the asset could not be used. */
    brokenSince: z.iso.datetime({ offset: true }).optional(),
  }),
]);
export type SignOffRequest = z.infer<typeof SignOffRequest>;

/** Something that is left to people, and who has done it. */
export const Item = z.strictObject({
  kind: z.enum(['check', 'follow-up', 'step']),
  name: z.string(),
  what: z.string(),
  /** In which case, where it is not always. */
  when: z.string().optional(),
  /** How long the plan says that it takes. */
  seconds: z.number().optional(),
  part: Part.optional(),
  ticked: z.strictObject({ by: z.string(), at: z.string(), note: z.string().optional() }).optional(),
});
export type Item = z.infer<typeof Item>;

/** What is known of a restore. `signed`: whose sign-off stands; while a restore goes on `point` and what follows are absent. */
export const SignOffAnswer = z.strictObject({
  run: z.string(),
  asset: z.string(),
  point: z.string().optional(),
  target: RestoreTarget.optional(),
  database: z.string().optional(),
  kept: z.string().optional(),
  /** Point of the safety backup. */
  safety: z.string().optional(),
  /** The runs that put the old database back, and that dropped it. */
  undoneBy: z.string().optional(),
  droppedBy: z.string().optional(),
  items: z.array(Item),
  signed: z.strictObject({ by: z.string(), at: z.string() }).optional(),
});
export type SignOffAnswer = z.infer<typeof SignOffAnswer>;
