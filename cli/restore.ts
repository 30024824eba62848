import { z } from 'zod';
import type { RestoreInput } from '../core/restore/contract.ts';
import { RestoreOutput } from '../core/restore/contract.ts';
import { findSelectionProblems, type RestoreSelection } from '../core/restore/selection.ts';
import { LATEST, POINT_HELP, choosePoint } from './assets.ts';
import { lookForLost } from './look-for-lost.ts';
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
    { flags: '--schema-only', help: 'no rows, large objects or values of sequences' },
    {
      flags: '--from <place>',
      help: 'vault or replica (default: vault); from the replica nothing of the home region is needed: the new database is on the server that the login in the second region names',
    },
    { flags: '--asset <asset>', help: 'the database asset (may be left out when the plan has one)' },
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
    'PointMissing',
    'PointDamaged',
    'RestoreFailed',
    'TargetUnreachable',
    'TargetNotEmpty',
    'TargetRefused',
    'DiskFull',
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
      ...startingInput,
    })
    .superRefine(({ watch, ...given }, problems) => {
      // An execution that is only watched has been told already.
      for (const name of ['point', 'to'] as const)
        if (watch === undefined && given[name] === undefined) problems.addIssue({ code: 'custom', path: [name], message: 'is missing' });
      for (const message of findSelectionProblems(selectionOf(given))) problems.addIssue({ code: 'custom', message });
    }),
  async run(context, { point: text, to, from, asset: id, table, exclude, schemaOnly, ...wishes }) {
    if (text !== undefined && to !== undefined) await lookForLost(context, { ...request(context, text, id, to), from });
    return startAndWatch(context, {
      verb: 'restore',
      stage: 'restore',
      from,
      input:
        text === undefined || to === undefined
          ? {}
          : { ...request(context, text, id, to), ...(from ? { from } : {}), ...selectionOf({ table, exclude, schemaOnly }) },
      wishes,
      describe(output) {
        const made = RestoreOutput.parse(output);
        return {
          data: made,
          text: (paint) => `${paint('green', 'restored')} ${made.asset}/${made.point} into the new database ${made.database}`,
        };
      },
    });
  },
});

function request(context: Context, text: string, id: string | undefined, to: string): z.input<typeof RestoreInput> {
  const { asset, point } = choosePoint(context.plan(), text, id, 'restore');
  return { asset: asset.id, ...(point === LATEST ? {} : { point }), to };
}

type SelectionOptions = { table?: string[] | undefined; exclude?: string[] | undefined; schemaOnly?: boolean | undefined };

const selectionOf = ({ table, exclude, schemaOnly }: SelectionOptions): RestoreSelection => ({
  ...(table ? { tables: table } : {}),
  ...(exclude ? { exclude } : {}),
  ...(schemaOnly ? { schemaOnly } : {}),
});
