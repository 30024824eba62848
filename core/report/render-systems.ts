import { instantText, plural, secondsText } from '../quantities.ts';
import { COLOURS } from '../status/colour.ts';
import { html, type Content, type Markup } from './html.ts';
import type { ReportModel } from './model.ts';
import type { Overview } from './overview/model.ts';
import { factList, renderPage } from './page.ts';
import { freshnessSection } from './sections/overview/freshness.ts';
import { no, pill, section, table } from './sections/parts.ts';

/** `page`: a file beside this one. A system that cannot be read stands here too, with why: what is not seen is not well. */
export type SystemLine = { system: string; page: string; model: ReportModel; overview: Overview } | { system: string; problem: string };

/** All systems on one page. */
export function renderSystems(systems: readonly SystemLine[], { generatedAt, version }: { generatedAt: string; version: string }): string {
  const read = systems.filter((one) => 'model' in one);
  const freshness = read.flatMap(({ system, overview }) => overview.freshness.map((one) => ({ ...one, asset: `${system}/${one.asset}` })));
  return renderPage({
    title: `Backups of ${plural(systems.length, 'system')}, ${generatedAt.slice(0, 10)}`,
    body: html`<header>
        <p class="eyebrow">Backup evidence</p>
        <h1>${plural(systems.length, 'system')}</h1>
        ${factList([
          ['Made at', instantText(generatedAt)],
          ...COLOURS.map((colour): [string, Markup] => [
            colour === 'no data' ? 'No data' : colour.charAt(0).toUpperCase() + colour.slice(1),
            html`${read.filter(({ model }) => model.colour === colour).length}`,
          ]),
          ['Not read', html`${systems.length - read.length}`],
          ['Estimated a month', `$${read.reduce((sum, { overview }) => sum + overview.price.totalUsd, 0).toFixed(2)}`],
        ])}
      </header>
      <main>
        ${section('systems', 'Systems', 'Worst first. A system is as good as its worst asset.', html`<div class="card">${systemTable(systems)}</div>`)}
        ${freshnessSection({ freshness })}
      </main>
      <footer><p>Made by Holdfast ${version}. The signed evidence in the vaults is what counts; this page only shows it.</p></footer>`,
  });
}

const unseen = no('not seen');
const rank = (one: SystemLine) => ('problem' in one ? -1 : COLOURS.indexOf(one.model.colour));

/** A database without any is worse than one with old data. */
function oldestText(ages: readonly number[], databases: number): Content {
  const oldest = ages.length === 0 ? undefined : secondsText(Math.round(Math.max(...ages)));
  if (ages.length === databases) return oldest ?? no('no database');
  return oldest === undefined ? 'none' : `none of ${databases - ages.length} of ${databases}; else ${oldest}`;
}

const systemTable = (systems: readonly SystemLine[]): Markup =>
  table(
    plural(systems.length, 'plan'),
    ['System', 'Colour', 'Assets', 'Oldest verified data', 'Drills', 'Worst', 'Gaps', 'A month'],
    systems
      .toSorted((a, b) => rank(a) - rank(b) || a.system.localeCompare(b.system))
      .map((one) => {
        if ('problem' in one) return [one.system, pill('red', 'Not read'), unseen, unseen, unseen, one.problem, unseen, unseen];
        const { system, page, model, overview } = one;
        const assets = [...model.databases, ...model.keys];
        const worst = assets.toSorted((a, b) => COLOURS.indexOf(a.status.colour) - COLOURS.indexOf(b.status.colour))[0];
        const ages = overview.freshness.flatMap(({ ageSeconds }) => (ageSeconds === undefined ? [] : [ageSeconds]));
        const passed = model.databases.filter(
          ({ drills }) => drills.find(({ outcome }) => outcome !== 'could-not-run')?.outcome === 'passed',
        );
        return [
          html`<a href="${page}">${system}</a>`,
          pill(model.colour),
          assets.length,
          oldestText(ages, overview.freshness.length),
          `the last of ${passed.length} of ${model.databases.length} passed`,
          worst ? `${worst.id}: ${worst.status.reasons[0]?.text ?? ''}` : no('none'),
          model.gaps.length,
          html`<span class="whole">$${overview.price.totalUsd.toFixed(2)}</span>`,
        ];
      }),
  );
