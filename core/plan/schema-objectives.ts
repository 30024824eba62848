/** What is promised of an asset, what drills made of it, and what a recovery is expected to take. */
import * as z from 'zod';
import { Duration } from './schema-parts.ts';

const Instant = z.iso.datetime({ offset: true });
const Seconds = z.int().min(1);

const ByObjective = <S extends z.ZodType>(one: S, what: string) =>
  z
    .strictObject({ rpo: one.optional().describe('Of the RPO'), rto: one.optional().describe('Of the RTO') })
    .optional()
    .describe(what);

const Measured = z.strictObject({
  seconds: Seconds.describe('What the drill measured'),
  drill: z.string().min(1).describe('Run of that drill, by which its evidence is found'),
  was: Duration.describe('The target that it missed, which this one replaced'),
});

const Accepted = z.strictObject({
  seconds: Seconds.describe('What was measured, and accepted'),
  by: z.string().trim().min(1).max(200).describe('Who accepted it for the system’s owner'),
  at: Instant.describe('When it was accepted'),
});

export const Objectives = z
  .strictObject({
    rpo: Duration.describe('Most data, in time, that may be lost'),
    rto: Duration.describe('Longest time until the asset is usable again'),
    measured: ByObjective(
      Measured,
      'Why a target is what it is now: a drill took longer than the one before. Written by `npx holdfast objectives --write`',
    ),
    accepted: ByObjective(Accepted, 'Who took what was measured for the new target; amber until then'),
  })
  .describe('What the owner expects; always shown beside what was measured');

/** For as long as no drill has measured anything, and for what none can: people. */
export const Expected = z
  .strictObject({
    sizeGiB: z.number().positive().describe('Size of the database'),
    objects: z.int().min(0).optional().describe('How many objects it holds, by which a tier of sizes is chosen'),
    networkMiBps: z
      .number()
      .positive()
      .optional()
      .describe('MiB a second that the slowest part of the path from the vault to the target carries'),
    restoreMiBps: z.number().positive().default(25).describe('MiB of database a second that the target restores'),
    detection: Duration.optional().describe('From the loss until somebody knows of it'),
    approval: Duration.optional().describe('Until the restore is approved'),
    manual: Duration.optional().describe('Everything that people do by hand meanwhile, and afterwards until the asset is usable'),
    validation: Duration.optional().describe('Until it is validated'),
  })
  .describe('What a recovery is expected to take; the RTO is judged by it until drills measured it');
export type Expected = z.infer<typeof Expected>;
