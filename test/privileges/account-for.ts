/** Compares what is granted and was not used with the reasons that are on record. */
import type { Grant } from './grants.ts';
import type { Kept } from './kept.ts';

/** A right of a kind of role: the tasks of all assets are granted alike, and one asset's run shows it for all. */
export type Right = { role: string; sid: string; action: string };
export type Account = {
  kept: { right: Right; why: string }[];
  unexplained: Right[];
  stale: { kept: Kept; because: string }[];
};

/** How roles are named: what stands before the part that the reasons name, and the assets. */
export type Names = { system: string; assets: readonly string[] };

/** `backup-admit-slot`, `<asset>-dump` */
export function shortName(role: string, { system, assets }: Names): string {
  const short = role.replace(`holdfast-${system}-`, '');
  const asset = assets.find((id) => short.startsWith(`${id}-`));
  return asset === undefined ? short : short.replace(asset, '<asset>');
}

export const rightsOf = (grants: Iterable<Grant>, names: Names): Right[] => {
  const rights = [...grants].map(({ role, sid, action }) => ({ role: shortName(role, names), sid, action }));
  return [...new Map(rights.map((right) => [spell(right), right])).values()];
};
export const spell = ({ role, sid, action }: Right) => `${role} ${sid} ${action}`;

/** Whoever may do the second may do the first anyway; where both are granted, the first costs nothing. */
const WITHIN: Record<string, { wider: string; why: string }> = {
  's3:GetObject': { wider: 's3:GetObjectVersion', why: 'the newest version is one of the versions that the role reads anyway' },
  's3:ListBucket': {
    wider: 's3:ListBucketVersions',
    why: 'it shows no more than the versions that the role lists anyway, and S3 says 404 of a missing key, not 403, only to who has it',
  },
};

export function accountFor(granted: readonly Right[], used: readonly Right[], reasons: readonly Kept[]): Account {
  const isUsed = new Set(used.map(spell));
  const kept: Account['kept'] = [];
  const unexplained: Right[] = [];
  const explains = new Set<Kept>();
  for (const right of granted) {
    if (isUsed.has(spell(right))) continue;
    const within = WITHIN[right.action];
    const reason = reasons.find((one) => concerns(one, right));
    if (within && isUsed.has(spell({ ...right, action: within.wider }))) kept.push({ right, why: within.why });
    else if (reason) {
      kept.push({ right, why: reason.why });
      explains.add(reason);
    } else unexplained.push(right);
  }
  const stale = reasons.flatMap((reason) => {
    const usedAllTheSame = used.filter((right) => concerns(reason, right));
    if (reason.isAtTimes && usedAllTheSame.length > 0) return [];
    if (usedAllTheSame.length > 0) return [{ kept: reason, because: `a run uses ${usedAllTheSame.map(spell).join(', ')}` }];
    return explains.has(reason) ? [] : [{ kept: reason, because: 'nothing that it explains is granted without a use' }];
  });
  return { kept, unexplained, stale };
}

const concerns = ({ roles, sids, actions }: Kept, right: Right) =>
  roles.some((pattern) => isLike(right.role, pattern)) &&
  (sids === undefined || sids.includes(right.sid)) &&
  (actions === undefined || actions.includes(right.action));

export function isLike(text: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+^${}()|[\]\\?]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
