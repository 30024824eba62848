/** Drills come as often as the plan says they do, and last long enough to show that the RTO is missed. */
import { describeSeconds, durationSeconds } from '../durations.ts';
import { gapFor } from '../objectives.ts';
import { isOneSelect } from '../one-select.ts';
import { finding, postgresAssets, repeated, type Rule } from './rule.ts';
import { intervalOf } from './schedules.ts';

export const checkDrillPeriod: Rule = (plan, now) =>
  postgresAssets(plan).flatMap(({ asset, path }) => {
    const interval = intervalOf(asset.drill.schedule, now);
    if (interval === undefined) return [];
    const gap = gapFor(asset, 'drill');
    // P3M is as long as the calendar makes it: the first of July to the first of October is three months and 92 days.
    const allowed = durationSeconds(gap?.bound ?? asset.drill.period, 'most');
    if (interval <= allowed) return [];
    const problem = `Up to ${describeSeconds(interval)} pass between two drills, ${describeSeconds(allowed)} are allowed`;
    const fix = 'Drill more often, lengthen the period, or declare a gap with `objective: drill` and a bound';
    return gap === undefined
      ? [finding(plan, 'error', [...path, 'drill', 'period'], problem, fix)]
      : [finding(plan, 'error', [...path, 'gaps', asset.gaps.indexOf(gap), 'bound'], problem, fix)];
  });

export const checkReplicaDrill: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset, path }) => {
    if (asset.drill.fromReplica !== undefined) return [];
    const problem = 'No drill restores from the replica vault: that the second region works without the first is not proven';
    return [finding(plan, 'warning', [...path, 'drill', 'fromReplica'], problem, 'Give it a schedule, such as once a month')];
  });

export const checkDrillLength: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset, path }) => {
    const longest = durationSeconds(asset.drill.schedule.longestRun);
    const rto = durationSeconds(gapFor(asset, 'rto')?.bound ?? asset.objectives.rto);
    if (longest > rto) return [];
    const problem = `A drill is ended after ${describeSeconds(longest)}, so it can never show that a restore takes longer than the RTO`;
    return [
      finding(plan, 'warning', [...path, 'drill', 'schedule', 'longestRun'], problem, `Allow more than the RTO: ${describeSeconds(rto)}`),
    ];
  });

/** A check must be one reading statement that gives one number; evidence names it, so names are told apart. */
export const checkDrillSql: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset, path }) => {
    const { checks, canaries, rowCounts } = asset.drill;
    const statements = [
      ...checks.map((check, i) => ({ sql: check.sql, at: [...path, 'drill', 'checks', i, 'sql'] })),
      ...canaries.map((canary, i) => ({ sql: canary.sql, at: [...path, 'drill', 'canaries', i, 'sql'] })),
    ];
    return [
      ...statements
        .filter(({ sql }) => !isOneSelect(sql))
        .map(({ at }) => finding(plan, 'error', at, 'This is not one SELECT', 'Write one SELECT or WITH statement')),
      ...repeated(checks.map((check) => check.name)).map(({ index }) =>
        finding(
          plan,
          'error',
          [...path, 'drill', 'checks', index, 'name'],
          'Another check of this drill has the same name',
          'Give each check a name of its own',
        ),
      ),
      ...rowCounts.flatMap(({ table }, i) =>
        /^[^.]+\.[^.]+$/.test(table)
          ? []
          : [
              finding(
                plan,
                'error',
                [...path, 'drill', 'rowCounts', i, 'table'],
                'This is not schema.table',
                'Write the table with its schema',
              ),
            ],
      ),
    ];
  });
