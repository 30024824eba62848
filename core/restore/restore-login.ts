import type { PostgresAsset } from '../plan/schema.ts';
import type { RestoreSelection } from './selection.ts';

export type RestoreLogin = { secret: string; noOwner: boolean; noPrivileges: boolean; isOwn: boolean };

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
