/** Compliance mode cannot be taken back: somebody has to have said until when, knowingly. */
import { durationDays } from '../durations.ts';
import { finding, postgresAssets, type Rule } from './rule.ts';

const DAY_MS = 86_400_000;

export const checkCompliance: Rule = (plan, now) =>
  postgresAssets(plan).flatMap(({ asset: { lock }, path }) => {
    const field = [...path, 'lock', 'acknowledgedUntil'];
    if (lock.mode === 'governance') {
      if (lock.acknowledgedUntil === undefined) return [];
      return [
        finding(plan, 'warning', field, 'In governance mode nothing has to be acknowledged', 'Remove the field, or set `mode: compliance`'),
      ];
    }
    const lockedUntil = new Date(now.getTime() + durationDays(lock.length) * DAY_MS).toISOString().slice(0, 10);
    const fix = `Write the date until which you accept that nobody, root included, can delete a point: ${lockedUntil} or later`;
    if (lock.acknowledgedUntil === undefined) {
      return [finding(plan, 'error', field, 'Compliance mode without the date until which it is accepted', fix)];
    }
    if (lock.acknowledgedUntil >= lockedUntil) return [];
    return [finding(plan, 'error', field, `A point made today would be locked until ${lockedUntil}, beyond what was accepted`, fix)];
  });
