/** Compliance mode cannot be taken back: somebody has to have said until when, knowingly. */
import { longestPointLockDays } from '../../lock/longest-term.ts';
import { durationDays } from '../durations.ts';
import { finding, postgresAssets, type Rule } from './rule.ts';

const DAY_MS = 86_400_000;
const dateAfter = (now: Date, days: number) => new Date(now.getTime() + days * DAY_MS).toISOString().slice(0, 10);

export const checkCompliance: Rule = (plan, now) =>
  postgresAssets(plan).flatMap(({ asset, path }) => {
    const { lock } = asset;
    const field = [...path, 'lock', 'acknowledgedUntil'];
    if (lock.mode === 'governance') {
      if (lock.acknowledgedUntil === undefined) return [];
      return [
        finding(plan, 'warning', field, 'In governance mode nothing has to be acknowledged', 'Remove the field, or set `mode: compliance`'),
      ];
    }
    // A point made today may become the first of its month or year, whose lock lasts as long as the window.
    const lockedUntil = dateAfter(now, longestPointLockDays(asset));
    const fix = `Write the date until which you accept that nobody, root included, can delete a point: ${lockedUntil} or later`;
    if (lock.acknowledgedUntil === undefined) {
      return [finding(plan, 'error', field, 'Compliance mode without the date until which it is accepted', fix)];
    }
    if (lock.acknowledgedUntil >= lockedUntil) return [];
    return [finding(plan, 'error', field, `A point made today may be locked until ${lockedUntil}, beyond what was accepted`, fix)];
  });

/** Evidence has the strictest mode of the plan, and is kept for longer than points mostly. It holds numbers and names, never rows. */
export const checkComplianceOfEvidence: Rule = (plan, now) => {
  const dates = postgresAssets(plan).flatMap(({ asset: { lock } }) => (lock.mode === 'compliance' ? [lock.acknowledgedUntil ?? ''] : []));
  const lockedUntil = dateAfter(now, durationDays(plan.evidence.retention));
  if (dates.length === 0 || dates.some((date) => date >= lockedUntil)) return [];
  const problem = `Evidence is locked in compliance mode as points are, what is written today until ${lockedUntil}, beyond what was accepted`;
  return [finding(plan, 'warning', ['evidence', 'retention'], problem, 'Shorten it, or accept that date in `lock.acknowledgedUntil`')];
};
