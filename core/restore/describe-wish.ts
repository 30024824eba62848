/** What a restore was asked besides point, target and database, a sentence each: for whoever is to agree to it. Pure. */
import type { RestoreSelection } from './selection.ts';

export function describeWish(asked: {
  selection: RestoreSelection;
  /** What is left out whatever was asked. `dump`: what pg_dump was given, as the manifest keeps it. */
  leftOut: { plan: { noOwner?: boolean | undefined; noPrivileges?: boolean | undefined }; dump: readonly string[] };
  withoutKeys: boolean;
  /** What is to be known of the point before it is relied on. */
  remarks: readonly string[];
}): string[] {
  const { tables, exclude, schemaOnly = false, noOwner = false, noPrivileges = false } = asked.selection;
  const { plan, dump } = asked.leftOut;
  const why = (isAsked: boolean, isPlanned = false, option: string) =>
    isAsked ? '' : isPlanned ? ', as the plan says' : dump.includes(option) ? ', as the dump has none' : undefined;
  const owners = why(noOwner, plan.noOwner, '--no-owner');
  const privileges = why(noPrivileges, plan.noPrivileges, '--no-acl');
  return [
    ...(tables === undefined ? [] : [`only these tables, and what they need: ${tables.join(', ')}`]),
    ...(exclude === undefined ? [] : [`these tables, and what depends on them, are left out: ${exclude.join(', ')}`]),
    ...(schemaOnly ? ['no rows, large objects or values of sequences: the database will be empty'] : []),
    ...(owners === undefined
      ? []
      : [`everything will belong to the login of the restore, or, where a database is replaced, to its owner${owners}`]),
    ...(privileges === undefined ? [] : [`nothing will be granted${privileges}`]),
    ...(asked.withoutKeys ? ['also where nobody could get the keys of the point back: what they encrypted stays unreadable'] : []),
    ...asked.remarks,
  ];
}

/** Of what becomes of the database that an earlier restore, `of`, has kept. */
export const describeFollowUpWish = (action: 'undo' | 'finish', of: string, kept: string | undefined): string[] => [
  `it is about the restore ${of}`,
  ...(kept === undefined
    ? []
    : [
        action === 'undo'
          ? `the database ${JSON.stringify(kept)}, which that restore has kept, takes its place back`
          : `the database ${JSON.stringify(kept)}, which that restore has kept, is dropped for good`,
      ]),
];
