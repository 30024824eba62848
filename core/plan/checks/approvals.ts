/** A request that nobody has time to see is none, and one that waits for months is forgotten. */
import { durationSeconds } from '../durations.ts';
import { finding, postgresAssets, type Rule } from './rule.ts';

const SHORTEST_SECONDS = 15 * 60;
const LONGEST_SECONDS = 14 * 86_400;

export const checkApprovals: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset, path }) => {
    const approvals = asset.restore?.approvals;
    if (approvals === undefined) return [];
    // The machine that is deployed restores beside its source alone, and does not wait yet.
    if (approvals.beside > 0)
      return [
        finding(
          plan,
          'error',
          [...path, 'restore', 'approvals', 'beside'],
          'Restores beside the source do not wait for approval yet',
          'Leave it at 0, and say who may assume the requester’s role by its trust',
        ),
      ];
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
