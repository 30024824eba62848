import { z } from 'zod';
import { chooseAsset } from './assets.ts';
import { RESTORING_EXITS } from './restore.ts';
import { RUN_POSITIONAL, wordInput } from './sign-off/word.ts';
import { STARTING_OPTIONS, startAndWatch, startingInput } from './start-machine.ts';
import { defineVerb } from './verb.ts';

const Resumed = z.object({ asset: z.string(), run: z.string(), message: z.string().default('') });

export const restoreResume = defineVerb({
  name: 'restore resume',
  summary: 'Put back what a restore has stopped and left stopped: exactly that, and nothing twice',
  positionals: [RUN_POSITIONAL],
  options: [{ flags: '--asset <asset>', help: 'the database asset (may be left out when the plan has one)' }, ...STARTING_OPTIONS],
  isRemote: true,
  examples: ['npx holdfast restore resume 20261121T091500Z-3fa9c1'],
  exits: RESTORING_EXITS,
  input: z.strictObject({ run: wordInput.run, asset: z.string().optional(), ...startingInput }),
  run(context, { run, asset: wish, ...wishes }) {
    const { id: asset } = chooseAsset(context.plan(), 'postgres', wish, 'restore resume');
    return startAndWatch(context, {
      verb: 'restore resume',
      stage: 'restore',
      input: wishes.watch === undefined ? { resume: run, asset } : {},
      wishes,
      describe(output) {
        const resumed = Resumed.parse(output);
        const what = resumed.message === '' ? `The restore ${run} has left nothing stopped` : resumed.message;
        return { data: resumed, text: (paint) => `${paint('green', 'done')} ${what}` };
      },
    });
  },
});
