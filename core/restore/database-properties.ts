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

const CLOSED = /^Closed by Holdfast for the restore (\S+)(?:\n|$)/;

/** Says in the database's own comment who closed it, so that nobody opens what somebody else has closed. */
export const closedComment = (run: string, comment: string | undefined): string =>
  `Closed by Holdfast for the restore ${run}${comment === undefined ? '' : `\n${comment}`}`;

/** `closedBy`: the run that closed it, where the comment says so. */
export function readComment(comment: string | undefined): { closedBy: string | undefined; comment: string | undefined } {
  const closedBy = comment === undefined ? undefined : CLOSED.exec(comment)?.[1];
  if (comment === undefined || closedBy === undefined) return { closedBy: undefined, comment };
  const own = comment.replace(CLOSED, '');
  return { closedBy, comment: own === '' ? undefined : own };
}
