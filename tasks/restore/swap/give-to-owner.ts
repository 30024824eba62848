/**
 * A restore without owners makes everything the login's. In the place of a database that others work with, they could use nothing of
 * it: it is given to whom the database belongs.
 */
import { PostgresFailed } from '../../../adapters/postgres/errors.ts';
import { openLoadSession, type LoadSession } from '../../../adapters/postgres/load-session.ts';
import type { SourceLogin } from '../../../adapters/postgres/source.ts';
import { majorOf } from '../../../core/restore/database-statement.ts';
import { describeForeignOwner, describeGiven } from '../../../core/restore/describe-left-out.ts';
import { ownerGrantStatements } from '../../../core/restore/owner-grants.ts';
import {
  giveStatement,
  inTurn,
  OWNED_SQL,
  SHOWS_SUBSCRIPTIONS_SQL,
  SUBSCRIPTIONS_SQL,
  type OwnedObject,
} from '../../../core/restore/owned-objects.ts';
import { asTargetFailure } from '../target.ts';
import { RIGHT_TO_GIVE } from '../right-to-give.ts';

type Into = { login: SourceLogin; applicationName: string; database: string };

type Given = Into & {
  /** Of the database that is replaced. */
  owner: string;
  /** The login's own until it is settled: the owner needs a right to be given anything. */
  isNew: boolean;
  /** Of what belongs to the login, what stays so. Nothing when absent. */
  isKept?: (object: OwnedObject) => boolean;
};

/** Keys of what belongs to the login. */
export async function readOwned(into: Into): Promise<Set<string>> {
  return withSession(into, async (session) => new Set((await readAll(session)).map(({ key }) => key)));
}

/** May be done again: what is given is not the login's any more. @returns what a person has to know */
export async function giveToOwner(given: Given): Promise<string[]> {
  const { database, owner, isNew, isKept = () => false } = given;
  const giving = { database, owner, login: given.login.user, isNew };
  if (owner === giving.login) return [];
  return withSession(given, async (session) => {
    const [server] = await session.query<{ may: boolean; super: boolean; version: string }>(
      'look at whom objects may be given to',
      `SELECT pg_catalog.pg_has_role($1::name, ${RIGHT_TO_GIVE}) AS may,
         rolsuper AS super, current_setting('server_version') AS version
       FROM pg_catalog.pg_roles WHERE rolname = current_user`,
      [owner],
    );
    if (server?.may !== true) return [describeForeignOwner(giving)];
    // Those that the database has of its source are not for this. Only superusers make them, and may have them sleep.
    if (server.super) await session.query('let event triggers sleep', 'SET session_replication_role = replica');
    const grants = isNew && !server.super ? ownerGrantStatements(database, [owner], new Set(), majorOf(server.version)) : NO_GRANTS;
    for (const sql of grants.before) await session.query('let the owner create', sql);
    const kept = await giveAll(session, owner, isKept);
    for (const sql of grants.after) await session.query('take back that the owner may create', sql);
    return [describeGiven(giving, kept)];
  });
}

const NO_GRANTS = { before: [], after: [] };
/** In a database that stays open somebody may hold what is to be given. */
const WAITING = `SET lock_timeout = '60s'; SET synchronous_commit = on`;

/** Whatever the database has set, such as that transactions only read. */
async function withSession<T>({ login, applicationName, database }: Into, work: (session: LoadSession) => Promise<T>): Promise<T> {
  const session = await openLoadSession({ ...login, database }, applicationName).catch((error: unknown) => {
    throw asTargetFailure(error);
  });
  try {
    await session.query('prepare the session', WAITING);
    return await work(session);
  } finally {
    await session.close();
  }
}

async function readAll(session: LoadSession): Promise<OwnedObject[]> {
  const [subscriptions] = await session.query<{ shown: boolean }>('look whether subscriptions are shown', SHOWS_SUBSCRIPTIONS_SQL);
  return [
    ...(await session.query<OwnedObject>('look for what belongs to the login', OWNED_SQL)),
    ...(subscriptions?.shown === true ? await session.query<OwnedObject>('look for its subscriptions', SUBSCRIPTIONS_SQL) : []),
  ];
}

/** Each in a transaction of its own: a database has more objects than one can lock. @returns what stays the login's against its will */
async function giveAll(session: LoadSession, owner: string, isKept: (object: OwnedObject) => boolean): Promise<string[]> {
  const refused: string[] = [];
  for (const object of inTurn((await readAll(session)).filter((one) => !isKept(one))))
    try {
      await session.query('give it to the owner of the database', giveStatement(object, owner));
    } catch (error) {
      // Refused for good, such as what only superusers may own, or by an event trigger. A server that is away is no answer.
      if (!(error instanceof PostgresFailed) || !/^(?:42|0A|P0)/.test(error.sqlstate ?? '')) throw error;
      refused.push(`${object.type} ${object.identity}`);
    }
  return refused;
}
