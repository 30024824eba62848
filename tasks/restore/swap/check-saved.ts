/** Whether the safety backup is of the database that is about to be destroyed. */
import { readManifest } from '../../../adapters/vault/read-records.ts';
import type { PreparedPaper } from '../../../core/restore/result.ts';
import type { Written } from '../../../core/restore/written.ts';
import { TargetUnfit } from '../errors.ts';
import type { RestoreOrder, RestorePorts } from '../run-restore.ts';

/** @returns what had been written to it when it was marked. Throws TargetUnfit: nothing was touched then */
export async function checkSaved(
  { system, asset, database, safety = '' }: RestoreOrder,
  { reader, prepared }: Pick<RestorePorts, 'reader' | 'prepared'>,
): Promise<Written> {
  const name = JSON.stringify(database);
  const paper: PreparedPaper | undefined = await prepared?.();
  if (safety === '' || paper?.mark === undefined || paper.written === undefined)
    throw new TargetUnfit(
      'TargetRefused',
      `nobody has saved the database ${name} for this restore; nothing was replaced`,
      'Start the restore with its machine (`npx holdfast restore`), which saves the database first',
    );
  const { source } = (await readManifest(reader, { system, asset: asset.id, point: safety })).manifest;
  if (source.mark === paper.mark && source.database === database) return paper.written;
  throw new TargetUnfit(
    'TargetRefused',
    `the safety backup ${safety} is of another database than ${name} on the server where it would be replaced: the backup has not seen the mark that this restore had set there. The login of backups (\`source.secret\`) and that of restores (\`restore.secret\`) lead to different servers; nothing was replaced`,
    'Let both secrets name the same server and database, or restore with --target in-place, which keeps the old database, or beside',
  );
}
