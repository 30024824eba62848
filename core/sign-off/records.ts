/** What people say of a restore: what they looked at and did, and, in the end, that it is good. */
import * as z from 'zod';
import { Caller } from '../approval/caller.ts';
import { ManualCheck } from '../plan/schema-validation.ts';
import { FollowUp } from '../plan/schema-follow-ups.ts';
import { RestoreTarget } from '../restore/target.ts';
import { RecoveryTimes } from '../restore/times.ts';
import { evidenceKey, restorePaperKey } from '../vault/keys.ts';

const Instant = z.iso.datetime({ offset: false });

/** What the plan leaves to people after a restore, as it was when the restore was made. */
export const LeftToPeople = z.strictObject({ checks: z.array(ManualCheck), followUps: z.array(FollowUp) });
export type LeftToPeople = z.infer<typeof LeftToPeople>;
export const NOTHING_LEFT: LeftToPeople = { checks: [], followUps: [] };

export const Part = z.enum(['stop', 'start']);
export type Part = z.infer<typeof Part>;

const said = {
  note: z.string().optional(),
  by: Caller,
  at: Instant,
};
/** `restores/<system>/<asset>/<run>/ticked-check-<nn>.json`, `ticked-follow-up-<nn>.json`, and `ticked-<nn>-stop|start.json` of a step of the plan’s `quiesce` */
export const Tick = z.strictObject({
  format: z.literal('holdfast/tick/v1'),
  run: z.string(),
  kind: z.enum(['check', 'follow-up', 'step']),
  name: z.string(),
  /** Of a step: whether it was stopped or put back. */
  part: Part.optional(),
  /** Of a follow-up: how long the asset could not be used for it. */
  tookSeconds: z.number().optional(),
  ...said,
});
export type Tick = z.infer<typeof Tick>;

/** `evidence/<system>/<YYYY>/sign-off-<run>.json`, of the run of the restore */
export const SignOff = z.strictObject({
  format: z.literal('holdfast/sign-off/v1'),
  system: z.string(),
  asset: z.string(),
  point: z.string(),
  run: z.string(),
  target: RestoreTarget,
  database: z.string(),
  /** Name of the database that was replaced, which may go from now on. */
  kept: z.string().optional(),
  /** Of the bytes of the restore’s own record. */
  resultSha256: z.string(),
  checks: z.array(z.strictObject({ name: z.string(), what: z.string(), ...said })),
  followUps: z.array(z.strictObject({ name: z.string(), kind: z.string(), what: z.string(), seconds: z.number().optional(), ...said })),
  /** Of the restore, with what only people know: since when it was needed, and how long what was left to do took. */
  times: RecoveryTimes.optional(),
  ...said,
});
export type SignOff = z.infer<typeof SignOff>;

export const signOffKey = (system: string, run: string) => evidenceKey(system, 'sign-off', run);

type OfRun = { system: string; asset: string; run: string };
const two = (number: number) => String(number).padStart(2, '0');
/** @param number of the check or follow-up, from 0, in the restore’s record */
export const tickKey = ({ system, asset, run }: OfRun, kind: 'check' | 'follow-up', number: number) =>
  restorePaperKey(system, asset, run, `ticked-${kind}-${two(number)}`);
/** Where somebody says that a step done by hand is done. */
export const stepTickKey = ({ system, asset, run }: OfRun, number: number, part: Part) =>
  restorePaperKey(system, asset, run, `ticked-${two(number)}-${part}`);
/** Of all of these, for policies. */
export const tickPattern = (system: string, run: string) => restorePaperKey(system, '*', run, 'ticked-*');
