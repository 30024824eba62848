/** What a person asks of a restore, on the command line and as the machine is told. */
import { z } from 'zod';
import type { RestoreInput } from '../../core/restore/contract.ts';
import { readPointWish } from '../../core/restore/choose-point.ts';
import { findTargetProblems } from '../../core/restore/decide-request.ts';
import { findSelectionProblems, type RestoreSelection } from '../../core/restore/selection.ts';
import { findDatabaseNameProblems } from '../../core/restore/sql-names.ts';
import { replacesDatabase, RestoreTarget } from '../../core/restore/target.ts';
import { chooseAsset, NO_POINT, POINT_HELP } from '../assets.ts';
import { UsageWrong } from '../errors.ts';
import { Place } from '../place.ts';
import type { Context, VerbOption } from '../verb.ts';

export const REQUEST_POINT = {
  name: 'point',
  help: POINT_HELP,
  isRequired: true,
};

export const REQUEST_OPTIONS: readonly VerbOption[] = [
  {
    flags: '--target <target>',
    help: 'beside (default): a new database; in-place: restored beside, then swapped by rename, the old one is kept; drop-and-create: for a server without room for two; clean-replay: a plain dump runs its own DROP statements, in one transaction',
  },
  {
    flags: '--to <database>',
    help: 'name of the new database, or of the one that is replaced (default: the source’s); the same restore again goes on with what an earlier one left there half made',
  },
  { flags: '--table <table>', help: 'only this table and what it needs, such as public.users (repeatable)', isRepeatable: true },
  { flags: '--exclude <table>', help: 'not this table, nor what depends on it (repeatable)', isRepeatable: true },
  { flags: '--schema-only', help: 'no rows, large objects or values of sequences' },
  {
    flags: '--no-owner',
    help: 'everything belongs to the login of the restore; where a database is replaced, to its owner, if the login may give it to him',
  },
  { flags: '--no-privileges', help: 'nothing is granted' },
  { flags: '--without-keys', help: 'also a point whose keys nobody could get back: what they encrypted stays unreadable' },
  {
    flags: '--from <place>',
    help: 'vault or replica (default: vault); from the replica nothing of the home region is needed: the new database is on the server that the login in the second region names',
  },
  { flags: '--asset <asset>', help: 'the database asset (may be left out when the plan has one)' },
];

export const requestInput = {
  point: z.string().optional(),
  target: z.enum(RestoreTarget.options, { error: `is ${RestoreTarget.options.join(', ')}` }).optional(),
  to: z.string().optional(),
  from: Place.optional(),
  asset: z.string().optional(),
  table: z.array(z.string()).optional(),
  exclude: z.array(z.string()).optional(),
  schemaOnly: z.boolean().optional(),
  /** Commander says `owner: false` for `--no-owner`. */
  owner: z.boolean().optional(),
  privileges: z.boolean().optional(),
  withoutKeys: z.boolean().optional(),
};
const Request = z.object(requestInput);
type Request = z.output<typeof Request>;

/** Everything that is wrong with the words, before anything is asked of AWS. `tell` gets the name of an option, or nothing. */
export function findRequestProblems(given: Request, tell: (name: string, message: string) => void): void {
  const target = given.target ?? 'beside';
  if (given.point === undefined) tell('point', 'is missing');
  if (given.to === undefined && !replacesDatabase(target)) tell('to', 'is missing');
  for (const message of given.to === undefined ? [] : findDatabaseNameProblems(given.to))
    tell('to', message.replace(/^the name of the new database /, ''));
  for (const text of findSelectionProblems(selectionOf(given))) {
    const [, field = '', message = text] = /^(tables|exclude): (.*)$/s.exec(text) ?? [];
    tell(field === 'tables' ? 'table' : field, message);
  }
  for (const text of findTargetProblems(target, selectionOf(given), given.from ?? 'vault')) {
    const [, field = '', message = text] = /^(target|tables|exclude|schemaOnly): (.*)$/s.exec(text) ?? [];
    // Behind the flag of what is left out the value of another would read as its own.
    tell(
      field === 'tables' ? 'table' : field,
      field === 'target' ? message : message.replace(`'${target}'`, `does not go with --target ${target}, which`),
    );
  }
}

export function selectionOf({ table, exclude, schemaOnly, owner, privileges }: Request): RestoreSelection {
  return {
    ...(table ? { tables: table } : {}),
    ...(exclude ? { exclude } : {}),
    ...(schemaOnly ? { schemaOnly } : {}),
    ...(owner === false ? { noOwner: true } : {}),
    ...(privileges === false ? { noPrivileges: true } : {}),
  };
}

/** `postgres/latest` names its asset. Throws UsageWrong. */
export function requestOf(context: Context, given: Request): z.input<typeof RestoreInput> & { asset: string; point: string } {
  const text = given.point ?? '';
  const [first = '', second] = text.split('/');
  const point = second ?? first;
  const problems: string[] = [];
  if (readPointWish(point) === undefined) problems.push(`<point> '${text}' ${NO_POINT}`);
  if (second !== undefined && given.asset !== undefined && given.asset !== first)
    problems.push(`--asset ${given.asset} and <point> ${text} name two assets`);
  if (problems.length > 0) throw new UsageWrong('restore', problems);
  const asset = chooseAsset(context.plan(), 'postgres', given.asset ?? (second === undefined ? undefined : first), 'restore');
  return {
    asset: asset.id,
    point,
    ...(given.target && given.target !== 'beside' ? { target: given.target } : {}),
    ...(given.to === undefined ? {} : { to: given.to }),
    ...(given.from ? { from: given.from } : {}),
    ...(given.withoutKeys ? { withoutKeys: true } : {}),
    ...selectionOf(given),
  };
}
