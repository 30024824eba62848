/** What owner and operator agreed, on one page: what is protected, who asks, who approves, where it is validated, what proves it. */
import { describeSeconds, durationSeconds } from '../../plan/durations.ts';
import type { ReviewState } from '../../plan/review.ts';
import type { Asset, ProtectionPlan } from '../../plan/schema.ts';
import { plural } from '../../quantities.ts';
import { html, type Content, type Markup } from '../html.ts';
import type { ReportModel } from '../model.ts';
import { factList, renderPage } from '../page.ts';
import { largePill, no, pill, section, table, time } from '../sections/parts.ts';
import { proofSection } from './proof.ts';

export type AgreementPage = {
  plan: ProtectionPlan;
  review: ReviewState;
  generatedAt: string;
  version: string;
  /** What the vault shows; absent where only the file was looked at. */
  model: ReportModel | undefined;
};

const DEPLOYMENTS = {
  'provider-cloud': 'In a cloud, by the provider',
  'customer-cloud': 'In a cloud, by the customer',
  'on-premises': 'On premises, by the customer',
  hybrid: 'In several places',
} as const;

const DUTIES = { hosting: 'Hosting', backup: 'Backup', recovery: 'Recovery', support: 'Support' } as const;

export function renderAgreement(page: AgreementPage): string {
  const { plan, generatedAt, version, model } = page;
  const deployment = plan.agreement?.deployment;
  return renderPage({
    title: `${plan.system}: recovery plan of ${generatedAt.slice(0, 10)}`,
    body: html`<header>
        <div class="hero">
          <div>
            <p class="eyebrow">Recovery plan</p>
            <h1>${plan.system}</h1>
            ${plan.description === undefined ? undefined : html`<p class="soft">${plan.description}</p>`}
          </div>
          ${model ? largePill(model.colour) : undefined}
        </div>
        ${factList([
          ['Made at', time(generatedAt)],
          ['Owner', plan.owner],
          ['Operator', plan.operator],
          ['Classification', plan.classification],
          ['Deployment', deployment ? DEPLOYMENTS[deployment.model] : no('not said')],
          ['Vault and replica vault', `${plan.home.region}, ${plan.replica.region}`],
        ])}
      </header>
      <main>
        ${scopeSection(plan)} ${objectivesSection(plan, model)} ${peopleSection(plan)} ${validationSection(plan)}
        ${proofSection(plan, model)} ${reviewSection(page)} ${gapsSection(plan)}
      </main>
      <footer>
        <p>
          Made by Holdfast ${version} from the plan’s
          file${model ? html` and its vault, on ${model.platform}` : html`; its vault was not looked at`}. The plan is what counts; this
          page only shows it.
        </p>
      </footer>`,
  });
}

const card = (content: Content): Markup => html`<div class="card">${content}</div>`;

function scopeSection({ agreement, assets }: ProtectionPlan): Markup {
  const kinds = new Map(assets.map(({ id, kind }) => [id, kind === 'postgres' ? 'database' : 'key']));
  const rows = (agreement?.scope ?? []).map(({ area, assets: held, validatedBy, out }): Content[] =>
    out === undefined
      ? [
          area,
          pill('green', 'Protected'),
          held.map((id) => `${id} (${kinds.get(id) ?? 'asset'})`).join(', '),
          validatedBy.join(', ') || no('no check'),
        ]
      : [area, pill('no data', 'Out of scope'), out, no('nothing')],
  );
  return section(
    'scope',
    'What is protected',
    'Each kind of content with the assets that hold it and the checks that show that it came back, or why it is not covered.',
    card(
      rows.length === 0
        ? no('The plan says nothing of its scope')
        : table(plural(rows.length, 'area'), ['Area', 'Scope', 'Where, or why not', 'Shown by'], rows),
    ),
  );
}

const spoken = (duration: string) => describeSeconds(durationSeconds(duration));

