import { z } from 'zod';
import { HoldfastError } from '../core/failure/error.ts';
import { findUndoObstacle } from '../core/restore/undo-obstacle.ts';
import { AS_OPTION, askFirst, PersonName } from './ask-first.ts';
import { RESTORING_EXITS, startRestore } from './restore.ts';
import { whenStopped } from './restore/when-stopped.ts';
import { sayWord, wordInput } from './sign-off/word.ts';
import { STARTING_OPTIONS, startingInput } from './start-machine.ts';
import { defineVerb, type Context } from './verb.ts';

export const restoreUndo = defineVerb({
  name: 'restore undo',
  summary: 'Put back the database that a restore in place has kept; what had been restored is kept instead',
  positionals: [{ name: 'run', help: 'the run of the restore: the restore names it at its end', isRequired: true }],
  options: [AS_OPTION, ...STARTING_OPTIONS],
  isRemote: true,
  examples: ['npx holdfast restore undo 20261121T091500Z-3fa9c1'],
  exits: RESTORING_EXITS,
  input: z.strictObject({ run: wordInput.run.optional(), as: PersonName, ...startingInput }).superRefine(({ run, watch }, problems) => {
    if (run === undefined && watch === undefined) problems.addIssue({ code: 'custom', path: ['run'], message: 'is missing' });
  }),
  async run(context, { run, as, ...wishes }) {
    const stopped = { whenStopped: whenStopped(context, { target: 'in-place' }) };
    if (run === undefined) return startRestore(context, { input: {}, wishes, ...stopped });
    await refuseWhatIsGone(context, run, as);
    const input = { undo: run };
    const asked = askFirst(context, { target: 'in-place', input, place: 'vault', person: as });
    return startRestore(context, { input, wishes, askFirst: asked, ...stopped });
  },
});

class NotUndoable extends HoldfastError {
  readonly failure = 'BadInput';
}

/** Before anybody is asked to agree. The machine looks again. Throws NotUndoable. */
async function refuseWhatIsGone(context: Context, run: string, as: string | undefined): Promise<void> {
  const { database, ...restore } = await sayWord(context, { action: 'look', run }, { from: 'vault', as });
  // Without one it has left no record yet, which the machine says.
  const obstacle = database === undefined ? undefined : findUndoObstacle({ database, ...restore });
  if (obstacle) throw new NotUndoable(`Nothing is undone: ${obstacle.why}`, obstacle.advice);
}
