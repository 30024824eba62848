/**
 * Whether an RTO can be kept: every part of a recovery, what is known of it, and what the largest of them is. What drills measured
 * stands where there is something; what people need is only ever stated. Pure.
 */
import { describeSeconds, durationSeconds } from './durations.ts';
import { gapFor } from './objectives.ts';
import type { Asset, DeclaredGap, PostgresAsset } from './schema.ts';
import type { FollowUp } from './schema-follow-ups.ts';

const MIB_PER_GIB = 1024;
const BYTES_PER_MIB = 1024 ** 2;

/** The default of `expected.restoreMiBps`: under half of what docs/performance.md measured on two cores, since nobody knows the target. */
export const ASSUMED_MIB_PER_SECOND = 25;

type PartName =
  | 'detection'
  | 'approval'
  | 'stopping and putting back'
  | 'safety backup'
  | 'retrieval'
  | 'transfer'
  | 'restore'
  | 'validation'
  | 'manual work'
  | 'host-bound secrets';
/** `assumed`: neither the plan nor a drill says it. */
export type RecoveryPart = { name: PartName; seconds: number; source: 'stated' | 'measured' | 'assumed'; how: string };

/** What the vault knows: the newest passed drill, and how much there is to restore today. */
export type MeasuredRecovery = {
  drill: string;
  retrievalSeconds: number;
  restoreSeconds: number;
  validationSeconds: number;
  /** Stored bytes of what is restored of the point that was drilled: no roles, no schema beside it. */
  drilledBytes: number;
  /** The same of the newest verified point. */
  newestBytes: number;
  /** What only a restore that replaces the database does first and last; absent where the plan is not for that, or nothing is known. */
  replacing?: { backup?: { point: string; seconds: number }; quiesce?: { run: string; seconds: number } };
};

/** What of a plan says how long people take. */
export type PeopleOf = {
  expected?: Pick<NonNullable<PostgresAsset['expected']>, 'detection' | 'approval' | 'validation' | 'manual'> | undefined;
  restore?: Pick<NonNullable<PostgresAsset['restore']>, 'followUps'> | undefined;
};

const part = (name: PartName, seconds: number, how: string, source: RecoveryPart['source'] = 'stated'): RecoveryPart[] =>
  seconds > 0 ? [{ name, seconds, source, how }] : [];

/** Empty when nothing is known of how long a restore takes. What people need is only ever stated. */
export function recoveryParts(asset: PostgresAsset, measured?: MeasuredRecovery): RecoveryPart[] {
  const { expected } = asset;
  return withPeople(asset, measured ? measuredParts(measured) : expected ? statedParts(expected) : []);
}

/**
 * Before a drill measured anything: of a database of this size, at the plan's rate or at the one that is assumed where it states none.
 * @param databaseBytes as the newest point's manifest has it
 */
export function assumedParts(asset: PostgresAsset, { point, databaseBytes }: { point: string; databaseBytes: number }): RecoveryPart[] {
  const { restoreMiBps = ASSUMED_MIB_PER_SECOND, networkMiBps = Infinity } = asset.expected ?? {};
  const rate = Math.min(restoreMiBps, networkMiBps);
  const how = `${(databaseBytes / BYTES_PER_MIB / MIB_PER_GIB).toFixed(1)} GiB of ${point} at ${rate} MiB a second`;
  return withPeople(asset, part('restore', databaseBytes / BYTES_PER_MIB / rate, how, 'assumed'));
}

function withPeople(asset: PostgresAsset, technical: readonly RecoveryPart[]): RecoveryPart[] {
  if (technical.length === 0) return [];
  const checkedSeconds = technical.find(({ name }) => name === 'validation')?.seconds ?? 0;
  const [validation, people] = statedByPeople(asset);
  const isLonger = validation.some(({ seconds }) => seconds > checkedSeconds);
  const isBefore = ({ name }: RecoveryPart) => name === 'detection' || name === 'approval';
  return [
    ...people.filter(isBefore),
    // Of what drills check and what people look at, done side by side, the longer one counts.
    ...technical.filter(({ name }) => name !== 'validation' || !isLonger),
    ...(isLonger ? validation : []),
    ...people.filter((one) => !isBefore(one)),
  ];
}

