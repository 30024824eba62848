import { html, type Markup } from '../html.ts';
import type { ReportModel, RunReport } from '../model.ts';
import { secondsText } from '../../quantities.ts';
import { pill, section, time } from './parts.ts';

/** Width of a bar's own units, and the least that can still be seen. */
const WIDTH = 1000;
const LEAST = 6;

export function runsSection({ runs }: ReportModel): Markup | undefined {
  if (runs.length === 0) return undefined;
  return section('runs', 'Runs', 'Each run on its own scale: when a step started and how long it took.', runs.map(runCard));
}

function runCard(run: RunReport): Markup {
  const total = Math.max(...run.steps.map((step) => step.startSecond + step.seconds), 0);
  return html`<article class="card">
    <div class="head">
      <h3>${run.stage}${run.asset === undefined ? undefined : html` <span class="soft">${run.asset}</span>`}</h3>
      ${run.outcome === 'succeeded' ? pill('green', 'Succeeded') : pill('red', 'Failed')}
    </div>
    <p class="soft">${time(run.startedAt)}, ${secondsText(total)}; <span class="id">${run.execution}</span></p>
    <ul class="steps">
      ${run.steps.map(
        (step) =>
          html`<li>
            <span>${step.name}${step.outcome === 'failed' ? html` <b>failed</b>` : undefined}</span>${bar(step, total)}<span class="time"
              >${secondsText(step.seconds)}</span
            >
          </li>`,
      )}
    </ul>
  </article>`;
}

/** Decoration: the numbers stand beside it. */
function bar({ startSecond, seconds, outcome }: RunReport['steps'][number], total: number): Markup {
  const scale = total > 0 ? WIDTH / total : 0;
  const width = Math.max(LEAST, Math.round(seconds * scale));
  const x = Math.min(WIDTH - width, Math.round(startSecond * scale));
  return html`<svg viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    <rect class="track" x="0" y="4" width="${WIDTH}" height="2" />
    <rect class="bar ${outcome}" x="${x}" y="0" width="${width}" height="10" />
  </svg>`;
}
