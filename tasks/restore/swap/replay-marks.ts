/**
 * How far a replay came, in the comment of its database: that it had begun, and, committed with the dump itself, that all of it stands.
 * A task that is killed right after its commit could say so nowhere else.
 */
import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { readManifest } from '../../../adapters/vault/read-records.ts';
import { closedComment, replayedComment, replayedSince, replayingComment } from '../../../core/restore/database-properties.ts';
import { describeHalfGiven } from '../../../core/restore/describe-left-out.ts';
import { isWithoutOwners } from '../../../core/restore/restore-login.ts';
import type { RestoredPaper } from '../../../core/restore/result.ts';
import { quoteIdentifier, quoteLiteral } from '../../../core/restore/sql-names.ts';
import { archiveBytes } from '../load-archive.ts';
import { withDatabaseLock } from '../database-lock.ts';
import { applicationNameOf, type RestoreOrder, type RestorePorts } from '../run-restore.ts';
import { markDatabase } from './mark.ts';
import { readDatabase } from './read-database.ts';

export const REPLAYED_NOTE = 'What the point does not have stays as it was in the database; its owner, settings and grants are untouched';

const commentSql = (database: string, comment: string) => `COMMENT ON DATABASE ${quoteIdentifier(database)} IS ${quoteLiteral(comment)}`;

/** `hasBegun`: an earlier try of this run has. */
export async function readReplay(connection: SourceConnection, { database, run }: RestoreOrder, startedAt: string) {
  const found = await readDatabase(connection, database);
  // A swap that was not ended finds by this what is left to do.
  const own = found?.closedBy === undefined ? found?.comment : closedComment(found.closedBy, found.comment);
  return {
    hasBegun: found?.replaying === run,
    begin: () => connection.query('say that the dump begins', commentSql(database, replayingComment(run, own))),
    // The dump has set its own encoding.
    committedSql: `SET LOCAL client_encoding = 'UTF8';\n${commentSql(database, replayedComment(run, startedAt, own))}`,
  };
}

/** Of a try of this run that was cut off after its commit; undefined when there is none. */
export async function recordReplayed(
  order: RestoreOrder,
  ports: RestorePorts,
  connection: SourceConnection,
): Promise<RestoredPaper | undefined> {
  const { system, asset, point, database, run, selection } = order;
  const found = await readDatabase(connection, database);
  const startedAt = replayedSince(run, found?.replayed);
  if (found === undefined || startedAt === undefined) return undefined;
  const { manifest } = await readManifest(ports.reader, { system, asset: asset.id, point });
  const giving = { database, owner: found.owner, login: ports.login.user, isNew: false };
  const isUngiven = isWithoutOwners(asset, selection ?? {}, manifest.dump.options) && giving.owner !== giving.login;
  const restored: RestoredPaper = {
    point,
    database,
    startedAt,
    finishedAt: ports.now().toISOString(),
    bytesRestored: archiveBytes({ reader: ports.reader, manifest }),
    notes: [
      'A try of this restore was cut off after it had committed the dump: roles that it made are not named here',
      REPLAYED_NOTE,
      ...(isUngiven ? [describeHalfGiven(giving, 'the try was cut off before it had said so')] : []),
    ],
  };
  ports.report(`All of the dump stands in ${JSON.stringify(database)}: an earlier try has committed it`);
  await ports.record?.(restored);
  return restored;
}

/** After a replacement that failed for good: what had come through is recorded, and nothing is left in the comment. */
export const settleReplay = (order: RestoreOrder, ports: RestorePorts): Promise<void> =>
  withDatabaseLock(ports.login, applicationNameOf(order), order.database, async (connection) => {
    await recordReplayed(order, ports, connection);
    await forgetReplay(connection, order.database);
  });

/** Once it is recorded, or given up. What is left of it means nothing, and the next restore takes it away. */
export const forgetReplay = (connection: SourceConnection, database: string): Promise<void> => forget(connection, database, true);

/** Nothing goes by the mark any more; how far the replay came the next try has to know. */
export const forgetMark = (connection: SourceConnection, database: string): Promise<void> => forget(connection, database, false);

async function forget(connection: SourceConnection, database: string, isOver: boolean): Promise<void> {
  const taken = async () => {
    const found = await readDatabase(connection, database);
    const hasBegun = found?.replaying !== undefined || found?.replayed !== undefined;
    // Of what is half made the comment says so until it is whole.
    if (
      found !== undefined &&
      found.filledBy === undefined &&
      (isOver ? hasBegun || found.mark !== undefined : !hasBegun && found.mark !== undefined)
    )
      await markDatabase(connection, database, found, undefined);
  };
  await taken().catch(() => undefined);
}
