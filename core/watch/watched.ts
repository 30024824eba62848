/** What a watcher is told of the plan: the part of each asset that its findings are decided from. */
import * as z from 'zod';
import { PlanSource } from '../escrow/key-place.ts';
import { KeyCanary } from '../plan/schema-canary.ts';
import { Offline } from '../plan/schema-escrow.ts';
import { DeclaredGap, Duration, Schedule } from '../plan/schema-parts.ts';
import type { Asset } from '../plan/schema.ts';
import type { VaultSide } from '../vault/side.ts';

const Common = {
  id: z.string(),
  objectives: z.object({ rpo: Duration, rto: Duration }),
  /** Those that let another bound stand in for an objective. */
  gaps: z.array(DeclaredGap.pick({ id: true, what: true, bound: true, objective: true })),
};
const WatchedDatabase = z.object({
  ...Common,
  kind: z.literal('postgres'),
  needsKeys: z.array(z.string()),
  source: z.object({ secret: z.string() }).optional(),
  restore: z.object({ secret: z.string() }).optional(),
  schedule: Schedule,
  /** `isScheduled`: whether this region drills by itself. */
  drill: z.object({ period: Duration, schedule: Schedule, canaries: z.array(KeyCanary.pick({ key: true })), isScheduled: z.boolean() }),
});
export type WatchedDatabase = z.infer<typeof WatchedDatabase>;
const WatchedKey = z.object({
  ...Common,
  kind: z.literal('key'),
  source: PlanSource.optional(),
  escrow: z.object({ schedule: Schedule, offline: Offline.optional() }),
});
export type WatchedKey = z.infer<typeof WatchedKey>;
export const WatchedAsset = z.discriminatedUnion('kind', [WatchedDatabase, WatchedKey]);
export type WatchedAsset = z.infer<typeof WatchedAsset>;

/** @param side of the second region, drills are those of the replica, where the plan has them */
export const watchedAssets = (assets: readonly Asset[], side: VaultSide): WatchedAsset[] =>
  assets.map((asset): WatchedAsset => {
    const { id, objectives } = asset;
    const gaps = asset.gaps.flatMap((gap) =>
      gap.bound === undefined ? [] : [{ id: gap.id, what: gap.what, bound: gap.bound, objective: gap.objective }],
    );
    if (asset.kind === 'key') {
      const { schedule, offline } = asset.escrow;
      return { kind: 'key', id, objectives, gaps, source: asset.source, escrow: { schedule, ...(offline ? { offline } : {}) } };
    }
    const { period, canaries, fromReplica, schedule: atHome } = asset.drill;
    const [schedule, isScheduled] = side === 'vault' ? [atHome, true] : [fromReplica ?? atHome, fromReplica !== undefined];
    const drill = { period, schedule, canaries: canaries.map(({ key }) => ({ key })), isScheduled };
    const { needsKeys, source, restore } = asset;
    const logins = { source: { secret: source.secret }, ...(restore ? { restore: { secret: restore.secret } } : {}) };
    return { kind: 'postgres', id, objectives, gaps, needsKeys, ...logins, schedule: asset.schedule, drill };
  });
