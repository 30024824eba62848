/** Names of the databases that a restore makes beside the one that it replaces. Pure. */
import { createHash } from 'node:crypto';

/** PostgreSQL cuts longer names silently: two databases could then mean one. */
const LONGEST_NAME_BYTES = 63;

/** The name, cut at a character, with room for the suffix; what was cut is told apart by a hash. */
function withSuffix(name: string, suffix: string): string {
  if (Buffer.byteLength(name + suffix) <= LONGEST_NAME_BYTES) return name + suffix;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const characters = Array.from(name);
  while (Buffer.byteLength(`${characters.join('')}_${hash}${suffix}`) > LONGEST_NAME_BYTES) characters.pop();
  return `${characters.join('')}_${hash}${suffix}`;
}

const plain = (id: string) => id.toLowerCase().replaceAll('-', '_');

/** What is swapped in later. The same for every run of the same point, so that the next one goes on with it. */
export const stagedDatabaseName = (database: string, point: string) => withSuffix(database, `_new_${plain(point)}`);
/** What was swapped out, until sign-off. */
export const keptDatabaseName = (database: string, run: string) => withSuffix(database, `_before_${plain(run)}`);
/** What the undo of a restore has swapped out: the restored database. By the restore's run: an undo that is started again finds it. */
export const undoneDatabaseName = (database: string, of: string) => withSuffix(database, `_undone_${plain(of)}`);
/** An empty database that remembers what the dropped one was: its owner, its settings, who may enter. */
export const shellDatabaseName = (database: string) => withSuffix(database, '_as_it_was');
/** The same, while it is being made: it says nothing of itself yet, so that its name has to say whose it is. */
export const unfinishedShellName = (database: string, run: string) => withSuffix(database, `_as_it_is_${plain(run)}`);
/** Whether a database of this name is one that some run has not finished. */
export function isUnfinishedShell(name: string, database: string): boolean {
  const [, run] = /_as_it_is_(\d{8}t\d{6}z_[0-9a-z]+)$/.exec(name) ?? [];
  return run !== undefined && name === withSuffix(database, `_as_it_is_${run}`);
}
