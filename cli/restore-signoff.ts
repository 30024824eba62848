import { z } from 'zod';
import { RestoreOutput } from '../core/restore/result.ts';
import type { SignOffAnswer } from '../core/sign-off/contract.ts';
import { AS_OPTION, askFirst } from './ask-first.ts';
import { isMeant } from './ask-once-more.ts';
import { painter } from './output/paint.ts';
import { FROM_OPTION } from './points.ts';
import { RESTORING_EXITS } from './restore.ts';
import { SIGNED_EXITS } from './exit-codes.ts';
import { sayWaiting } from './requests/say-waiting.ts';
import { isOpen, RUN_POSITIONAL, sayWord, showRestore, wordInput } from './sign-off/word.ts';
import { STARTING_OPTIONS, startAndWatch, startingInput } from './start-machine.ts';
import { defineVerb, type Answer, type Context } from './verb.ts';

const NAME = 'restore signoff';

export const restoreSignoff = defineVerb({
  name: NAME,
  summary: 'Sign off a restore once everything is ticked: it becomes evidence, and the old database that was kept is dropped',
  positionals: [RUN_POSITIONAL],
  options: [
    { flags: '--note <text>', help: 'for whoever reads the evidence: no secrets, nothing personal' },
    {
      flags: '--broken-since <instant>',
      help: 'since when the asset could not be used, such as 2026-11-21T08:40:00Z: a part of the measured RTO',
    },
    { flags: '--yes', help: 'do not ask once more' },
    AS_OPTION,
    FROM_OPTION,
    ...STARTING_OPTIONS,
  ],
  isRemote: true,
  examples: [
    'npx holdfast restore signoff 20261121T091500Z-3fa9c1',
    'npx holdfast restore signoff 20261121T091500Z-3fa9c1 --broken-since 2026-11-21T08:40:00Z --yes',
  ],
  exits: ['ProblemsFound', ...new Set([...RESTORING_EXITS, ...SIGNED_EXITS])],
  input: z.strictObject({
    ...wordInput,
    brokenSince: z.iso.datetime({ offset: true, error: 'is an instant such as 2026-11-21T08:40:00Z' }).optional(),
    yes: z.boolean().default(false),
    ...startingInput,
  }),
  async run(context, { run, note, brokenSince, yes, as, from, ...wishes }): Promise<Answer> {
    const who = { from, as };
    const input = { finish: run };
    if (wishes.watch !== undefined) return keep(context, { input, from, wishes });
    const found = await sayWord(context, { action: 'look', run }, who);
    if (found.signed !== undefined && found.droppedBy !== undefined)
      return { data: found, text: (paint) => `${showRestore(found, paint)}\n\nNothing is left to do, and nobody was asked` };
    if (found.signed === undefined) {
      if (found.undoneBy !== undefined) return { data: found, text: (paint) => showRestore(found, paint), exit: 'ProblemsFound' };
      if (found.items.some((item) => item.kind !== 'step' && isOpen(item)))
        return {
          data: found,
          text: (paint) => `${showRestore(found, paint)}\n\nIt is signed off once all of this is ticked`,
          exit: 'ProblemsFound',
        };
      context.tell(showRestore(found, painter(context.frame.stderr, context.frame.environment)));
      if (!yes && !(await isMeant(context, { verb: NAME, word: 'good', what: 'sign off this restore' })))
        return { data: { ...found, status: 'not signed' }, text: () => 'Nothing was signed', exit: 'StoppedWatching' };
    }
    const said = { ...(note === undefined ? {} : { note }), ...(brokenSince === undefined ? {} : { brokenSince }) };
    const signed = found.signed === undefined ? await sayWord(context, { action: 'sign', run, ...said }, who) : found;
    const { kept, target = 'beside', asset: assetId, undoneBy } = signed;
    const isHere = from !== 'replica';
    context.tell(`Signed off by ${signed.signed?.by ?? ''}${kept === undefined ? '' : sayKept(kept, isHere, undoneBy)}`);
    const asked =
      kept === undefined || !isHere || undoneBy !== undefined
        ? undefined
        : askFirst(context, { assetId, target, input, place: from, person: as });
    return keep(context, { input, from, wishes, askFirst: asked, signed });
  },
});

/** The second region touches no database of home's. */
function sayKept(kept: string, isHere: boolean, undoneBy: string | undefined): string {
  if (undoneBy !== undefined) return `. Nothing is dropped: ${undoneBy} has put the old database back`;
  return isHere
    ? `. ${kept} is dropped once that is approved; whoever may ask for restores can ask for it again with the same command`
    : `. ${kept} stays at home until it is signed off there`;
}

type Keeping = Pick<Parameters<typeof startAndWatch>[1], 'input' | 'from' | 'wishes' | 'askFirst'> & { signed?: SignOffAnswer };

/** The machine signs, locks and copies the sign-off, and drops what may go. */
const keep = (context: Context, { signed, ...starting }: Keeping): Promise<Answer> =>
  startAndWatch(context, {
    verb: NAME,
    stage: 'restore',
    sayWaiting: sayWaiting(context, starting.from),
    ...starting,
    describe(output) {
      const done = RestoreOutput.parse(output);
      return {
        data: { ...done, ...(signed === undefined ? {} : { signed: signed.signed, items: signed.items }) },
        text: (paint) =>
          [
            `${paint('green', 'signed off')} the restore of ${done.asset}/${done.point} into ${done.database}`,
            ...(done.action === 'finish' ? ['  The old database is dropped'] : []),
            `Evidence: ${done.result}`,
          ].join('\n'),
      };
    },
  });
