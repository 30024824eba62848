import type { SourceConnection } from '../../../adapters/postgres/connection.ts';
import { decideSpace, type Space } from '../../../core/restore/space-needs.ts';
import { shellDatabaseName, stagedDatabaseName } from '../../../core/restore/target-names.ts';
import type { RestoreTarget } from '../../../core/restore/target.ts';
import type { RestoreOrder } from '../run-restore.ts';

/** Undefined where nobody can say. Databases that the login may not see the size of are not counted. */
export async function readSpace(
  { asset, database, point, selection = {} }: RestoreOrder,
  connection: SourceConnection,
  target: RestoreTarget,
  restoredBytes: number,
): Promise<Space | undefined> {
  const volumeGiB = asset.restore?.volumeGiB;
  if (volumeGiB === undefined) return undefined;
  const [sizes] = await connection.query<{ used: string; replaced: string }>(
    'look how much the databases take',
    `SELECT coalesce(sum(size) FILTER (WHERE datname <> ALL ($2::text[])), 0)::text AS used,
       coalesce(sum(size) FILTER (WHERE datname = $1), 0)::text AS replaced
     FROM (SELECT datname, CASE WHEN pg_catalog.has_database_privilege(oid, 'CONNECT') OR pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
       THEN pg_catalog.pg_database_size(oid) END AS size FROM pg_catalog.pg_database) d`,
    [database, [stagedDatabaseName(database, point), shellDatabaseName(database)]],
  );
  return decideSpace({
    volumeGiB,
    target,
    schemaOnly: selection.schemaOnly ?? false,
    restoredBytes,
    replacedBytes: Number(sizes?.replaced ?? 0),
    usedBytes: Number(sizes?.used ?? 0),
  });
}
