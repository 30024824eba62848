import { z } from 'zod';
import { AS_OPTION, askFirst, PersonName } from './ask-first.ts';
import { RESTORING_EXITS, startRestore } from './restore.ts';
import { whenStopped } from './restore/when-stopped.ts';
import { STARTING_OPTIONS, startingInput } from './start-machine.ts';
import { defineVerb } from './verb.ts';

export const restoreUndo = defineVerb({
  name: 'restore undo',
  summary: 'Put back the database that a restore in place has kept; what had been restored is kept instead',
  positionals: [{ name: 'run', help: 'the run of the restore: the restore names it at its end', isRequired: true }],
  options: [AS_OPTION, ...STARTING_OPTIONS],
  isRemote: true,
  examples: ['npx holdfast restore undo 20261121T091500Z-3fa9c1'],
  exits: RESTORING_EXITS,
  input: z.strictObject({ run: z.string().optional(), as: PersonName, ...startingInput }).superRefine(({ run, watch }, problems) => {
    if (run === undefined && watch === undefined) problems.addIssue({ code: 'custom', path: ['run'], message: 'is missing' });
  }),
  run(context, { run, as, ...wishes }) {
    const stopped = { whenStopped: whenStopped(context, { target: 'in-place' }) };
    if (run === undefined) return startRestore(context, { input: {}, wishes, ...stopped });
    const input = { undo: run };
    const asked = askFirst(context, { target: 'in-place', input, place: 'vault', person: as });
    return startRestore(context, { input, wishes, askFirst: asked, ...stopped });
  },
});
