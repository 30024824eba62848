/** The lock outlasts the time in which damage goes unnoticed, and nothing is kept shorter than it is locked. */
import { describeSeconds, durationDays, durationSeconds, isAtLeast } from '../durations.ts';
import type { Finding } from '../finding.ts';
import { WINDOWS } from './retention.ts';
import { finding, postgresAssets, type Rule } from './rule.ts';

/** S3's own limit for Object Lock. */
const MOST_LOCK_DAYS = 36_500;

export const checkLockOutlastsDetection: Rule = (plan) =>
  postgresAssets(plan)
    .filter(({ asset: { lock } }) => !isAtLeast(lock.length, lock.longestDetection))
    .map(({ asset: { lock }, path }) =>
      finding(
        plan,
        'error',
        [...path, 'lock', 'length'],
        `Damage may be noticed only after ${describeSeconds(durationSeconds(lock.longestDetection))}, when the last good point is no longer locked`,
        `Lock for at least ${lock.longestDetection}`,
      ),
    );

export const checkRetentionOutlastsLock: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset: { lock, retention }, path }) => {
    const findings: Finding[] = [];
    if (!isAtLeast(retention.hot, lock.length)) {
      const problem = `A point would expire while it is locked for ${lock.length}`;
      findings.push(
        finding(plan, 'error', [...path, 'retention', 'hot'], problem, `Keep points for at least ${lock.length}, or lock them for less`),
      );
    }
    return findings;
  });

export const checkLockLimits: Rule = (plan) => [
  ...postgresAssets(plan)
    .flatMap(({ asset: { lock, retention }, path }) => [
      { length: lock.length, field: [...path, 'lock', 'length'] },
      // The first point of a window is locked until that ends.
      ...WINDOWS.map((window) => ({ length: retention[window], field: [...path, 'retention', window] })),
    ])
    .filter(({ length }) => length !== undefined && durationDays(length) > MOST_LOCK_DAYS)
    .map(({ field }) => finding(plan, 'error', field, 'S3 locks for 100 years at most', 'Write P99Y or less')),
  ...(durationDays(plan.evidence.retention) > MOST_LOCK_DAYS
    ? [finding(plan, 'error', ['evidence', 'retention'], 'S3 locks for 100 years at most', 'Write P99Y or less')]
    : []),
];