/** What people look at, which goes on beside the checks, and everything else that they do. */
function statedByPeople(asset: PeopleOf): [validation: RecoveryPart[], rest: RecoveryPart[]] {
  const stated = (field: 'detection' | 'approval' | 'validation' | 'manual', name: PartName) => {
    const duration = asset.expected?.[field];
    return duration === undefined ? [] : part(name, durationSeconds(duration), `expected.${field}`);
  };
  return [
    stated('validation', 'validation'),
    [
      ...stated('detection', 'detection'),
      ...stated('approval', 'approval'),
      ...stated('manual', 'manual work'),
      ...partsOf(asset.restore?.followUps ?? []),
    ],
  ];
}

/**
 * What people add to what a drill measured, as the plan states it.
 * @param checkedSeconds how long the drill's own checks took; where that is not known, what people look at is not counted
 */
export function peopleSeconds(asset: PeopleOf, checkedSeconds = Infinity): number {
  const [validation, rest] = statedByPeople(asset);
  return sumOf(rest) + Math.max(0, sumOf(validation) - checkedSeconds);
}

const sumOf = (parts: readonly RecoveryPart[]): number => parts.reduce((sum, { seconds }) => sum + seconds, 0);

/** What people do after a restore, where the asset is not usable before. */
export const followUpParts = (asset: Asset): RecoveryPart[] =>
  partsOf((asset.kind === 'postgres' ? asset.restore?.followUps : asset.followUps) ?? []);

function partsOf(followUps: readonly FollowUp[]): RecoveryPart[] {
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
  // A point that holds less than the one that was drilled may have lost something: nobody counts on restoring that sooner.
  const growth = drilledBytes > 0 ? Math.max(1, newestBytes / drilledBytes) : 1;
  const how = growth > 1.1 ? `drill ${measured.drill}, for ${growth.toFixed(1)} times as much` : `drill ${measured.drill}`;
  const { backup, quiesce } = measured.replacing ?? {};
  return [
    ...(quiesce ? part('stopping and putting back', quiesce.seconds, `restore ${quiesce.run}`, 'measured') : []),
    ...(backup ? part('safety backup', backup.seconds, `backup ${backup.point}`, 'measured') : []),
    ...part('retrieval', measured.retrievalSeconds, how, 'measured'),
    ...part('restore', restoreSeconds * growth, how, 'measured'),
    ...part('validation', measured.validationSeconds * growth, how, 'measured'),
  ];
}

const FIXES: Record<PartName, string> = {
  detection: 'Let the loss be noticed sooner (an alarm of the application), or agree on a longer RTO',
  approval: 'Let more people approve, or agree beforehand on what needs no approval',
  'stopping and putting back': 'Stop less, or in shorter steps, or swap the restored database in while everything runs on',
  'safety backup': 'Let the backup be faster (more processors, `dump.jobs`), or restore beside, which needs none',
  retrieval: 'Keep points where they are read at once (glacier-ir), or accept the longer RTO for old points in a gap',
  transfer: 'Widen the path between vault and target, restore nearer to the vault, or agree on a longer RTO',
  restore: 'Give the target and its task more processors (`drill.jobs`, `task`), restore less at once, or agree on a longer RTO',
  validation: 'Automate the validation as checks of the drill, or count its time in the RTO',
  'manual work': 'Automate what is done by hand, or count its time in the RTO',
  'host-bound secrets': 'Have fewer of them, set them by a script, or count their time in the RTO',
};

/** The RTO, or what a declared gap lets stand in for it where that is longer. */
export function allowedRto(asset: Asset): { allowedSeconds: number; gap: DeclaredGap | undefined } {
  const gap = gapFor(asset, 'rto');
  const statedSeconds = durationSeconds(asset.objectives.rto, 'least');
  const boundSeconds = gap?.bound === undefined ? 0 : durationSeconds(gap.bound, 'least');
  return boundSeconds > statedSeconds ? { allowedSeconds: boundSeconds, gap } : { allowedSeconds: statedSeconds, gap: undefined };
}

export type Infeasible = { problem: string; fix: string; totalSeconds: number };

/** Undefined when the parts fit, or nothing is known. */
export function findInfeasible(asset: Asset, parts: readonly RecoveryPart[]): Infeasible | undefined {
  const { allowedSeconds: allowed, gap } = allowedRto(asset);
  const totalSeconds = sumOf(parts);
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

/** How large a database may be that is restored in what these parts leave of the time, at the rate that is assumed. */
export function mostGiB(allowedSeconds: number, parts: readonly RecoveryPart[]): number {
  const gib = (Math.max(0, allowedSeconds - sumOf(parts)) * ASSUMED_MIB_PER_SECOND) / MIB_PER_GIB;
  return gib < 10 ? Math.floor(gib * 10) / 10 : Math.floor(gib);
}
