import { z } from 'zod';
import { durationSeconds } from '../core/plan/durations.ts';
import { Duration } from '../core/plan/schema-parts.ts';
import { AS_OPTION } from './ask-first.ts';
import { FROM_OPTION } from './points.ts';
import { SIGNED_EXITS } from './exit-codes.ts';
import { RUN_POSITIONAL, sayWord, showRestore, wordInput } from './sign-off/word.ts';
import { defineVerb } from './verb.ts';

export const restoreTick = defineVerb({
  name: 'restore tick',
  summary: 'Say that something a restore leaves to people is done: a check by eye, a follow-up, a step by hand; or list all of it',
  positionals: [
    RUN_POSITIONAL,
    { name: 'what', help: 'name of the check, follow-up or step (all are listed, and nothing changed, when left out)', isRequired: false },
  ],
  options: [
    {
      flags: '--note <text>',
      help: 'what was seen or done, or why it is not needed; it stands in the evidence: no secrets, nothing personal',
    },
    {
      flags: '--took <duration>',
      help: 'of a follow-up: how long the asset could not be used for it, such as PT20M (default: as the plan says)',
    },
    { flags: '--stopped', help: 'of a step by hand: it is stopped, the restore may go on' },
    { flags: '--back', help: 'of a step by hand: it is put back' },
    AS_OPTION,
    FROM_OPTION,
  ],
  isRemote: true,
  examples: [
    'npx holdfast restore tick 20261121T091500Z-3fa9c1',
    'npx holdfast restore tick 20261121T091500Z-3fa9c1 dns --note answers',
    'npx holdfast restore tick 20261121T091500Z-3fa9c1 secrets --took PT35M --note provisioned',
    'npx holdfast restore tick 20261121T091500Z-3fa9c1 partner --stopped',
  ],
  exits: SIGNED_EXITS,
  input: z
    .strictObject({
      ...wordInput,
      what: z.string().min(1).max(80).optional(),
      took: Duration.optional(),
      stopped: z.boolean().default(false),
      back: z.boolean().default(false),
    })
    .superRefine(({ what, stopped, back, note, took }, problems) => {
      const say = (path: string, message: string) => problems.addIssue({ code: 'custom', path: [path], message });
      if (stopped && back) say('back', 'and --stopped exclude each other');
      if (what === undefined && (stopped || back || note !== undefined || took !== undefined)) say('what', 'is missing');
    }),
  async run(context, { run, what, note, took, stopped, back, ...who }) {
    const word = {
      ...(note === undefined ? {} : { note }),
      ...(took === undefined ? {} : { tookSeconds: durationSeconds(took) }),
      ...(stopped ? { part: 'stop' as const } : back ? { part: 'start' as const } : {}),
    };
    const answer = await sayWord(context, what === undefined ? { action: 'look', run } : { action: 'tick', run, name: what, ...word }, who);
    return { data: answer, text: (paint) => showRestore(answer, paint) };
  },
});
