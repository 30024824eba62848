import { html, type Markup } from '../html.ts';
import type { DrillReport, ReportModel } from '../model.ts';
import { bytesText, plural, secondsText } from '../../quantities.ts';
import { pill, section, table, time } from './parts.ts';

const OUTCOMES = {
  passed: pill('green', 'Passed'),
  failed: pill('red', 'Failed'),
  'could-not-run': pill('amber', 'Could not run'),
} as const;

const ISOLATION: Record<string, string> = {
  'own-uid': 'the restored database ran as a user of its own',
  'user-namespace': 'the restored database ran in a user namespace of its own',
  'trusted-dump-only': 'not kept apart by the kernel: only dumps that this plan made were taken',
};

export const drillsSection = ({ databases, otherRegionUnread }: ReportModel): Markup =>
  section(
    'drills',
    'Drills',
    'Each drill restored a point into an ephemeral database, checked it, measured it, and removed it. Checks record numbers, never rows.',
    [
      otherRegionUnread === undefined ? undefined : html`<p class="soft">${otherRegionUnread}</p>`,
      ...databases.flatMap(({ id, drills }) =>
        drills.length === 0
          ? [
              html`<article class="card">
                <h3>${id}</h3>
                <p class="soft">No drill was held yet.</p>
              </article>`,
            ]
          : drills.map((drill, i) => drillCard(id, drill, i === 0)),
      ),
    ],
  );

function drillCard(asset: string, drill: DrillReport, isNewest: boolean): Markup {
  const failed = drill.checks.filter((check) => check.outcome === 'failed').length;
  const count = `${plural(drill.checks.length, 'check')}, ${failed === 0 ? 'all passed' : `${failed} failed`}`;
  return html`<article class="card">
    <div class="head">
      <h3>${asset} <span class="soft">${time(drill.at)}</span></h3>
      ${OUTCOMES[drill.outcome]}
    </div>
    <p class="soft">${whatWasDrilled(drill)}</p>
    ${
      drill.outcome === 'passed'
        ? undefined
        : html`<ul>
            ${drill.reasons.map((reason) => html`<li>${reason}</li>`)}
          </ul>`
    }
    ${phases(drill)}
    ${
      drill.checks.length === 0
        ? undefined
        : html`<details ${isNewest || failed > 0 ? OPEN : undefined}>
            <summary>${count}</summary>
            ${checkTable(drill)}
          </details>`
    }
    ${drill.notes.map((note) => html`<p class="soft">${note}</p>`)}
  </article>`;
}

const whatWasDrilled = ({ point, from, target, scenario }: DrillReport): Markup => {
  const played = scenario === undefined ? '' : `Scenario ${scenario}: `;
  return point === undefined
    ? html`${played}No point was restored`
    : html`${played}Point <span class="id">${point}</span> of the ${from === 'replica' ? 'replica vault' : 'vault'}, on ${target}`;
};

const OPEN = html`open`;

const phases = ({ phases, bytesRestored, isolation }: DrillReport): Markup =>
  html`<ul class="chips" aria-label="Measured">
    ${phases.map(({ name, seconds }) => html`<li>${name.replaceAll('-', ' ')} ${secondsText(seconds)}</li>`)}
    ${bytesRestored === undefined || bytesRestored === 0 ? undefined : html`<li>${bytesText(bytesRestored)} restored</li>`}
    ${isolation === undefined ? undefined : html`<li>${ISOLATION[isolation] ?? isolation}</li>`}
  </ul>`;

const checkTable = ({ checks, run }: DrillReport): Markup =>
  table(
    `Run ${run}`,
    ['Check', 'Kind', 'Expected', 'Measured', 'Outcome'],
    checks.map(({ name, kind, expected, measured, outcome }) => [name, kind, expected, measured, OUTCOMES[outcome]]),
  );
