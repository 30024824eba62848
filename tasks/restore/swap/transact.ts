import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { PostgresFailed } from '../../../adapters/postgres/errors.ts';
import type { PropertyStatement } from '../../../core/restore/database-properties.ts';

/** All of `work` or nothing of it, whatever becomes of this process. */
export async function transact<T>({ query }: SourceConnection, work: () => Promise<T>): Promise<T> {
  await query('begin', 'BEGIN');
  try {
    const done = await work();
    await query('commit', 'COMMIT');
    return done;
  } catch (error) {
    await query('roll back', 'ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Within a transaction. @returns what the server did not take of what may be refused, with the SQLSTATE */
export async function runProperties({ query }: SourceConnection, statements: readonly PropertyStatement[]): Promise<string[]> {
  const refused: string[] = [];
  for (const { sql, optional } of statements) {
    if (optional === undefined) {
      await query('give the database what the old one had', sql);
      continue;
    }
    await query('begin a part', 'SAVEPOINT part');
    try {
      await query(`set ${optional}`, sql);
      await query('end a part', 'RELEASE SAVEPOINT part');
    } catch (error) {
      if (!(error instanceof PostgresFailed) || error.sqlstate === undefined) throw error;
      await query('take back a part', 'ROLLBACK TO SAVEPOINT part');
      refused.push(`${optional} (SQLSTATE ${error.sqlstate})`);
    }
  }
  return refused;
}
