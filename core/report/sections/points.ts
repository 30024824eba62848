import type { PointSummary } from '../../vault/summarize-point.ts';
import { html, type Content, type Markup } from '../html.ts';
import type { PointReport, ReportModel } from '../model.ts';
import { bytesText, plural, secondsText } from '../../quantities.ts';
import { no, pill, section, table, time } from './parts.ts';

/** More than this makes no page that a person reads; the command line lists all. */
const SHOWN = 50;

export const pointsSection = ({ databases }: ReportModel): Markup =>
  section(
    'points',
    'Recovery points',
    'A point exists when its manifest does. It is verified when every stored byte was read back, and proven when a drill restored it.',
    databases.map(
      ({ id, points }) =>
        html`<article class="card">
          <h3>${id}</h3>
          ${points.length === 0 ? html`<p class="soft">There is no point yet.</p>` : pointTable(points)}
        </article>`,
    ),
  );

const pointTable = (points: readonly PointReport[]): Markup =>
  table(
    points.length > SHOWN ? `The newest ${SHOWN} of ${points.length} points` : plural(points.length, 'point'),
    ['Point', 'Data as of', 'Committed', 'Size', 'Verified', 'Locked until', 'Replicated', 'Last restored'],
    points
      .slice(0, SHOWN)
      .map((point) => [
        point.notRestorable.length === 0
          ? html`<span class="id wide">${point.point}</span>`
          : html`<span class="id wide">${point.point}</span> ${pill('red', 'Not restorable')}
              <small>${point.notRestorable.join('; ')}</small>`,
        time(point.consistentAt),
        time(point.committedAt),
        html`<span class="whole">${bytesText(point.sizeBytes)}</span>`,
        point.verifiedAt ? time(point.verifiedAt) : no(),
        point.lockedUntil ? html`${time(point.lockedUntil)} <small>${point.lockMode}</small>` : no(),
        point.replicatedAt ? html`${time(point.replicatedAt)} <small>${point.replicaRegion}</small>` : no(),
        point.lastDrill ? restored(point.lastDrill) : no('never'),
      ]),
  );

const restored = ({ at, outcome, rtoSeconds, from }: NonNullable<PointSummary['lastDrill']>): Content =>
  html`${outcome === 'passed' ? pill('green', 'Passed') : pill('red', 'Failed')}
    <div>${time(at)}</div>
    <small
      >${outcome === 'passed' ? `in ${secondsText(rtoSeconds)}, ` : undefined}from the
      ${from === 'replica' ? 'replica vault' : 'vault'}</small
    >`;
