import type { PostgresAsset } from '../plan/schema.ts';

export type RestoreLogin = { secret: string; noOwner: boolean; noPrivileges: boolean; isOwn: boolean };

/** How restores of an asset log in, and what they leave out. The plan's `restore`; without it, the source's login, which owns nothing. */
export const restoreLoginOf = ({ source, restore }: Pick<PostgresAsset, 'source' | 'restore'>): RestoreLogin =>
  restore ? { ...restore, isOwn: true } : { secret: source.secret, noOwner: true, noPrivileges: true, isOwn: false };
