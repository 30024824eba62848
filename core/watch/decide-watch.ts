/** What there is to tell of a system, decided from what was seen of it, the plan and an instant; the colours are those of any list. Pure. */
import { decidePointState } from '../backup/decide-admission.ts';
import { decideColour, type SystemStatus } from '../status/decide-colour.ts';
import { limitOfPoints, type ReviewDue } from '../status/decide-database.ts';
import { keyProofs } from '../status/summary.ts';
import { later } from '../status/time.ts';
import type { KeyWatchRecord } from './key-record.ts';
import { instantOfRun, isRun, scheduledSlotId, slotInstant } from '../vault/ids.ts';
import type { VaultSide } from '../vault/side.ts';
import { REMEDIES, type Finding } from './finding.ts';
import type { Seen, SeenDatabase, SeenKey } from './seen.ts';
import { LOOKED_BACK_SECONDS, missedSlots, runSeconds, SLACK_SECONDS, type DueSlot } from './slots.ts';
import type { WatchedAsset, WatchedDatabase, WatchedKey } from './watched.ts';

export type Watched = { findings: Finding[]; status: SystemStatus };

/** `keyWatch`: what that region's key watch wrote down last, if anything. */
type SeenAll = {
  side: VaultSide;
  assets: readonly WatchedAsset[];
  seen: Readonly<Record<string, Seen>>;
  keyWatch?: KeyWatchRecord | undefined;
  reviewDue?: ReviewDue | undefined;
};

/** @param at the instant that is judged; what is missed by then is missed */
export function decideWatch({ side, assets, seen, keyWatch, reviewDue }: SeenAll, at: Date): Watched {
  const known = assets.filter(({ id }) => (seen[id] ?? NOTHING).kind !== 'not-seen');
  const status = decideColour(
    { assets: known, gaps: [] },
    { ...recordsOf(known, seen, side), keyWatches: { [side]: keyWatch }, reviewDue },
    at,
  );
  const findings = assets.flatMap((asset): Finding[] => {
    const { id } = asset;
    const one = seen[id] ?? NOTHING;
    if (one.kind === 'not-seen') return [{ kind: 'not-seen', asset: id, text: one.text }];
    const own =
      asset.kind === 'postgres' && one.kind === 'postgres'
        ? ofDatabase(asset, one, side, at)
        : asset.kind === 'key' && one.kind === 'key'
          ? ofKey(asset, one, at)
          : [];
    return [...own, ...ofStatus(asset, status)];
  });
  return { findings, status };
}

const NOTHING: Seen = { kind: 'not-seen', text: 'it was not looked at' };

function recordsOf(assets: readonly WatchedAsset[], seen: Readonly<Record<string, Seen>>, side: VaultSide) {
  const databases = assets.flatMap(({ id }) => (seen[id]?.kind === 'postgres' ? [[id, seen[id]] as const] : []));
  const keys = assets.flatMap(({ id }) => (seen[id]?.kind === 'key' ? [[id, seen[id]] as const] : []));
  const evidences = databases.flatMap(([, one]) => one.evidences);
  return {
    points: Object.fromEntries(databases.map(([id, { summaries }]) => [id, summaries])),
    drills: Object.fromEntries(databases.map(([id, { drills }]) => [id, drills.map(summaryOfFact)])),
    keys: Object.fromEntries(
      keys.map(([key, { current, readBacks, states }]) => [
        key,
        {
          key,
          current,
          readBacks,
          proofs: keyProofs(evidences, key),
          versions: states.map((state) => ({ place: side, state })),
          // It was looked at: that nothing is there is known.
          isKnown: true,
        },
      ]),
    ),
    places: [side],
  };
}

const summaryOfFact = ({ at, outcome, point, reasons, rtoSeconds }: SeenDatabase['drills'][number]) => ({
  at,
  outcome,
  point,
  reasons,
  rpoSeconds: undefined,
  rtoSeconds,
  target: '',
});

/** The reasons of its colour that are somebody's to put right. */
const ofStatus = ({ id, kind }: WatchedAsset, status: SystemStatus): Finding[] =>
  (status.assets[id]?.reasons ?? []).flatMap(({ colour, code, text, since }): Finding[] => {
    // Of a key that a database needs the key's own asset tells.
    if (code === 'clock-ahead') return [{ kind: 'clock-differs', asset: id, text }];
    if (REMEDIES[code] === undefined || (kind === 'postgres' && code === 'never-read-back')) return [];
    if (colour === 'no data') return [{ kind: 'no-data', asset: id, code, text }];
    return [{ kind: 'objective-broken', asset: id, code, text, since }];
  });

