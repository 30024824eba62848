/** What a database is apart from its content, and the SQL that makes another one so. Pure. */
import { renderAssignment, type DatabaseSetting } from '../backup/globals-sql.ts';
import { quoteIdentifier, quoteLiteral } from './sql-names.ts';

export type DatabaseGrant = {
  /** Undefined: everybody. */
  grantee: string | undefined;
  privilege: 'CONNECT' | 'TEMPORARY' | 'CREATE';
  isGrantable: boolean;
};

export type DatabaseProperties = {
  owner: string;
  connectionLimit: number;
  /** Without what Holdfast says of itself in it. */
  comment: string | undefined;
  grants: readonly DatabaseGrant[];
  settings: readonly Omit<DatabaseSetting, 'everywhere'>[];
};

export type PropertyStatement = {
  sql: string;
  /** Once it is run, the database is as the other one, and no longer this login's. */
  isLast?: true;
  /** Of what a server may refuse to a login: then it is told, and the rest goes on. */
  optional?: string;
};

/** In this order. */
export function propertyStatements(database: string, properties: DatabaseProperties): PropertyStatement[] {
  const name = quoteIdentifier(database);
  const { owner, connectionLimit, comment, grants, settings } = properties;
  return [
    { sql: `ALTER DATABASE ${name} RESET ALL` },
    ...settings.map(({ role, ...setting }) => ({
      sql: `${role === undefined ? 'ALTER DATABASE' : `ALTER ROLE ${quoteIdentifier(role)} IN DATABASE`} ${name}${renderAssignment(setting)}`,
      optional: role === undefined ? `the setting ${setting.name}` : `the setting ${setting.name} of the role ${role}`,
    })),
    { sql: `ALTER DATABASE ${name} CONNECTION LIMIT ${connectionLimit}` },
    { sql: `REVOKE ALL ON DATABASE ${name} FROM PUBLIC` },
    ...grants.map(({ grantee, privilege, isGrantable }) => ({
      sql: `GRANT ${privilege} ON DATABASE ${name} TO ${grantee === undefined ? 'PUBLIC' : quoteIdentifier(grantee)}${isGrantable ? ' WITH GRANT OPTION' : ''}`,
    })),
    { sql: `COMMENT ON DATABASE ${name} IS ${comment === undefined ? 'NULL' : quoteLiteral(comment)}`, isLast: true },
    { sql: `ALTER DATABASE ${name} OWNER TO ${quoteIdentifier(owner)}`, isLast: true },
  ];
}

/** What Holdfast says of a database in its own comment, each on a line before the comment that it had. */
const SAID = {
  closedBy: /^Closed by Holdfast for the restore (\S+)(?:\n|$)/,
  replacedBy: /^In its place since then: the database (\d+)(?:\n|$)/,
  filledBy: /^Being filled by Holdfast in the restore (\S+)(?:\n|$)/,
  replaying: /^Being replayed by Holdfast in the restore (\S+)(?:\n|$)/,
  replayed: /^Replayed by Holdfast in the restore (\S+)(?:\n|$)/,
  mark: /^To be replaced by Holdfast in the restore (\S+)(?:\n|$)/,
};

/**
 * `closedBy`: the run that closed it. `replacedBy`: the database, by its oid, that took its place then. `filledBy`: the run that makes it in the place of one that is dropped: until that has ended it is
 * neither whole nor what it is named for. `mark`: the run that is about to replace it, and which try of it. `replaying`: the run that has begun to run a dump in it; `replayed`:
 * the run, and since when, that has committed all of one, which is said in the same transaction.
 */
export type SaidOfDatabase = { [K in keyof typeof SAID]: string | undefined };

const before = (line: string, comment: string | undefined) => (comment === undefined ? line : `${line}\n${comment}`);

/** Says in the database's own comment who closed it, so that nobody opens what somebody else has closed. */
export const closedComment = (run: string, comment: string | undefined): string =>
  before(`Closed by Holdfast for the restore ${run}`, comment);

/** Of what a swap has taken away: by the other's oid a later one in its place is not taken for it. */
export const keptComment = (run: string, oid: string, comment: string | undefined): string =>
  closedComment(run, before(`In its place since then: the database ${oid}`, comment));

export const filledComment = (run: string): string => `Being filled by Holdfast in the restore ${run}`;

/** A mark that whoever backs up the database sees, so that it is known of which database the backup is. */
export const markedComment = (mark: string, comment: string | undefined): string =>
  before(`To be replaced by Holdfast in the restore ${mark}`, comment);

/** What a try that is cut off leaves: that it had begun, or, committed with the dump itself, that all of it stands. */
export const replayingComment = (run: string, comment: string | undefined): string =>
  before(`Being replayed by Holdfast in the restore ${run}`, comment);
/** All of it in ASCII: it is sent behind the dump, in whatever encoding that has set. `readComment` gives the comment as it was. */
export const replayedComment = (run: string, startedAt: string, comment: string | undefined): string =>
  before(`Replayed by Holdfast in the restore ${run}/${startedAt}`, comment === undefined ? undefined : asAscii(comment));

/** As JSON. */
const asAscii = (text: string): string =>
  JSON.stringify(text).replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

function fromAscii(text: string): string {
  try {
    const read: unknown = text.startsWith('"') ? JSON.parse(text) : text;
    return typeof read === 'string' ? read : text;
  } catch {
    return text;
  }
}

/** Since when; undefined when it was not this run. @param replayed as `readComment` gives it */
export const replayedSince = (run: string, replayed: string | undefined): string | undefined =>
  replayed?.startsWith(`${run}/`) === true ? replayed.slice(run.length + 1) : undefined;

/** `comment`: what is not of Holdfast. */
export function readComment(comment: string | undefined): SaidOfDatabase & { comment: string | undefined } {
  const said: SaidOfDatabase = {
    closedBy: undefined,
    replacedBy: undefined,
    filledBy: undefined,
    replaying: undefined,
    replayed: undefined,
    mark: undefined,
  };
  if (comment === undefined) return { ...said, comment };
  let own = comment;
  for (let isAny = true; isAny;) {
    isAny = false;
    for (const [name, form] of Object.entries(SAID) as [keyof typeof SAID, RegExp][]) {
      const found = form.exec(own);
      if (!found) continue;
      said[name] ??= found[1];
      own = own.slice(found[0].length);
      if (name === 'replayed') own = fromAscii(own);
      isAny = true;
    }
  }
  return { ...said, comment: own === '' ? undefined : own };
}

const PUT_BACK = /^In its place again: the database (\d+)(?:\n|$)/;

/** Of what an undo took away: which database, by its oid, was put back, so that a later one in its place is not taken for it. */
export const undoneComment = (run: string, oid: string, comment: string | undefined): string =>
  closedComment(run, `In its place again: the database ${oid}${comment === undefined ? '' : `\n${comment}`}`);

/** @param comment as `readComment` gives it */
export const putBackIn = (comment: string | undefined): string | undefined =>
  comment === undefined ? undefined : PUT_BACK.exec(comment)?.[1];
