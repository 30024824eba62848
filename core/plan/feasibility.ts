/**
 * Whether an RTO can be kept: every part of a recovery, what is known of it, and what the largest of them is. What drills measured
 * stands where there is something; what people need is only ever stated. Pure.
 */
import { describeSeconds, durationSeconds } from './durations.ts';
import { gapFor } from './objectives.ts';
import type { Asset, PostgresAsset } from './schema.ts';

const MIB_PER_GIB = 1024;

type PartName = 'detection' | 'approval' | 'retrieval' | 'transfer' | 'restore' | 'validation' | 'manual work' | 'host-bound secrets';
export type RecoveryPart = { name: PartName; seconds: number; source: 'stated' | 'measured'; how: string };

/** What the vault knows: the newest passed drill, and how much there is to restore today. */
export type MeasuredRecovery = {
  drill: string;
  retrievalSeconds: number;
  restoreSeconds: number;
  validationSeconds: number;
  /** Stored bytes of the point that was drilled. */
  drilledBytes: number;
  /** Of the newest verified point. */
  newestBytes: number;
};

const part = (name: PartName, seconds: number, how: string, source: RecoveryPart['source'] = 'stated'): RecoveryPart[] =>
  seconds > 0 ? [{ name, seconds, source, how }] : [];

/** Empty when nothing is known of how long a restore takes. */
export function recoveryParts(asset: PostgresAsset, measured?: MeasuredRecovery): RecoveryPart[] {
  const { expected } = asset;
  const technical = measured ? measuredParts(measured) : expected ? statedParts(expected) : [];
  if (technical.length === 0) return [];
  const measuredValidation = technical.find(({ name }) => name === 'validation')?.seconds ?? 0;
  const people = (['detection', 'approval'] as const).flatMap((name) =>
    expected?.[name] === undefined ? [] : part(name, durationSeconds(expected[name]), `expected.${name}`),
  );
  const validation = expected?.validation === undefined ? 0 : durationSeconds(expected.validation);
  return [
    ...people,
    // Of what drills check and what people look at, done side by side, the longer one counts.
    ...technical.filter(({ name }) => name !== 'validation' || measuredValidation >= validation),
    ...part('validation', measuredValidation >= validation ? 0 : validation, 'expected.validation'),
    ...(expected?.manual === undefined ? [] : part('manual work', durationSeconds(expected.manual), 'expected.manual')),
    ...followUpParts(asset),
  ];
}

/** What people do after a restore, where the asset is not usable before. */
export function followUpParts(asset: Asset): RecoveryPart[] {
  const followUps = (asset.kind === 'postgres' ? asset.restore?.followUps : asset.followUps) ?? [];
  return followUps.flatMap(({ name, kind, count, secondsPerSecret, duration }) => [
    ...(kind === 'provision-secrets'
      ? part('host-bound secrets', (count ?? 0) * (secondsPerSecret ?? 0), `${name}: ${count ?? 0} × ${secondsPerSecret ?? 0} s`)
      : []),
    ...(duration === undefined ? [] : part('manual work', durationSeconds(duration), name)),
  ]);
}

/** The database is written while it arrives, so that of both the slower one counts. */
function statedParts(expected: NonNullable<PostgresAsset['expected']>): RecoveryPart[] {
  const mib = expected.sizeGiB * MIB_PER_GIB;
  const { networkMiBps, restoreMiBps } = expected;
  const isNetworkSlower = networkMiBps !== undefined && networkMiBps < restoreMiBps;
  const rate = isNetworkSlower ? networkMiBps : restoreMiBps;
  return part(isNetworkSlower ? 'transfer' : 'restore', mib / rate, `${expected.sizeGiB} GiB at ${rate} MiB a second`);
}

/** What was measured, for what there is today. */
function measuredParts(measured: MeasuredRecovery): RecoveryPart[] {
  const { drilledBytes, newestBytes, restoreSeconds } = measured;
  const growth = drilledBytes > 0 ? newestBytes / drilledBytes : 1;
  const how = growth > 1.1 || growth < 0.9 ? `drill ${measured.drill}, for ${growth.toFixed(1)} times as much` : `drill ${measured.drill}`;
  return [
    ...part('retrieval', measured.retrievalSeconds, how, 'measured'),
    ...part('restore', restoreSeconds * growth, how, 'measured'),
    ...part('validation', measured.validationSeconds * Math.max(1, growth), how, 'measured'),
  ];
}

const FIXES: Record<PartName, string> = {
  detection: 'Let the loss be noticed sooner (an alarm of the application), or agree on a longer RTO',
  approval: 'Let more people approve, or agree beforehand on what needs no approval',
  retrieval: 'Keep points where they are read at once (glacier-ir), or accept the longer RTO for old points in a gap',
  transfer: 'Widen the path between vault and target, restore nearer to the vault, or agree on a longer RTO',
  restore: 'Give the target and its task more processors (`drill.jobs`, `task`), restore less at once, or agree on a longer RTO',
  validation: 'Automate the validation as checks of the drill, or count its time in the RTO',
  'manual work': 'Automate what is done by hand, or count its time in the RTO',
  'host-bound secrets': 'Have fewer of them, set them by a script, or count their time in the RTO',
};

export type Infeasible = { problem: string; fix: string; totalSeconds: number };

/** Undefined when the parts fit, or nothing is known. */
export function findInfeasible(asset: Asset, parts: readonly RecoveryPart[]): Infeasible | undefined {
  const gap = gapFor(asset, 'rto');
  const allowed = durationSeconds(gap?.bound ?? asset.objectives.rto, 'least');
  const totalSeconds = parts.reduce((sum, { seconds }) => sum + seconds, 0);
  const largest = parts.toSorted((a, b) => b.seconds - a.seconds)[0];
  if (largest === undefined || totalSeconds <= allowed) return undefined;
  const listed = parts.map(({ name, seconds, how, source }) => `${name} ${describeSeconds(seconds)} (${source}: ${how})`).join(', ');
  const which = gap === undefined ? 'the RTO' : `the RTO that the gap ${gap.id ?? ''} allows`.replace('  ', ' ');
  return {
    problem: `The objective is unrealistic: a recovery takes about ${describeSeconds(totalSeconds)}, and ${which} is ${describeSeconds(allowed)}: ${listed}`,
    fix: `${FIXES[largest.name]}. The largest part is ${largest.name}`,
    totalSeconds,
  };
}
