/** What is not as it should be, and what could not be looked at. Nobody may take silence of it for its absence. */
import { plural } from '../../quantities.ts';
import { html, type Markup } from '../html.ts';
import type { ReportModel } from '../model.ts';
import { pill, section, table } from './parts.ts';

/** More make no page that a person reads; the command line names all. */
const SHOWN = 50;

export function wrongsSection({ wrongs = [] }: ReportModel): Markup | undefined {
  if (wrongs.length === 0) return undefined;
  const count = plural(wrongs.length, 'thing');
  return section(
    'wrongs',
    'What is not as it should be',
    'Points that are lost, damaged, or that somebody meddled with. A colour says whether data can be had; this says what was done to it.',
    html`<div class="card">
      ${table(
        wrongs.length > SHOWN ? `${SHOWN} of ${count}; npx holdfast list names all` : count,
        ['Asset', 'State', 'What', 'What to do'],
        wrongs
          .slice(0, SHOWN)
          .map(({ asset, colour, text, next }) => [
            asset,
            colour === 'red' ? pill('red', 'Wrong') : pill('amber', 'Meddled with'),
            text,
            next,
          ]),
      )}
    </div>`,
  );
}

export function notesSection({ notes = [] }: ReportModel): Markup | undefined {
  if (notes.length === 0) return undefined;
  return section(
    'notes',
    'What was not looked at',
    'What could not be read, or is no record of Holdfast: it counts as not known, and nothing on this page denies it.',
    html`<div class="card">
      <ul class="reasons">
        ${notes.map((note) => html`<li>${pill('amber', 'Not known')}<span>${note}</span></li>`)}
      </ul>
    </div>`,
  );
}
