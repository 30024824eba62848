/** A plan that nobody looks at again describes a system that is no longer there. */
import { decideReview, NO_EVENTS } from '../review.ts';
import type { Finding } from '../finding.ts';
import { finding, type Rule } from './rule.ts';

export const checkReview: Rule = (plan, now) => {
  if (plan.agreement === undefined) return [];
  const state = decideReview(plan, NO_EVENTS, now);
  if (!state.stated)
    return [
      finding(
        plan,
        'warning',
        ['agreement', 'review'],
        'No review is ever due: what changes around this plan changes nothing in it',
        'Give it a `period`, such as P6M',
      ),
    ];
  const ahead = [
    ...(state.last ? [{ at: state.last.at, path: ['agreement', 'review', 'last', 'at'] }] : []),
    ...(plan.agreement.review?.recorded ?? []).map(({ at }, i) => ({ at, path: ['agreement', 'review', 'recorded', i, 'at'] })),
  ].filter(({ at }) => Date.parse(at) > now.getTime());
  return [
    ...ahead.map(({ path }) => finding(plan, 'error', path, 'This is still to come', 'Write when it was')),
    ...(state.reasons.length === 0
      ? []
      : [
          due(
            plan,
            state.reasons.map(({ text }) => text),
          ),
        ]),
  ];
};

const due = (plan: Parameters<Rule>[0], reasons: readonly string[]): Finding =>
  finding(
    plan,
    'warning',
    ['agreement', 'review', 'last'],
    `A review is due: ${reasons.join('; ')}`,
    'Look at the plan together, then run `npx holdfast plan review --done --by <name>`',
  );
