/** What was promised beside what drills measured, and whether the plan should say something else. */
import type { DrillEvidence } from '../drill/contract.ts';
import { measuredRpo } from '../drill/measured-rpo.ts';
import { checkedSeconds } from '../drill/recovery-times.ts';
import { durationSeconds } from '../plan/durations.ts';
import { peopleSeconds } from '../plan/feasibility.ts';
import { gapFor, unacceptedObjectives } from '../plan/objectives.ts';
import type { PostgresAsset } from '../plan/schema.ts';

export type ComparedObjective = {
  asset: string;
  objective: 'rpo' | 'rto';
  stated: string;
  statedSeconds: number;
  /** What a declared gap lets stand in for it. */
  accepted: { gap: string; bound: string; seconds: number } | undefined;
  /** Of drills that passed, newest first. `people`: what they add to it, as the plan states it today; no drill measures that. */
  measured: { at: string; run: string; seconds: number; target: string; people: number }[];
  median: number | undefined;
  slowest: number | undefined;
  /** `unaccepted`: met, since the target became what a drill measured; nobody has accepted that yet. `unknown`: nothing was measured. */
  verdict: 'met' | 'accepted' | 'missed' | 'unaccepted' | 'unknown';
  /** The target that the newest measurement would meet with a quarter to spare; only where it is missed. */
  proposed: string | undefined;
};

/** What is proposed leaves room for a database that grows; people need no more for that. */
const SPARE = 1.25;

export const compareObjectives = (asset: PostgresAsset, drills: readonly DrillEvidence[]): ComparedObjective[] =>
  (['rpo', 'rto'] as const).map((objective) => {
    const measured = drills
      .filter(({ outcome }) => outcome === 'passed')
      .toSorted((a, b) => Date.parse(b.judgedAt) - Date.parse(a.judgedAt))
      .flatMap((drill) => {
        const { judgedAt: at, run, measured } = drill;
        const seconds = objective === 'rpo' ? measuredRpo(drill) : measured.rtoSeconds;
        const people = objective === 'rpo' ? 0 : peopleSeconds(asset, checkedSeconds(drill));
        return seconds === undefined ? [] : [{ at, run, seconds, target: measured.target, people }];
      });
    const gap = gapFor(asset, objective);
    const accepted = gap?.bound ? { gap: gap.id ?? 'a declared gap', bound: gap.bound, seconds: durationSeconds(gap.bound) } : undefined;
    const stated = asset.objectives[objective];
    const statedSeconds = durationSeconds(stated);
    const [newest] = measured;
    const takesSeconds = newest && newest.seconds + newest.people;
    const isUnaccepted = unacceptedObjectives(asset.objectives).some((one) => one.objective === objective);
    const verdict = judge(takesSeconds, { statedSeconds, allowedSeconds: accepted?.seconds ?? 0, isUnaccepted });
    const inOrder = measured.map(({ seconds }) => seconds).toSorted((a, b) => a - b);
    return {
      asset: asset.id,
      objective,
      stated,
      statedSeconds,
      accepted,
      measured,
      median: inOrder[Math.floor((inOrder.length - 1) / 2)],
      slowest: inOrder.at(-1),
      verdict,
      proposed: verdict === 'missed' && newest !== undefined ? roundUp(newest.seconds * SPARE + newest.people) : undefined,
    };
  });

function judge(
  takesSeconds: number | undefined,
  { statedSeconds, allowedSeconds, isUnaccepted }: { statedSeconds: number; allowedSeconds: number; isUnaccepted: boolean },
): ComparedObjective['verdict'] {
  if (takesSeconds !== undefined && takesSeconds > Math.max(statedSeconds, allowedSeconds)) return 'missed';
  if (isUnaccepted) return 'unaccepted';
  if (takesSeconds === undefined) return 'unknown';
  return takesSeconds <= statedSeconds ? 'met' : 'accepted';
}

/** A duration as a plan says it: whole minutes below two hours, else whole hours. */
function roundUp(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `PT${minutes}M` : `PT${Math.ceil(seconds / 3600)}H`;
}
