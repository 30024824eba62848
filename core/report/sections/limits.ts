/** What the page must not be read as: gaps that the plan declares, and what its platform cannot show. */
import { html, type Markup } from '../html.ts';
import type { ReportModel } from '../model.ts';
import { no, section, table } from './parts.ts';

export function gapsSection({ gaps }: ReportModel): Markup | undefined {
  if (gaps.length === 0) return undefined;
  const rows = gaps.map(({ id, scope, what, reason, bound }) => [
    html`${id === undefined ? undefined : html`<span class="id">${id}</span> `}${what}`,
    scope,
    bound ?? no('none'),
    reason,
  ]);
  return section(
    'gaps',
    'Declared gaps',
    'What this plan knowingly does not do. Each keeps its asset from green; a bound says what holds meanwhile.',
    html`<div class="card">${table(`${gaps.length} declared`, ['Gap', 'Asset', 'Bound', 'Reason'], rows)}</div>`,
  );
}

export function notShownSection({ notShown }: ReportModel): Markup | undefined {
  if (notShown.length === 0) return undefined;
  const rows = notShown.map(({ what, why, shownBy }) => [what, why, shownBy]);
  return section(
    'not-shown',
    'Not shown here, only on real AWS',
    'The platform of this page does not evaluate these. They are in the templates that are deployed to AWS.',
    html`<div class="card">${table(`${notShown.length} left to AWS`, ['What', 'Why not here', 'Shown by'], rows)}</div>`,
  );
}
