/** What a restore takes of a point where it is not all of it, as far as the point's own records tell. Pure. */
import { nearestNames } from '../nearest-names.ts';
import { plural } from '../quantities.ts';
import type { VerifiedFact } from '../vault/facts.ts';
import { isEverything, type RestoreSelection } from './selection.ts';
import { tableKey } from './table-name.ts';

export type Selected = {
  /** A sentence without its stop. */
  text: string;
  /** Of the tables that are restored; undefined where the records do not tell. */
  rows: number | undefined;
  /** Names that the records do not have: whether the archive has them is seen by the restore. */
  unknown: string[];
};

/**
 * Undefined where everything is restored.
 * @param rows as verify counted them, of every table that has rows of its own; undefined when it has not
 */
export function describeSelected(selection: RestoreSelection, rows: VerifiedFact['rows'] | undefined): Selected | undefined {
  if (isEverything(selection)) return undefined;
  const { tables, exclude = [], schemaOnly = false } = selection;
  const counted = rows && new Map(rows.map((one) => [tableKey(one.table), one.rows]));
  const unknown = counted === undefined ? [] : [...(tables ?? []), ...exclude].filter((name) => !counted.has(tableKey(name)));
  const sum = (names: readonly string[]) => names.reduce((all, name) => all + (counted?.get(tableKey(name)) ?? 0), 0);
  const all = (rows ?? []).reduce((total, one) => total + one.rows, 0);
  const isCounted = counted !== undefined && unknown.length === 0;
  const taken = schemaOnly ? 0 : isCounted ? (tables === undefined ? all : sum(tables)) - sum(exclude) : undefined;
  const parts = [
    tables === undefined ? 'everything' : `only ${tables.join(', ')} and what they need`,
    ...(exclude.length === 0 ? [] : [`without ${exclude.join(', ')} and what depends on it`]),
    ...(schemaOnly ? ['no rows, large objects or values of sequences'] : []),
  ];
  return {
    text: `${parts.join(', ')}${taken === undefined || schemaOnly ? '' : `: ${plural(taken, 'row')} of ${all}, as verify counted them`}`,
    rows: taken,
    unknown: unknown.map((name) => sayUnknown(name, rows ?? [])),
  };
}

/** Partitioned and foreign tables have no rows of their own, and so nothing that verify counts. */
function sayUnknown(name: string, rows: VerifiedFact['rows']): string {
  const alike = nearestNames(
    name,
    rows.map(({ table }) => table),
    (one) => one.replaceAll('"', ''),
    (one) => one.slice(one.lastIndexOf('.') + 1),
  );
  return `verify has seen no rows of a table ${JSON.stringify(name)} in this point${alike.length > 0 ? ` (alike: ${alike.join(', ')})` : ''}: unless it is partitioned or a foreign one, the restore ends before it makes anything`;
}
