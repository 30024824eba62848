/** Who answers for what, who may ask, who has to agree and by when, who is told. */
import { approvalRule } from '../../approval/rule.ts';
import { describeSeconds } from '../../plan/durations.ts';
import type { ProtectionPlan } from '../../plan/schema.ts';
import { plural } from '../../quantities.ts';
import type { Content, Markup } from '../html.ts';
import { no, section, table } from '../sections/parts.ts';
import { card, isDatabase } from './parts.ts';

const DUTIES = { hosting: 'Hosting', backup: 'Backup', recovery: 'Recovery', support: 'Support' } as const;

export function peopleSection(plan: ProtectionPlan): Markup {
  const { agreement, roles, assets } = plan;
  const duties = (['hosting', 'backup', 'recovery', 'support'] as const).map((duty): Content[] => {
    const party = agreement?.owners[duty];
    return [DUTIES[duty], party?.who ?? no('nobody is named'), party?.contact ?? no('not said')];
  });
  const owned = assets.flatMap(({ id, owner }): Content[][] => (owner === undefined ? [] : [[`Data of ${id}`, owner, no('not said')]]));
  const rights = [
    ['May ask for a restore', roles.requesters.join(', '), 'IAM roles; whoever asks does not approve'],
    ['May approve one', roles.approvers.join(', '), 'IAM roles'],
  ];
  return section(
    'people',
    'Who answers for what, who asks, who approves',
    'Who asks for a restore never approves it: the plan is refused otherwise.',
    [
      card(table('People', ['What', 'Who', 'How they are reached'], [...duties, ...owned, ...rights])),
      approvalsTable(plan),
      card(table('Who is told', ['Receiver', 'What of', 'Reminded'], receivers(plan))),
    ],
  );
}

function approvalsTable({ assets }: ProtectionPlan): Content {
  const rows = assets.filter(isDatabase).map((asset): Content[] => {
    const { needed, beside, expirySeconds } = approvalRule(asset);
    const people = (count: number) => (count === 0 ? 'nobody has to' : plural(count, 'other person', 'other people'));
    return [asset.id, people(needed), people(beside), describeSeconds(expirySeconds)];
  });
  const headers = ['Asset', 'To replace what is there, undo that, or drop what was kept', 'To restore beside it', 'Is waited for'];
  return rows.length === 0
    ? undefined
    : card(table('How many approve, and until when; one more where nobody can say who asked', headers, rows));
}

/** Whoever hears of failures also hears of requests: nothing goes on before somebody answers. */
const NEEDED = 'what fails, what waits for approval';

function receivers({ notifications, alarmTopic }: ProtectionPlan): Content[][] {
  const KINDS = { slack: 'Slack', webhook: 'Webhook' } as const;
  return [
    [alarmTopic === undefined ? 'Subscribers of the system’s alarm topic' : `Subscribers of ${alarmTopic}`, NEEDED, 'by each alarm'],
    ...notifications.map(({ kind, secret, send, remind }): Content[] => [
      `${KINDS[kind]}, by the secret ${secret}`,
      send === 'all' ? `${NEEDED}, what is over, and runs that worked` : NEEDED,
      remind === undefined ? no('no') : `while an alarm stands, ${remind.cron} (${remind.timeZone})`,
    ]),
  ];
}
