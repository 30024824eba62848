import { html, type Markup } from '../html.ts';
import type { DatabaseReport, KeyReport, ObjectiveReport, ReportModel } from '../model.ts';
import { secondsText } from '../../quantities.ts';
import { no, pill, reasonList, section, table } from './parts.ts';

/** Every asset with its colour and why; for a database what was promised beside what was measured. */
export const assetsSection = ({ databases, keys }: ReportModel): Markup =>
  section(
    'assets',
    'Assets',
    'A green asset is one that was verified, and restored within its drill period. Reasons stand worst first.',
    html`<div class="cards">${databases.map(databaseCard)}${keys.map(keyCard)}</div>`,
  );

const head = ({ id, description, status }: DatabaseReport | KeyReport, kind: string): Markup =>
  html`<div class="head">
      <h3>${id} <span class="soft">${kind}</span></h3>
      ${pill(status.colour)}
    </div>
    ${description === undefined ? undefined : html`<p class="soft">${description}</p>`}`;

const databaseCard = (database: DatabaseReport): Markup =>
  html`<article class="card">
    ${head(database, 'PostgreSQL')} ${reasonList(database.status)}
    ${table('Objectives, and what the newest passed drill measured', ['Objective', 'Stated', 'Allowed by a gap', 'Measured'], database.objectives.map(objectiveRow))}
  </article>`;

const objectiveRow = ({ name, statedSeconds, accepted, measured }: ObjectiveReport) => [
  name,
  secondsText(statedSeconds),
  accepted ? html`${secondsText(accepted.seconds)} <small>${accepted.by}</small>` : no('none'),
  measured
    ? html`${secondsText(measured.seconds)}
        <small
          >on
          ${measured.on}${measured.people === undefined ? '' : `; and ${secondsText(measured.people)} that people take, as the plan states it`}</small
        >`
    : no('not yet'),
];

const keyCard = (key: KeyReport): Markup => html`<article class="card">${head(key, 'key')} ${reasonList(key.status)}</article>`;
