/** What the restore machine and the functions that stop and put back say to one another, and what they keep in the vault. */
import * as z from 'zod';
import { Quiesce, QuiesceStep } from '../plan/schema-quiesce.ts';
import { parseJson } from '../parse-json.ts';
import { isRun } from '../vault/ids.ts';

/** What a step found before it stopped anything: what is put back is exactly this. */
export const Remembered = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ecs-services'),
    services: z.array(
      z.strictObject({
        service: z.string(),
        desiredCount: z.int(),
        /** Absent where the service has no scalable target. */
        suspended: z.strictObject({ in: z.boolean(), out: z.boolean(), scheduled: z.boolean() }).optional(),
      }),
    ),
  }),
  /** `running`: what ran on the host; a host on which nothing ran is not started. */
  z.strictObject({ kind: z.literal('ssm-document'), hosts: z.array(z.strictObject({ id: z.string(), running: z.array(z.string()) })) }),
  z.strictObject({ kind: z.literal('lambda'), state: z.enum(['running', 'stopped']) }),
  z.strictObject({ kind: z.literal('manual') }),
]);
export type Remembered = z.infer<typeof Remembered>;

/** `restores/<system>/<asset>/<run>/quiesce-<nn>-stopping.json`: written before anything is stopped. The step itself stands in it. */
export const StoppingPaper = z.strictObject({
  format: z.literal('holdfast/quiesce-stopping/v1'),
  run: z.string(),
  /** ARN of the execution that stops it; earlier papers have none. */
  execution: z.string().optional(),
  number: z.int(),
  /** When it is its turn to be put back, from 0. */
  turn: z.int(),
  step: QuiesceStep,
  remembered: Remembered,
  at: z.iso.datetime({ offset: false }),
  /** The run that had stopped it and never put it back: what it had remembered is remembered here. */
  takenOverFrom: z.string().optional(),
  /** What an earlier run has stopped and the plan no longer names: this run puts it back, and stops nothing of it. */
  isLeft: z.literal(true).optional(),
});
export type StoppingPaper = z.infer<typeof StoppingPaper>;

/** `…/quiesce-<nn>-resumed.json`: it is as it was, or somebody has changed it since. Nothing is put back a second time. */
export const ResumedPaper = z.strictObject({
  format: z.literal('holdfast/quiesce-resumed/v1'),
  run: z.string(),
  number: z.int(),
  at: z.iso.datetime({ offset: false }),
  how: z.string(),
  /** The run that has taken it over, where it was not put back by this one. */
  by: z.string().optional(),
});
export type ResumedPaper = z.infer<typeof ResumedPaper>;

/** A step that goes on over several calls keeps here what it waits for. Opaque to the machine. */
const Progress = z.record(z.string(), z.unknown());
export type Progress = z.infer<typeof Progress>;

/** The plan's part comes as text: a machine's definition would read braces in it as an expression. */
const quiesceText = z.string().transform((text, context) => {
  const parsed = Quiesce.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  context.addIssue({ code: 'custom', message: 'is not the plan’s list of what is stopped' });
  return z.NEVER;
});

/** Parts of keys: a resume by hand brings them from outside. */
const OfRun = {
  asset: z.string().regex(/^[a-z][a-z0-9-]{0,23}$/, 'is the id of an asset'),
  run: z.string().refine(isRun, 'is the id of a run, such as 20261121T020000Z-0a1b2c'),
};
const OfStep = { ...OfRun, execution: z.string(), quiesce: quiesceText, number: z.int().min(0), progress: Progress };
export const StopRequest = z.object(OfStep);
/** `told`: whether everything was told to stop; the same is called again when not. */
export const StopAnswer = z.object({ told: z.boolean(), waitSeconds: z.int(), progress: Progress });
export type StopAnswer = z.infer<typeof StopAnswer>;

export const CheckRequest = z.object(OfStep);
/** `next` is -1 when the last step has stopped. */
export const CheckAnswer = z.object({ stopped: z.boolean(), next: z.int(), waitSeconds: z.int(), progress: Progress });
export type CheckAnswer = z.infer<typeof CheckAnswer>;

/** What became of one step, for evidence and messages. */
export const PutBack = z.strictObject({ name: z.string(), putBack: z.boolean(), how: z.string() });
export type PutBack = z.infer<typeof PutBack>;

/** `failed`: whether the restore did; then only what the plan says is put back. */
export const StartRequest = z.object({
  ...OfRun,
  execution: z.string(),
  failed: z.boolean(),
  /** Whether another run is named, by a person. */
  byHand: z.boolean().default(false),
  progress: Progress,
});
export const StartAnswer = z.object({
  done: z.boolean(),
  waitSeconds: z.int(),
  progress: Progress,
  /** Whether all that was stopped is as it was. */
  complete: z.boolean(),
  message: z.string(),
});
export type StartAnswer = z.infer<typeof StartAnswer>;

export const QuiesceEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string() });
/** `DOCUMENT`: name of the document that is deployed with the plan; `ALARM_TOPIC_ARN`: where people are told what they are to do. */
export const StoppingEnvironment = QuiesceEnvironment.extend({ DOCUMENT: z.string(), ALARM_TOPIC_ARN: z.string() });
export const CheckingEnvironment = QuiesceEnvironment.extend({ DOCUMENT: z.string() });
