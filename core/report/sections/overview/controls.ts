import { html, type Markup } from '../../html.ts';
import type { ControlAnswer, Overview } from '../../overview/model.ts';
import { pill, section, table } from '../parts.ts';

const STATES = { shown: pill('green', 'Shown'), partly: pill('amber', 'Partly'), 'not shown': pill('red', 'Not shown') } as const;

export function controlsSection({ controls }: Pick<Overview, 'controls'>): Markup {
  const norms = [...new Set(controls.map(({ norm }) => norm))];
  return section(
    'controls',
    'For auditors',
    'What two norms ask of backups, in words of our own, beside what this page shows of it. The norm’s text and the organisation’s own procedures decide.',
    norms.map(
      (norm) =>
        html`<div class="card">
          ${normTable(
            norm,
            controls.filter((one) => one.norm === norm),
          )}
        </div>`,
    ),
  );
}

const normTable = (norm: string, answers: readonly ControlAnswer[]): Markup =>
  table(
    norm,
    ['It asks', 'This system', 'State', 'See'],
    answers.map(({ asks, answer, state, seeIn }) => [asks, answer, STATES[state], seeIn]),
  );
