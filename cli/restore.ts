import { z } from 'zod';
import { readRecord } from '../adapters/vault/read-records.ts';
import { HoldfastError } from '../core/failure/error.ts';
import { parseJson } from '../core/parse-json.ts';
import type { RestoreInput } from '../core/restore/contract.ts';
import { RestoreOutput, RestoreResult } from '../core/restore/contract.ts';
import { findSelectionProblems, type RestoreSelection } from '../core/restore/selection.ts';
import { findDatabaseNameProblems, quoteIdentifier } from '../core/restore/sql-names.ts';
import { AS_OPTION, askFirst, PersonName } from './ask-first.ts';
import { LATEST, POINT_HELP, choosePoint } from './assets.ts';
import type { VaultPlace } from './connection.ts';
import { lookForLost } from './look-for-lost.ts';
import { openPoints } from './points.ts';
import { STARTING_EXITS, STARTING_OPTIONS, startAndWatch, startingInput } from './start-machine.ts';
import { defineVerb } from './verb.ts';
import type { Context } from './verb.ts';

export const restore = defineVerb({
  name: 'restore',
  summary: 'Restore a point into a new database beside its source; nothing that exists is touched',
  positionals: [{ name: 'point', help: POINT_HELP, isRequired: true }],
  options: [
    {
      flags: '--to <database>',
      help: 'name of the new database; the same restore again goes on with what an earlier one left there half made',
    },
    { flags: '--table <table>', help: 'only this table and what it needs, such as public.users (repeatable)', isRepeatable: true },
    { flags: '--exclude <table>', help: 'not this table, nor what depends on it (repeatable)', isRepeatable: true },
    { flags: '--without-keys', help: 'also a point whose keys nobody could get back: what they encrypted stays unreadable' },
    { flags: '--schema-only', help: 'no rows, large objects or values of sequences' },
    {
      flags: '--from <place>',
      help: 'vault or replica (default: vault); from the replica nothing of the home region is needed: the new database is on the server that the login in the second region names',
    },
    { flags: '--asset <asset>', help: 'the database asset (may be left out when the plan has one)' },
    AS_OPTION,
    ...STARTING_OPTIONS,
  ],
  isRemote: true,
  examples: [
    'npx holdfast restore latest --to ida_restored',
    'npx holdfast restore postgres/20261121T020000Z --to ida_before_friday',
    'npx holdfast restore latest --to ida_recovered --from replica',
    'npx holdfast restore latest --to ida_users --table public.users --table public.roles',
    'npx holdfast restore latest --to ida_without_log --exclude public.log',
  ],
  exits: [
    ...STARTING_EXITS,
    'NotApproved',
    'DecisionRefused',
    'PointMissing',
    'PointDamaged',
    'PointArchived',
    'Stalled',
    'RestoreFailed',
    'TargetUnreachable',
    'TargetNotEmpty',
    'TargetRefused',
    'DiskFull',
    'QuiesceFailed',
    'NotResumed',
  ],
  input: z
    .strictObject({
      point: z.string().optional(),
      to: z.string().optional(),
      from: z.enum(['vault', 'replica'], { error: 'is vault or replica' }).optional(),
      asset: z.string().optional(),
      table: z.array(z.string()).optional(),
      exclude: z.array(z.string()).optional(),
      schemaOnly: z.boolean().optional(),
      withoutKeys: z.boolean().optional(),
      as: PersonName,
      ...startingInput,
    })
    .superRefine(({ watch, ...given }, problems) => {
      // An execution that is only watched has been told already.
      for (const name of ['point', 'to'] as const)
        if (watch === undefined && given[name] === undefined) problems.addIssue({ code: 'custom', path: [name], message: 'is missing' });
      const told = (name: string, message: string) => problems.addIssue({ code: 'custom', path: name === '' ? [] : [name], message });
      for (const message of given.to === undefined ? [] : findDatabaseNameProblems(given.to))
        told('to', message.replace(/^the name of the new database /, ''));
      for (const text of findSelectionProblems(selectionOf(given))) {
        const [, field = '', message = text] = /^(tables|exclude): (.*)$/s.exec(text) ?? [];
        told(field === 'tables' ? 'table' : field, message);
      }
    }),
  async run(context, { point: text, to, from, asset: id, table, exclude, schemaOnly, withoutKeys, as, ...wishes }) {
    if (text !== undefined && to !== undefined) await lookForLost(context, { ...request(context, text, id, to), from });
    const input =
      text === undefined || to === undefined
        ? undefined
        : {
            ...request(context, text, id, to),
            ...(from ? { from } : {}),
            ...(withoutKeys ? { withoutKeys } : {}),
            ...selectionOf({ table, exclude, schemaOnly }),
          };
    return startAndWatch(context, {
      verb: 'restore',
      stage: 'restore',
      from,
      input: input ?? {},
      wishes,
      askFirst: input && askFirst(context, { assetId: input.asset, target: 'beside', input, place: from ?? 'vault', person: as }),
      whenStopped: to === undefined ? undefined : halfMade(to),
      async describe(output) {
        const made = RestoreOutput.parse(output);
        const notes = await readNotes(context, made.result, from);
        return {
          data: { ...made, notes },
          text: (paint) =>
            [
              `${paint('green', 'restored')} ${made.asset}/${made.point} into the new database ${made.database}`,
              ...(notes ?? ['What is to be known of it could not be read with these credentials: it stands in the evidence']).map(
                (note) => `  ${paint('yellow', 'note')} ${note}`,
              ),
              `Evidence: ${made.result}`,
            ].join('\n'),
        };
      },
    });
  },
});

function request(context: Context, text: string, id: string | undefined, to: string): z.input<typeof RestoreInput> {
  const { asset, point } = choosePoint(context.plan(), text, id, 'restore');
  return { asset: asset.id, ...(point === LATEST ? {} : { point }), to };
}

const halfMade = (to: string) =>
  `The new database ${to} may have stayed half made. The same restore again goes on with it (of the same point: \`latest\` may be a newer one by then); or drop it, on its server: DROP DATABASE IF EXISTS ${quoteIdentifier(to)} WITH (FORCE)`;

/** Undefined when the record cannot be read: the restore is done all the same. */
async function readNotes(context: Context, key: string, from: VaultPlace = 'vault'): Promise<string[] | undefined> {
  try {
    const vault = await openPoints(context, from);
    const record = await vault.reading(() => readRecord(vault.reader, key));
    return record && RestoreResult.parse(parseJson(record.body)).notes;
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return undefined;
  }
}

type SelectionOptions = { table?: string[] | undefined; exclude?: string[] | undefined; schemaOnly?: boolean | undefined };

const selectionOf = ({ table, exclude, schemaOnly }: SelectionOptions): RestoreSelection => ({
  ...(table ? { tables: table } : {}),
  ...(exclude ? { exclude } : {}),
  ...(schemaOnly ? { schemaOnly } : {}),
});
