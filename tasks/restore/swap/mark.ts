/** A mark in the comment of a database that is about to be replaced: whoever backs it up writes down that it has seen it. */
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { closedComment, markedComment } from '../../../core/restore/database-properties.ts';
import { quoteIdentifier, quoteLiteral } from '../../../core/restore/sql-names.ts';
import type { FoundDatabase } from './read-database.ts';

/** @param mark none: takes away what is there */
export const markDatabase = (
  { query }: SourceConnection,
  database: string,
  { closedBy, comment: own }: FoundDatabase,
  mark: string | undefined,
): Promise<unknown> => {
  // A swap that was not ended finds by this what is left to do.
  const comment = closedBy === undefined ? own : closedComment(closedBy, own);
  const text = mark === undefined ? comment : markedComment(mark, comment);
  return query(
    'mark the database that is replaced',
    `COMMENT ON DATABASE ${quoteIdentifier(database)} IS ${text === undefined ? 'NULL' : quoteLiteral(text)}`,
  );
};
