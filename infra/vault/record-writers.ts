/**
 * Facts by which a point goes, or may go, are one role's word in each vault. What an identity policy grants below `catalog/` is wide
 * where records are copied, and a vault expires and releases by its own decision alone.
 */
import { keyWatchPrefix, pointPrefix } from '../../core/vault/keys.ts';
import type { ResourceStatement } from '../policy.ts';
import type { System } from '../system.ts';

/** ARNs of the roles that may write such facts, and the signatures beside them. */
export type RecordWriters = { tombstones: string[]; held: string[]; released: string[] };

/** @param system whose home is the region of the vault; `copiers`: roles that bring what was held elsewhere, and release nothing */
export function recordWriters(system: System, copiers: string[]): RecordWriters {
  const roles = (...handlers: Parameters<System['functionRole']>[0][]) =>
    handlers.map((handler) => system.roleArn(system.functionRole(handler)));
  const own = roles('lock/record-hold', 'evidence/sign-objects');
  return { tombstones: roles('retention/expire-points'), held: [...own, ...copiers], released: own };
}

/** What the key watch saw is what people are told of keys: nobody else writes it. In the escrow bucket of its region. */
export const onlyTheKeyWatch = (bucket: string, system: System, writer: string): ResourceStatement => ({
  sid: 'OnlyTheKeyWatchSaysWhatItSaw',
  effect: 'Deny',
  principal: '*',
  actions: ['s3:PutObject'],
  resources: [`${bucket}/${keyWatchPrefix(system.name)}*`],
  conditions: { ArnNotLike: { 'aws:PrincipalArn': [writer] } },
});

export const onlyTheirWriters = (bucket: string, system: System, writers: RecordWriters): ResourceStatement[] =>
  (
    [
      ['OnlyRetentionSaysThatItExpired', 'tombstone', writers.tombstones],
      ['OnlyHoldsSayThatItIsHeld', 'held', writers.held],
      ['OnlyHoldsSayThatItIsReleased', 'released', writers.released],
    ] as const
  ).map(([sid, kind, arns]) => ({
    sid,
    effect: 'Deny',
    principal: '*',
    actions: ['s3:PutObject'],
    // Any file of that name, signatures too: readers go by how it begins.
    resources: [`${bucket}/${pointPrefix(system.name, '*', '*')}${kind}-*`],
    conditions: { ArnNotLike: { 'aws:PrincipalArn': [...arns] } },
  }));
