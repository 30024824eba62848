/** A request that nobody has time to see is none, and one that waits for months is forgotten. */
import { durationSeconds } from '../durations.ts';
import { finding, postgresAssets, type Rule } from './rule.ts';

const SHORTEST_SECONDS = 15 * 60;
const LONGEST_SECONDS = 14 * 86_400;

export const checkApprovals: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset, path }) => {
    const approvals = asset.restore?.approvals;
    if (approvals === undefined) return [];
    const seconds = durationSeconds(approvals.expiry);
    const of = [...path, 'restore', 'approvals', 'expiry'];
    if (seconds < SHORTEST_SECONDS)
      return [
        finding(
          plan,
          'error',
          of,
          'A request expires before anybody can have read it',
          'Wait for a quarter of an hour at least, such as PT1H',
        ),
      ];
    if (seconds > LONGEST_SECONDS)
      return [finding(plan, 'error', of, 'A request waits longer than anybody remembers why', 'Wait for two weeks at most, such as PT24H')];
    return [];
  });
