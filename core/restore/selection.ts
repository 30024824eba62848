/** What a restore takes of a point, as it is asked for: everything, when nothing is said. */
import * as z from 'zod';
import { parseTableName, tableKey } from './table-name.ts';

export const RestoreSelection = z.strictObject({
  /** Names as SQL writes them, with their schema. Nothing else is restored than these and what they need. */
  tables: z.array(z.string()).min(1).optional(),
  /** Left out, with what depends on them. */
  exclude: z.array(z.string()).min(1).optional(),
  schemaOnly: z.boolean().optional(),
  /** Everything belongs to the login of the restore, or, where a database is replaced, to its owner; what the plan leaves out stays left out. */
  noOwner: z.boolean().optional(),
  /** Nothing is granted. */
  noPrivileges: z.boolean().optional(),
});
export type RestoreSelection = z.infer<typeof RestoreSelection>;

export const isEverything = ({ tables = [], exclude = [], schemaOnly = false }: RestoreSelection): boolean =>
  tables.length === 0 && exclude.length === 0 && !schemaOnly;

/** Names that a sentence has room for. */
const MOST_NAMES = 5;
const names = (all: readonly string[]) =>
  `${all.slice(0, MOST_NAMES).join(', ')}${all.length > MOST_NAMES ? ` and ${all.length - MOST_NAMES} more` : ''}`;

/** Which part of a point it is, in a few words; undefined of all of it. */
export const describePart = ({ tables = [], exclude = [], schemaOnly = false }: RestoreSelection): string | undefined =>
  [
    ...(tables.length === 0 ? [] : [`only ${names(tables)}`]),
    ...(exclude.length === 0 ? [] : [`without ${names(exclude)}`]),
    ...(schemaOnly ? ['no rows'] : []),
  ].join('; ') || undefined;

/** ECS keeps 8,192 characters for all that a run tells its task. */
const LONGEST_SELECTION = 6000;

/** What can be said without looking at a point. */
export function findSelectionProblems(selection: RestoreSelection): string[] {
  const misspelt = (field: 'tables' | 'exclude') =>
    (selection[field] ?? [])
      .filter((name) => parseTableName(name) === undefined)
      .map((name) => `${field}: ${JSON.stringify(name.slice(0, 80))} is not a name such as public.users`);
  const excluded = new Set(selection.exclude?.map(tableKey));
  const both = selection.tables?.filter((name) => excluded.has(tableKey(name))) ?? [];
  return [
    ...misspelt('tables'),
    ...misspelt('exclude'),
    ...both.map((name) => `exclude: ${name} is asked for and excluded`),
    ...(JSON.stringify(selection).length > LONGEST_SELECTION
      ? [`the names of the tables take more than ${LONGEST_SELECTION} characters: restore everything, and drop what is not wanted`]
      : []),
  ];
}

export const PLAIN_IS_WHOLE =
  'this point is a plain dump, which can only be restored whole: tables, exclude and schemaOnly need a point of another `dump.format`';
