/** Ownership unclear: in an emergency nobody knows whom to ask. What is left out, and what is only a place-holder, is found. */
import type { Finding } from '../finding.ts';
import type { ProtectionPlan } from '../schema.ts';
import { finding, type Path, type Rule } from './rule.ts';

const PLACE_HOLDER = /^(tbd|tbc|todo|to be (decided|defined|done|confirmed)|unknown|somebody|someone|nobody|none|n\/?a|x+|\?+|-+|\.+)$/i;
const isPlaceHolder = (text: string) => PLACE_HOLDER.test(text.trim());

/** What each answers for, and whether they must be reached at night: the two that a loss begins with. */
const PARTIES = {
  hosting: { does: 'runs what the system stands on', isCalled: false },
  backup: { does: 'answers for points being made', isCalled: false },
  recovery: { does: 'restores', isCalled: true },
  support: { does: 'users turn to', isCalled: true },
} as const;

export const checkOwnership: Rule = (plan) => {
  const named: { who: string; path: Path }[] = [
    { who: plan.owner, path: ['owner'] },
    { who: plan.operator, path: ['operator'] },
    ...plan.assets.flatMap(({ owner }, i) => (owner === undefined ? [] : [{ who: owner, path: ['assets', i, 'owner'] }])),
  ];
  return [
    ...named.flatMap(({ who, path }) =>
      isPlaceHolder(who)
        ? [finding(plan, 'warning', path, 'Ownership is unclear: this is nobody’s name', 'Write the team, company or person')]
        : [],
    ),
    ...(plan.agreement === undefined ? [notAgreed(plan)] : ofParties(plan, plan.agreement.owners)),
  ];
};

const notAgreed = (plan: ProtectionPlan): Finding =>
  finding(
    plan,
    'warning',
    ['agreement'],
    'Ownership is unclear: nothing says who hosts, backs up, restores and supports, what is covered, where a restore is validated, and when this plan is looked at again',
    'Add `agreement` with owners, scope, restoreEnvironment and review (docs/plan-reference.md; plans/datamesh.yaml shows a whole one)',
  );

function ofParties(plan: ProtectionPlan, owners: NonNullable<ProtectionPlan['agreement']>['owners']): Finding[] {
  return (['hosting', 'backup', 'recovery', 'support'] as const).flatMap((duty): Finding[] => {
    const { does, isCalled } = PARTIES[duty];
    const path = ['agreement', 'owners', duty];
    const party = owners[duty];
    if (party === undefined) {
      const problem = `Ownership is unclear: nobody is named who ${duty === 'support' ? 'is there for users: whom they turn to' : does}`;
      return [finding(plan, 'warning', path, problem, 'Name them with `who`, and how they are reached with `contact`')];
    }
    if (isPlaceHolder(party.who))
      return [
        finding(plan, 'warning', [...path, 'who'], 'Ownership is unclear: this is nobody’s name', 'Write the team, company or person'),
      ];
    if (party.contact !== undefined && isPlaceHolder(party.contact))
      return [finding(plan, 'warning', [...path, 'contact'], 'Nobody is reached there', 'Write an address, a number or a channel')];
    if (!isCalled || party.contact !== undefined) return [];
    const problem = `${party.who} ${does === 'restores' ? 'restores' : 'is whom users turn to'}, and nothing says how they are reached when it is urgent`;
    return [finding(plan, 'warning', [...path, 'contact'], problem, 'Write an address, a number or a channel')];
  });
}
