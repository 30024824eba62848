/** KMS keys that an alias of the system named at an earlier look: what was sealed or written under one hangs on it for good. Pure. */
import type { Used, UsedKey } from './used.ts';

export type FormerKey = { alias: string; arn: string };

const ownKeys = (used: readonly Used[]): UsedKey[] =>
  used.flatMap((one) => (one.kind === 'key' && one.encrypts === undefined ? [one] : []));

/** A key whose alias cannot be looked at is the one that it named before, as far as anybody knows. */
export function withKnownArns(used: readonly Used[], seen: readonly Used[]): Used[] {
  const known = new Map(ownKeys(seen).map(({ alias, arn }) => [alias, arn]));
  return used.map((one) => {
    if (one.kind !== 'key' || one.encrypts !== undefined || one.alias === undefined || one.state !== 'unseen') return one;
    const arn = one.arn ?? known.get(one.alias);
    return arn === undefined ? one : { ...one, arn };
  });
}

/**
 * Those that no alias names any more, of the aliases that were looked at now.
 * @param used what they name now, with known ARNs
 * @param seen what the newest record has, those that were former by then among it
 */
export function formerKeys(used: readonly Used[], seen: readonly Used[]): FormerKey[] {
  const now = ownKeys(used);
  const former = ownKeys(seen).flatMap(({ alias, formerAlias, arn }): FormerKey[] => {
    const name = alias ?? formerAlias;
    const isAsked = now.some((key) => key.alias === name);
    return name === undefined || arn === undefined || !isAsked || now.some((key) => key.arn === arn) ? [] : [{ alias: name, arn }];
  });
  return [...new Map(former.map((one) => [one.arn, one])).values()];
}
