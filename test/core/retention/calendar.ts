/** Points of a made-up catalog, and what is decided about them as a calendar that people can read. */
import { decideRetention, type Decision } from '../../../core/retention/decide.ts';
import { explainReason } from '../../../core/retention/explain.ts';
import type { PointState } from '../../../core/retention/point-state.ts';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';
import { scheduledSlotId, slotInstant } from '../../../core/vault/ids.ts';

export const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;

/** A good point, replicated and no longer locked, but for what is said. */
export function pointAt(instant: Date | string, change: Partial<PointState> = {}): PointState {
  const point = scheduledSlotId(new Date(instant));
  return {
    point,
    instant: slotInstant(point),
    verified: true,
    proven: false,
    replicated: true,
    holds: [],
    neededBy: [],
    hidden: false,
    tombstoned: false,
    ...change,
  };
}

/** A point a day at one time of day, from one date to another. */
export function daily(
  from: string,
  to: string,
  time = '01:15:00',
  change: (date: string) => Partial<PointState> = () => ({}),
): PointState[] {
  const points: PointState[] = [];
  for (let day = Date.parse(from); day <= Date.parse(to); day += DAY_MS) {
    const date = new Date(day).toISOString().slice(0, 10);
    points.push(pointAt(`${date}T${time}Z`, change(date)));
  }
  return points;
}

export const keptOf = (decisions: readonly Decision[]) =>
  decisions.flatMap(({ point, action }) => (action === 'keep' ? [point] : [])).toSorted();

export const expiredOf = (decisions: readonly Decision[]) =>
  decisions.flatMap(({ point, action }) => (action === 'expire' ? [point] : [])).toSorted();

/** What is left when all that expires is gone. */
export function afterExpiry(points: readonly PointState[], policy: RetentionPolicy, now: Date): PointState[] {
  const kept = new Set(keptOf(decideRetention(points, policy, now)));
  return points.filter(({ point }) => kept.has(point));
}

/** One line for each run of points of which the same is said, newest first. */
export function renderCalendar(points: readonly PointState[], policy: RetentionPolicy, now: Date): string {
  const lines = decideRetention(points, policy, now).map(({ point, action, reasons }) => ({
    point,
    // How old each is differs from point to point.
    said: `${action.padEnd(6)}  ${reasons.map((reason) => explainReason(reason).replace(/: it is .* older than/, ': older than')).join('; ')}`,
  }));
  const groups: { first: string; last: string; count: number; said: string }[] = [];
  for (const { point, said } of lines) {
    const group = groups.at(-1);
    if (group?.said === said) Object.assign(group, { last: point, count: group.count + 1 });
    else groups.push({ first: point, last: point, count: 1, said });
  }
  const kept = lines.filter(({ said }) => said.startsWith('keep')).length;
  return [
    `On ${now.toISOString()}: ${points.length} points, ${kept} kept`,
    '',
    ...groups.map(
      ({ first, last, count, said }) => `${(count === 1 ? first : `${first} … ${last}`).padEnd(36)} ${String(count).padStart(4)}  ${said}`,
    ),
    '',
  ].join('\n');
}
