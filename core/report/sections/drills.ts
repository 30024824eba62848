import { html, type Markup } from '../html.ts';
import type { DrillReport, ReportModel } from '../model.ts';
import { bytesText, plural, secondsText } from '../../quantities.ts';
import { no, pill, section, table, time } from './parts.ts';

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

/** So many drills of all are shown in full, of each database the newest at least; what was before them has a row. */
const FULL = 24;
/** More rows make no page that a person reads; `drill history` has all. */
const ROWS = 10;

export function drillsSection({ databases, otherRegionUnread }: ReportModel): Markup {
  const full = Math.max(1, Math.floor(FULL / databases.length));
  return section(
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
          : [...drills.slice(0, full).map((drill, i) => drillCard(id, drill, i === 0)), earlierCard(id, drills.slice(full))],
      ),
    ],
  );
}

function earlierCard(asset: string, drills: readonly DrillReport[]): Markup | undefined {
  if (drills.length === 0) return undefined;
  const rows = drills
    .slice(0, ROWS)
    .map((drill) => [
      time(drill.at),
      html`${OUTCOMES[drill.outcome]} <small>${drill.reasons[0]}</small>`,
      whatWasDrilled(drill),
      drill.seconds === undefined ? no('not measured') : secondsText(drill.seconds),
    ]);
  const count = plural(drills.length, 'earlier drill');
  return html`<article class="card">
    <details>
      <summary>${count} of ${asset}</summary>
      ${table(drills.length > ROWS ? `The newest ${ROWS} of ${count}; npx holdfast drill history names all` : count, ['When', 'Outcome', 'What', 'Took'], rows)}
    </details>
  </article>`;
}

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
