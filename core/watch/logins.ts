/** Secrets with which tasks and functions log in: to databases, to the application that a restore is probed by, to receivers of messages. Pure. */
import * as z from 'zod';
import { placeOf } from '../escrow/key-place.ts';
import type { ProtectionPlan } from '../plan/schema.ts';
import { restoreLoginOf } from '../restore/restore-login.ts';
import type { VaultSide } from '../vault/side.ts';

/** `isNeeded`: whether it is missed when there is none. In the second region nobody restores before its day has come, and may not have made one yet. */
export const Login = z.strictObject({ secret: z.string(), isNeeded: z.boolean() });
export type Login = z.infer<typeof Login>;

/** Without those that are the source of a key of the plan: they are looked at as such. */
export function loginsOf({ assets, notifications }: Pick<ProtectionPlan, 'assets' | 'notifications'>, side: VaultSide): Login[] {
  const databases = assets.flatMap((asset) => (asset.kind === 'postgres' ? [asset] : []));
  const ofRestores = databases.map((asset) => restoreLoginOf(asset).secret);
  const ofHome = [
    ...databases.map(({ source }) => source.secret),
    ...ofRestores,
    ...databases.flatMap(({ restore }) => (restore?.validation?.logins ?? []).map(({ secret }) => secret)),
  ];
  const needed = [...(side === 'vault' ? ofHome : []), ...notifications.map(({ secret }) => secret)];
  const sources = side === 'vault' ? assets.flatMap((asset) => (asset.kind === 'key' ? [placeOf(asset.source)] : [])) : [];
  return [...new Set([...needed, ...ofRestores])]
    .filter((secret) => !sources.some(({ store, name }) => store === 'secret' && name === secret))
    .map((secret) => ({ secret, isNeeded: needed.includes(secret) }));
}
