/** What owner and operator agreed, on one page: what is protected, who asks, who approves, where it is validated, what proves it. */
import type { ReviewState } from '../../plan/review.ts';
import { COLOURS } from '../../status/colour.ts';
import type { ProtectionPlan } from '../../plan/schema.ts';
import { plural } from '../../quantities.ts';
import { html, type Content, type Markup } from '../html.ts';
import type { ReportModel } from '../model.ts';
import { factList, renderPage } from '../page.ts';
import { largePill, no, pill, section, table, time } from '../sections/parts.ts';
import { objectivesSection } from './objectives.ts';
import { card } from './parts.ts';
import { peopleSection } from './people.ts';
import { proofSection } from './proof.ts';
import type { AgreementProofs } from './proofs.ts';
import { validationSection } from './validation.ts';

export type AgreementPage = {
  plan: ProtectionPlan;
  review: ReviewState;
  generatedAt: string;
  version: string;
  /** What the vault shows; absent where only the file was looked at. */
  model: ReportModel | undefined;
  proofs?: AgreementProofs | undefined;
};

const DEPLOYMENTS = {
  'provider-cloud': 'In a cloud, by the provider',
  'customer-cloud': 'In a cloud, by the customer',
  'on-premises': 'On premises, by the customer',
  hybrid: 'In several places',
} as const;

export function renderAgreement(page: AgreementPage): string {
  const { plan, generatedAt, version, model, proofs } = page;
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
          [
            'Deployment',
            deployment ? `${DEPLOYMENTS[deployment.model]}${deployment.what === undefined ? '' : `: ${deployment.what}`}` : no('not said'),
          ],
          ['Vault and replica vault', `${plan.home.region}, ${plan.replica.region}`],
        ])}
      </header>
      <main>
        ${scopeSection(plan, model)} ${objectivesSection(plan, model, new Date(generatedAt))} ${peopleSection(plan)}
        ${validationSection(plan, model, proofs)} ${proofSection(plan, model, proofs)} ${reviewSection(page)} ${gapsSection(plan)}
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

function scopeSection({ agreement, assets }: ProtectionPlan, model: ReportModel | undefined): Markup {
  const kinds = new Map(assets.map(({ id, kind }) => [id, kind === 'postgres' ? 'database' : 'key']));
  const rows = (agreement?.scope ?? []).map(({ area, assets: held, validatedBy, out }): Content[] =>
    out === undefined
      ? [
          area,
          colourOf(held, model),
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

/** Green is for what has been restored: an area has the colour of the worst asset that holds it, and none where nobody looked. */
function colourOf(held: readonly string[], model: ReportModel | undefined): Content {
  const colours = [...(model?.databases ?? []), ...(model?.keys ?? [])]
    .filter(({ id }) => held.includes(id))
    .map(({ status }) => status.colour);
  const worst = COLOURS.find((colour) => colours.includes(colour));
  return model === undefined ? 'In scope' : pill(worst ?? 'no data');
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
