import { z } from 'zod';
import { readRecord } from '../adapters/vault/read-records.ts';
import { HoldfastError } from '../core/failure/error.ts';
import { parseJson } from '../core/parse-json.ts';
import { RestoreOutput, RestoreResult } from '../core/restore/result.ts';
import { AS_OPTION, askFirst, PersonName } from './ask-first.ts';
import type { VaultPlace } from './connection.ts';
import { UsageWrong } from './errors.ts';
import { lookForLost } from './look-for-lost.ts';
import { openPoints } from './points.ts';
import { sayWaiting } from './requests/say-waiting.ts';
import { previewRestore } from './restore/preview.ts';
import { renderPreview } from './restore/render-preview.ts';
import { findRequestProblems, REQUEST_OPTIONS, REQUEST_POINT, requestInput, requestOf } from './restore/request.ts';
import { whenStopped } from './restore/when-stopped.ts';
import { STARTING_EXITS, STARTING_OPTIONS, startAndWatch, startingInput } from './start-machine.ts';
import { defineVerb } from './verb.ts';
import type { Context } from './verb.ts';

export const RESTORING_EXITS = [
  ...STARTING_EXITS,
  'NotApproved',
  'DecisionRefused',
  'PointMissing',
  'PointDamaged',
  'PointArchived',
  'Stalled',
  'RestoreFailed',
  'CheckFailed',
  'TargetUnreachable',
  'TargetNotEmpty',
  'TargetRefused',
  'DiskFull',
  'TooLittleTime',
  'NotSaved',
  'QuiesceFailed',
  'NotResumed',
] as const;

export const restore = defineVerb({
  name: 'restore',
  summary: 'Restore a point: into a new database beside its source, or in the place of one that is there',
  positionals: [REQUEST_POINT],
  options: [
    {
      flags: '--preview',
      help: 'change nothing: say what would be restored, where to, what is stopped, who must agree, and how long it takes',
    },
    ...REQUEST_OPTIONS,
    AS_OPTION,
    ...STARTING_OPTIONS,
  ],
  isRemote: true,
  examples: [
    'npx holdfast restore latest --to ida_restored',
    'npx holdfast restore postgres/20261121T020000Z --to ida_before_friday',
    'npx holdfast restore 2026-11-20T12:00:00Z --to ida_on_friday',
    'npx holdfast restore latest-proven --target in-place --preview',
    'npx holdfast restore latest-proven --target in-place',
    'npx holdfast restore latest --to ida_recovered --from replica',
    'npx holdfast restore latest --to ida_users --table public.users --table public.roles',
    'npx holdfast restore latest --to ida_without_log --exclude public.log',
  ],
  exits: RESTORING_EXITS,
  input: z
    .strictObject({ ...requestInput, preview: z.boolean().optional(), as: PersonName, ...startingInput })
    .superRefine(({ watch, ...given }, problems) => {
      // An execution that is only watched has been told already.
      if (watch !== undefined) return;
      findRequestProblems(given, (name, message) => problems.addIssue({ code: 'custom', path: name === '' ? [] : [name], message }));
    }),
  async run(context, { preview, as, detach, watch, stopOnInterrupt, ...given }) {
    const wishes = { detach, watch, stopOnInterrupt };
    if (watch === undefined && given.point !== undefined) {
      const request = requestOf(context, given);
      if (preview) {
        const previewed = await previewRestore(context, request);
        const exit = previewed.problems.length > 0 ? 'BadInput' : undefined;
        return { data: previewed, text: (paint) => renderPreview(previewed, paint), exit };
      }
      await lookForLost(context, { asset: request.asset, point: request.point, from: given.from });
      return startRestore(context, {
        from: given.from,
        input: request,
        wishes,
        askFirst: askFirst(context, {
          assetId: request.asset,
          target: given.target ?? 'beside',
          input: request,
          place: given.from ?? 'vault',
          person: as,
        }),
        whenStopped: whenStopped(context, { target: given.target ?? 'beside', asset: request.asset, to: given.to }),
      });
    }
    if (preview) throw new UsageWrong('restore', ['--preview and --watch exclude each other']);
    return startRestore(context, { from: given.from, input: {}, wishes, whenStopped: whenStopped(context, {}) });
  },
});

type Starting = Pick<Parameters<typeof startAndWatch>[1], 'from' | 'input' | 'wishes' | 'askFirst' | 'whenStopped'>;

/** Also for what becomes of the database that a restore has kept. */
export const startRestore = (context: Context, starting: Starting) =>
  startAndWatch(context, {
    verb: 'restore',
    stage: 'restore',
    sayWaiting: sayWaiting(context, starting.from),
    ...starting,
    async describe(output) {
      const made = RestoreOutput.parse(output);
      const notes = await readNotes(context, made.result, starting.from);
      return {
        data: { ...made, notes },
        text: (paint) =>
          [
            `${paint('green', made.action === 'restore' ? 'restored' : 'done')} ${sentenceOf(made)}`,
            ...(notes ?? ['What is to be known of it could not be read with these credentials: it stands in the evidence']).map(
              (note) => `  ${paint('yellow', 'note')} ${note}`,
            ),
            ...made.remarks.map((remark) => `  ${paint('yellow', 'note')} ${remark}`),
            ...nextOf(made).map((next) => `  ${next}`),
            `Evidence: ${made.result}`,
          ].join('\n'),
      };
    },
  });

function sentenceOf({ action, target, asset, point, database, kept }: RestoreOutput): string {
  if (action === 'undo') return `${database} is what it was before the restore; what had been restored is kept as ${kept}`;
  if (action === 'finish') return `what the restore of ${database} had kept is dropped`;
  return `${asset}/${point} into the ${target === 'beside' ? 'new ' : ''}database ${database}`;
}

function nextOf({ action, target, run, kept, safety }: RestoreOutput): string[] {
  if (action !== 'restore') return [];
  return [
    ...(safety === ''
      ? []
      : [target === 'in-place' ? `The safety backup is the point ${safety}` : `What it was before stands in the point ${safety}`]),
    ...(kept === '' ? [] : [`The old database is kept as ${kept}. Put it back: npx holdfast restore undo ${run}`]),
    `Look at it, do what is left to do, and sign it off: npx holdfast restore signoff ${run}`,
  ];
}

const Noted = RestoreResult.pick({ notes: true, validation: true }).loose();

/** Undefined when the record cannot be read: the restore is done all the same. */
async function readNotes(context: Context, key: string, from: VaultPlace = 'vault'): Promise<string[] | undefined> {
  try {
    const vault = await openPoints(context, from);
    const record = await vault.reading(() => readRecord(vault.reader, key));
    if (record === undefined) return undefined;
    const { notes, validation } = Noted.parse(parseJson(record.body));
    return [...notes, ...(validation?.unchecked === undefined ? [] : [validation.unchecked])];
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return undefined;
  }
}
