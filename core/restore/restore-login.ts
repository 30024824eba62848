import type { PostgresAsset } from '../plan/schema.ts';
import type { RestoreSelection } from './selection.ts';

export type RestoreLogin = { secret: string; noOwner: boolean; noPrivileges: boolean; isOwn: boolean };

/** Whether nothing of a dump gets its owner back: by the plan, the request, or the dump itself. @param dumpOptions as the manifest keeps them */
export const isWithoutOwners = (
  asset: Pick<PostgresAsset, 'source' | 'restore'>,
  asked: RestoreSelection,
  dumpOptions: readonly string[],
) => restoreLoginOf(asset, asked).noOwner || dumpOptions.includes('--no-owner');

/**
 * How restores of an asset log in, and what they leave out. The plan's `restore`; without it, the source's login, which owns nothing.
 * A request may leave out more than the plan does.
 */
export function restoreLoginOf(
  { source, restore }: Pick<PostgresAsset, 'source' | 'restore'>,
  { noOwner = false, noPrivileges = false }: Pick<RestoreSelection, 'noOwner' | 'noPrivileges'> = {},
): RestoreLogin {
  if (!restore) return { secret: source.secret, noOwner: true, noPrivileges: true, isOwn: false };
  const { secret } = restore;
  return { secret, noOwner: restore.noOwner || noOwner, noPrivileges: restore.noPrivileges || noPrivileges, isOwn: true };
}