function ofDatabase(asset: WatchedDatabase, seen: SeenDatabase, side: VaultSide, at: Date): Finding[] {
  const { id } = asset;
  const has = new Set(seen.points.flatMap(({ point, isCommitted, isExpired }) => (isCommitted || isExpired ? [point] : [])));
  const newestGood = Math.max(0, ...seen.summaries.map(({ consistentAt }) => Date.parse(consistentAt)));
  const newestDrill = Math.max(0, ...seen.drills.map((drill) => Date.parse(drill.at)));
  const { beginsAt } = seen;
  if (beginsAt === undefined) return [];
  const backups = missedSlots(asset.schedule, { at, beginsAt, isMade: (slot) => has.has(scheduledSlotId(slot)) });
  // Each region holds the drills of its own vault; of both, the replica has the facts.
  const heldHere = seen.drills.filter(({ from }) => from === side).map(({ id: run, at: judged }) => startOf(run, judged));
  const drills = asset.drill.isScheduled
    ? missedSlots(asset.drill.schedule, { at, beginsAt, isMade: (slot) => heldHere.some((start) => isFor(slot, start)) })
    : [];
  return [
    ...backups.map(missed(id, 'backup', newestGood)),
    ...drills.map(missed(id, 'drill', newestDrill)),
    ...(side === 'vault' ? [...unfinished(asset, seen, at), ...behind(asset, seen, at)] : []),
    ...seen.damaged.map(({ point, text }): Finding => ({ kind: 'record-damaged', asset: id, point, text })),
  ];
}

function ofKey({ id, escrow }: WatchedKey, { beginsAt, runs }: SeenKey, at: Date): Finding[] {
  if (beginsAt === undefined) return [];
  const newest = Math.max(0, ...runs.map((run) => run.getTime()));
  const isMade = (slot: Date) => runs.some((run) => isFor(slot, run));
  return missedSlots(escrow.schedule, { at, beginsAt, isMade }).map(missed(id, 'escrow', newest));
}

/** Clocks of Scheduler and of what it starts need not agree to the second. */
const isFor = (slot: Date, run: Date) => run.getTime() >= slot.getTime() - 60_000;

/** The id of a run begins with the instant at which it began. */
const startOf = (run: string, otherwise: string): Date => new Date(isRun(run) ? instantOfRun(run) : otherwise);

const missed =
  (asset: string, stage: 'backup' | 'drill' | 'escrow', newestMs: number) =>
  ({ slot, deadline }: DueSlot): Finding => ({
    kind: 'slot-missed',
    asset,
    stage,
    slot: slot.toISOString(),
    since: deadline.toISOString(),
    isOpen: newestMs < slot.getTime(),
  });

const WRITTEN = ['verified', 'locked', 'replicated'] as const;

/** Points of the time that is looked back upon; an older one would be one that nobody wanted to finish. */
function unfinished({ id, schedule }: WatchedDatabase, { points }: SeenDatabase, at: Date): Finding[] {
  return points.flatMap((point): Finding[] => {
    if (!point.isCommitted || point.isExpired || decidePointState(point) !== 'committed') return [];
    const since = later(slotInstant(point.point).toISOString(), runSeconds(schedule));
    const age = at.getTime() - Date.parse(since);
    if (age < 0 || age > LOOKED_BACK_SECONDS * 1000) return [];
    const missing = [...WRITTEN.filter((kind) => !point.kinds.has(kind)), ...(point.isSigned ? [] : ['signed'])];
    return [{ kind: 'point-unfinished', asset: id, point: point.point, missing, since }];
  });
}

function behind(asset: WatchedDatabase, { points }: SeenDatabase, at: Date): Finding[] {
  const allowedSeconds = limitOfPoints(asset).seconds + SLACK_SECONDS;
  const late = points
    .filter(({ isCommitted, isExpired, kinds }) => isCommitted && !isExpired && !kinds.has('replicated'))
    .map(({ point }) => ({ point, since: later(slotInstant(point).toISOString(), allowedSeconds) }))
    .filter(({ since }) => Date.parse(since) <= at.getTime())
    .toSorted((a, b) => (a.point < b.point ? -1 : 1));
  const [oldest] = late;
  return oldest ? [{ kind: 'replica-behind', asset: asset.id, ...oldest, points: late.length, allowedSeconds }] : [];
}
