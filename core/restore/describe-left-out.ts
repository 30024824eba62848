import { VIEW_DATA } from './archive-phases.ts';
import type { RestoreLogin } from './restore-login.ts';
import type { RestoreSelection } from './selection.ts';
import { nameSome } from './find-obstacles.ts';
import { quoteIdentifier } from './sql-names.ts';
import type { RestoreTarget } from './target.ts';

/**
 * What a restored database lacks of its source, and by whose word: that of the plan or the request, the lack of it, or the dump itself.
 * @param dumpOptions what pg_dump was given, as the manifest keeps it
 */
export function describeLeftOut(
  { noOwner, noPrivileges, isOwn }: RestoreLogin,
  dumpOptions: readonly string[],
  login: string,
  asked: RestoreSelection = {},
  isReplacing = false,
): string[] {
  const byPlan = isOwn ? 'as the plan says' : 'because the plan names no login for restores (`restore.secret`)';
  const why = (isLeftOut: boolean, option: string, isAsked = false) => {
    if (dumpOptions.includes(option)) return 'because the dump was made without them';
    return isLeftOut ? (isAsked ? 'as was asked for' : byPlan) : undefined;
  };
  const owners = why(noOwner, '--no-owner', asked.noOwner);
  const privileges = why(noPrivileges, '--no-acl', asked.noPrivileges);
  return [
    ...(owners === undefined
      ? []
      : [
          `Owners are left out, ${owners}: everything belongs to ${isReplacing ? `the owner of the database that is replaced, or to ${login} where that may not give it away` : login}`,
        ]),
    ...(privileges === undefined ? [] : [`What was granted is left out, ${privileges}`]),
  ];
}

/** Before a restore without owners. */
export function sayOwners(target: RestoreTarget): string {
  const nothing = 'nothing gets its owner back:';
  if (target === 'beside') return `${nothing} everything will belong to the login of the restore`;
  const replaced =
    'will belong to the owner of the database, or to the login of the restore where that may not give it away: then the owner may use nothing of it';
  return target === 'clean-replay'
    ? `${nothing} everything that the dump makes ${replaced}; what the dump does not have keeps its owner`
    : `${nothing} everything ${replaced}`;
}

type Giving = {
  database: string;
  /** Of the database. */
  owner: string;
  login: string;
  /** Of a database that was there before, what the dump made is given alone. */
  isNew: boolean;
};

const which = ({ isNew }: Giving) => (isNew ? 'in it' : 'that the dump made');

/** In the place of a database that others worked with. @param kept what could not be given, as `view public.a` */
export const describeGiven = (giving: Giving, kept: readonly string[]): string =>
  `Everything ${which(giving)} belongs to ${giving.owner} now, as the database does${kept.length === 0 ? '' : `; but this stays with ${giving.login}: ${nameSome(kept.toSorted())}`}`;

/** The login may give its owner nothing: the database is its owner's, and what is in it is not. */
export const describeForeignOwner = (giving: Giving): string =>
  `${giving.owner} owns the database, and everything ${which(giving)} belongs to ${giving.login}: ${untilGiven(giving)}`;

/** It stands whole; what came in between is known to nobody. */
export const describeHalfGiven = (giving: Giving, why: string): string =>
  `${giving.owner} owns the database, and some of what the dump made may still belong to ${giving.login}, as it could not be given (${why}): ${untilGiven(giving)}`;

const untilGiven = ({ owner, login, database }: Giving) =>
  `whoever works as ${owner} may use nothing of it until it is given, in ${database}: ALTER … OWNER TO ${quoteIdentifier(owner)}, or GRANT ${quoteIdentifier(login)} TO ${quoteIdentifier(owner)}`;

/** @param names of the subscriptions that the restored database has */
export const describeSubscriptions = (names: readonly string[]): string[] =>
  names.length === 0
    ? []
    : [
        `Subscriptions are disabled and name the slots of the source's: ${names.join(', ')}. Before one is dropped, ALTER SUBSCRIPTION … SET (slot_name = NONE), or the source's slot is dropped with it`,
      ];

/** What a server, a managed one most often, does not let the login make. @param names as the archive has them: `EVENT TRIGGER audit` */
export function describeRefused(names: readonly string[], login: string): string[] {
  const views = names.flatMap((name) => (name.startsWith(`${VIEW_DATA} `) ? [name.slice(VIEW_DATA.length + 1)] : []));
  const others = names.filter((name) => !name.startsWith(`${VIEW_DATA} `));
  return [
    ...(others.length === 0
      ? []
      : [
          `Left out, as ${login} may not make them, or not give them to their owners: ${others.toSorted().join(', ')}. To have them, \`npx holdfast export\` the point, keep their lines of \`pg_restore --list\` in a file, and let a role that may make them run \`pg_restore --use-list\` with it`,
        ]),
    ...(views.length === 0
      ? []
      : [
          `Materialized views that are empty, as ${login} may not see all that they are made of: ${views.join(', ')}. Give them and their tables to their owners, and REFRESH MATERIALIZED VIEW as these, in this order`,
        ]),
  ];
}
