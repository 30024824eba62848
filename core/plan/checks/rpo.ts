/**
 * What is lost at worst is the longest time between two runs and the longest run: a point's data is as old as its start, and it
 * counts when it is committed. That has to fit the RPO, or a declared gap has to say by how much it does not.
 */
import { describeSeconds, durationSeconds } from '../durations.ts';
import { gapFor } from '../objectives.ts';
import { allAssets, captureSchedule, finding, type Rule } from './rule.ts';
import { intervalOf } from './schedules.ts';

export const checkRpo: Rule = (plan, now) =>
  allAssets(plan).flatMap((entry) => {
    const { schedule } = captureSchedule(entry);
    const interval = intervalOf(schedule, now);
    if (interval === undefined) return [];
    const longestRun = durationSeconds(schedule.longestRun);
    const worst = interval + longestRun;
    const sum = `${describeSeconds(interval)} between runs and ${describeSeconds(longestRun)} for one: up to ${describeSeconds(worst)} of data may be lost`;
    const gap = gapFor(entry.asset, 'rpo');
    const isMet = worst <= durationSeconds(entry.asset.objectives.rpo, 'least');
    if (gap?.bound === undefined) {
      if (isMet) return [];
      const fix = `Run more often, shorten the longest run, or declare a gap with \`objective: rpo\` and a bound of at least ${asHours(worst)}`;
      return [finding(plan, 'error', [...entry.path, 'objectives', 'rpo'], sum, fix)];
    }
    const path = [...entry.path, 'gaps', entry.asset.gaps.indexOf(gap)];
    if (isMet)
      return [finding(plan, 'warning', path, 'The RPO is met without this gap', 'Remove the gap: it shows amber for nothing', gap.what)];
    if (worst <= durationSeconds(gap.bound, 'least')) return [];
    return [finding(plan, 'error', [...path, 'bound'], sum, `Give the gap a bound of at least ${asHours(worst)}, or run more often`)];
  });

const asHours = (seconds: number) => `PT${Math.ceil(seconds / 3600)}H`;
