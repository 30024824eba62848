import { html, type Markup } from './html.ts';
import type { ReportModel } from './model.ts';
import { assetsSection } from './sections/assets.ts';
import { attemptsSection } from './sections/attempts.ts';
import { drillsSection } from './sections/drills.ts';
import { keysSection } from './sections/keys.ts';
import { gapsSection, notShownSection } from './sections/limits.ts';
import { largePill, time } from './sections/parts.ts';
import { pointsSection } from './sections/points.ts';
import { runsSection } from './sections/runs.ts';
import { notesSection, wrongsSection } from './sections/wrongs.ts';
import { calendarSection } from './sections/overview/calendar.ts';
import { controlsSection } from './sections/overview/controls.ts';
import { freshnessSection } from './sections/overview/freshness.ts';
import { locksSection } from './sections/overview/locks.ts';
import { restoresSection } from './sections/overview/restores.ts';
import { priceSection } from './sections/overview/price.ts';
import { trendsSection } from './sections/overview/trends.ts';
import type { Overview } from './overview/model.ts';
import { factList, renderPage } from './page.ts';

/**
 * The evidence page: one file that needs nothing beside it, for the screen, for print, and for the archive.
 * @param overview what is compared, counted and drawn besides; the demo shows a single run, of which there is nothing to draw
 */
export function renderReport(model: ReportModel, overview?: Overview): string {
  return renderPage({
    title: `${model.system}: backup evidence of ${model.generatedAt.slice(0, 10)}`,
    body: html`${hero(model)}
      <main>
        ${assetsSection(model)} ${wrongsSection(model)} ${notesSection(model)} ${overview && measuredSections(overview)}
        ${pointsSection(model)} ${drillsSection(model)} ${keysSection(model)} ${attemptsSection(model)} ${runsSection(model)}
        ${gapsSection(model)} ${notShownSection(model)} ${overview && [priceSection(overview), controlsSection(overview)]}
      </main>
      <footer>
        <p>
          Made by Holdfast ${model.version} on ${model.platform}. The signed evidence in the vault is what counts; this page only shows it.
        </p>
      </footer>`,
  });
}

const measuredSections = (overview: Overview) => [
  freshnessSection(overview),
  trendsSection(overview),
  calendarSection(overview),
  locksSection(overview),
  restoresSection(overview),
];

const hero = (model: ReportModel): Markup =>
  html`<header>
    <div class="hero">
      <div>
        <p class="eyebrow">Backup evidence</p>
        <h1>${model.system}</h1>
        ${model.description === undefined ? undefined : html`<p class="soft">${model.description}</p>`}
      </div>
      ${largePill(model.colour)}
    </div>
    ${factList(facts(model))}
  </header>`;

const facts = (model: ReportModel): [string, Markup | string][] => [
  ['Made at', time(model.generatedAt)],
  ['Owner', model.owner],
  ['Operator', model.operator],
  ['Classification', model.classification],
  ['Vault', model.home],
  ['Replica vault', model.replica],
  ['Platform', model.platform],
];
