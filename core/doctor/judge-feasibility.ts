/** Whether the RTO can be kept for what there is to restore today, by what drills, backups and restores measured. Pure. */
import type { DrillEvidence } from '../drill/contract.ts';
import { tellsRpo } from '../drill/measured-rpo.ts';
import { recoveryTimes } from '../drill/recovery-times.ts';
import { describeSeconds } from '../plan/durations.ts';
import { assumedParts, findInfeasible, recoveryParts } from '../plan/feasibility.ts';
import type { PostgresAsset } from '../plan/schema.ts';

/** The newest verified point. */
export type NewestPoint = {
  point: string;
  /** Stored bytes of what is restored of it, as a drill counts them. */
  restoredBytes: number;
  /** Of the database that it was taken of. */
  databaseBytes: number;
  /** How long it took to make. */
  backupSeconds: number;
};

export type SeenFeasibility = {
  /** Newest first. */
  drills: readonly DrillEvidence[];
  newest: NewestPoint | undefined;
  /** How long the newest restore that replaced the database took to stop what uses it, and to put it back. */
  quiesce?: { run: string; seconds: number } | undefined;
};

export function judgeFeasibility(asset: PostgresAsset, { drills, newest, quiesce }: SeenFeasibility): { problem: string; fix: string }[] {
  const drill = drillToReckonWith(drills);
  if (!drill?.result) return newest === undefined ? [] : [notMeasured(asset, newest)];
  const { bytesRestored } = drill.result;
  const times = recoveryTimes(drill.result, drill.measured.retrievalSeconds);
  const parts = recoveryParts(asset, {
    drill: `${drill.run}${drill.from === 'replica' ? ', from the replica' : ''}${tellsRpo(drill) ? '' : ', of an older point'}`,
    retrievalSeconds: times.retrievalSeconds ?? 0,
    restoreSeconds: times.restoreSeconds ?? 0,
    validationSeconds: times.validationSeconds ?? 0,
    drilledBytes: bytesRestored,
    newestBytes: newest?.restoredBytes ?? bytesRestored,
    // Who says what is to be stopped means to replace the database, and that is dumped first.
    ...(asset.restore?.quiesce === undefined
      ? {}
      : {
          replacing: {
            ...(newest ? { backup: { point: newest.point, seconds: newest.backupSeconds } } : {}),
            ...(quiesce ? { quiesce } : {}),
          },
        }),
  });
  const infeasible = findInfeasible(asset, parts);
  return infeasible ? [infeasible] : [];
}

/** The one that is most like a recovery: from the vault, of the newest point; any other rather than none. */
function drillToReckonWith(drills: readonly DrillEvidence[]): DrillEvidence | undefined {
  const passed = drills.filter(({ outcome, result }) => outcome === 'passed' && result !== undefined);
  const ofVault = passed.filter(({ from }) => from !== 'replica');
  return ofVault.find(tellsRpo) ?? ofVault[0] ?? passed[0];
}

function notMeasured(asset: PostgresAsset, newest: NewestPoint): { problem: string; fix: string } {
  const parts = assumedParts(asset, newest);
  const infeasible = findInfeasible(asset, parts);
  const fix = `Measure it: \`npx holdfast drill ${asset.id}\``;
  if (infeasible)
    return { problem: `${infeasible.problem}. No drill has passed, so that nothing of this is measured`, fix: `${fix}. ${infeasible.fix}` };
  const total = parts.reduce((sum, { seconds }) => sum + seconds, 0);
  const listed = parts.map(({ name, seconds, how, source }) => `${name} ${describeSeconds(seconds)} (${source}: ${how})`).join(', ');
  return {
    problem: `No drill has passed: that a recovery takes about ${describeSeconds(total)} is reckoned, not measured: ${listed}`,
    fix,
  };
}