function objectivesSection({ assets }: ProtectionPlan, model: ReportModel | undefined): Markup {
  const rows = assets.map((asset): Content[] => {
    const { accepted } = asset.objectives;
    const by = (['rpo', 'rto'] as const).flatMap((objective) => {
      const one = accepted?.[objective];
      return one ? [`${objective.toUpperCase()} of ${describeSeconds(one.seconds)}: ${one.by}, ${one.at.slice(0, 10)}`] : [];
    });
    return [
      asset.id,
      spoken(asset.objectives.rpo),
      spoken(asset.objectives.rto),
      measuredText(asset, model),
      by.join('; ') || no('as stated'),
      asset.kind === 'postgres'
        ? `${spoken(asset.retention.hot)}, locked for ${spoken(asset.lock.length)} (${asset.lock.mode})`
        : 'every version, for ever',
    ];
  });
  return section(
    'objectives',
    'How much may be lost, and for how long',
    'What the owner expects, beside what drills measured.',
    card(table(plural(rows.length, 'asset'), ['Asset', 'RPO', 'RTO', 'Measured', 'Accepted', 'Kept'], rows)),
  );
}

function measuredText(asset: Asset, model: ReportModel | undefined): Content {
  if (asset.kind === 'key') return 'read back every day';
  const measured = model?.databases.find(({ id }) => id === asset.id)?.objectives.filter((one) => one.measured) ?? [];
  if (measured.length === 0) return no(model ? 'no drill passed yet' : 'not looked at');
  return measured.map(({ name, measured: one }) => `${name} ${describeSeconds(one?.seconds ?? 0)}`).join(', ');
}

function peopleSection({ agreement, roles, assets }: ProtectionPlan): Markup {
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
    card(table('People', ['What', 'Who', 'How they are reached'], [...duties, ...owned, ...rights])),
  );
}

function validationSection({ agreement, scenarios }: ProtectionPlan): Markup {
  const place = agreement?.restoreEnvironment;
  const rows = scenarios.map(({ name, what, assets, from, noticedAfter, checks }): Content[] => [
    name,
    what,
    assets.join(', '),
    `${noticedAfter === undefined ? 'the newest point' : `the newest point from before ${spoken(noticedAfter)}`} of the ${from}`,
    checks.map((check) => check.name).join(', ') || no('those of every drill'),
  ]);
  return section(
    'validation',
    'Where a restore is validated, and what is played through',
    'Drills restore into a database that is gone afterwards; a real restore is looked at here before anybody works with it.',
    [
      place
        ? factList([
            ['Environment', place.name],
            ['What is there', place.what],
            ['Who gives access', place.contact ?? no('not said')],
          ])
        : card(no('No environment is named')),
      rows.length === 0
        ? undefined
        : card(table(plural(rows.length, 'scenario'), ['Scenario', 'What happened', 'Restored', 'From', 'Checked besides'], rows)),
    ],
  );
}

function reviewSection({ review, plan }: AgreementPage): Markup {
  const lead = 'When owner and operator look at this plan together. The record of it is the plan itself.';
  if (!review.stated) return section('review', 'Reviews', lead, card(no('The plan states none')));
  const { last, nextAt, reasons } = review;
  const triggers = plan.agreement?.review?.triggers.join(', ') ?? '';
  return section('review', 'Reviews', lead, [
    factList([
      ['The last one', last ? html`${time(last.at)}, ${last.by}` : no('none was recorded')],
      ['What came of it', last?.note ?? no('not said')],
      ['The next one', reasons.length > 0 ? pill('amber', 'Due') : nextAt === undefined ? no('not said') : time(nextAt)],
      ['Due besides after', triggers],
    ]),
    reasons.length === 0
      ? undefined
      : html`<ul class="reasons">
          ${reasons.map(({ text }) => html`<li>${pill('amber', 'Due')}<span>${text}</span></li>`)}
        </ul>`,
  ]);
}

function gapsSection({ assets, gaps }: ProtectionPlan): Markup {
  const all = [
    ...assets.flatMap((asset) => asset.gaps.map((gap) => ({ ...gap, scope: asset.id }))),
    ...gaps.map((gap) => ({ ...gap, scope: 'the whole plan' })),
  ];
  const rows = all.map(({ id, scope, what, reason }): Content[] => [
    html`<span class="whole">${id ?? no('no id')}</span>`,
    scope,
    what,
    reason,
  ]);
  return section(
    'gaps',
    'What this plan knowingly does not do',
    'Nobody has to take silence for protection.',
    card(
      rows.length === 0 ? no('Nothing is declared') : table(plural(rows.length, 'gap'), ['Id', 'Of', 'What', 'Why, and until when'], rows),
    ),
  );
}
