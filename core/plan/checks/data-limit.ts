/** Locks and retention against the longest that data-protection rules let a copy live: what is locked cannot be erased. */
import { isAtLeast } from '../durations.ts';
import { WINDOWS } from './retention.ts';
import { finding, postgresAssets, type Rule } from './rule.ts';

export const checkDataLimit: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset: { lock, retention }, path }) => {
    const limit = retention.statedLimit;
    if (limit === undefined) {
      const isPersonal = plan.classification === 'restricted' || plan.classification === 'confidential';
      if (lock.mode !== 'compliance' || !isPersonal) return [];
      const problem = `Data of class ${plan.classification} is locked beyond anybody’s power, and no limit is stated to compare the lock with`;
      return [
        finding(plan, 'warning', [...path, 'retention', 'statedLimit'], problem, 'State the longest that a copy of this data may live'),
      ];
    }
    const limited = [
      { field: ['lock', 'length'], value: lock.length, what: 'Points are locked' },
      { field: ['retention', 'hot'], value: retention.hot, what: 'Points are kept' },
      ...WINDOWS.map((window) => ({ field: ['retention', window], value: retention[window], what: 'The first point of a window is kept' })),
    ];
    return limited
      .filter(({ value }) => value !== undefined && !isAtLeast(limit, value))
      .map(({ field, value, what }) =>
        finding(
          plan,
          'error',
          [...path, ...field],
          `${what} for ${value}, longer than the stated limit of ${limit}`,
          `Write ${limit} or less, or correct the limit`,
        ),
      );
  });
