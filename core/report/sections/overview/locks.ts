import { secondsText } from '../../../quantities.ts';
import { html, type Markup } from '../../html.ts';
import type { Overview } from '../../overview/model.ts';
import { no, section, table, time } from '../parts.ts';

export function locksSection({ locks, holds }: Pick<Overview, 'locks' | 'holds'>): Markup | undefined {
  if (locks.length === 0) return undefined;
  return section(
    'locks',
    'Locks and replica',
    'How many points nobody can delete now, of the newest of each database, and until when; how many stand in the second region, and how long the newest copy took.',
    html`<div class="card">
        ${table(
          'A lock can be made longer, and never shorter',
          ['Database', 'Points', 'Locked', 'First lock ends', 'Last lock ends', 'Replicated', 'Newest copy after', 'Held'],
          locks.map(({ asset, points, read, locked, modes, firstEnd, lastEnd, replicated, lagSeconds, held }) => [
            html`<span class="id">${asset}</span>`,
            points,
            html`${locked} ${read < points ? `of the newest ${read}` : undefined} ${modesText(modes)}`,
            firstEnd === undefined ? no('none') : time(firstEnd),
            lastEnd === undefined ? no('none') : time(lastEnd),
            replicated,
            lagSeconds === undefined ? no('none') : secondsText(Math.max(0, lagSeconds)),
            held,
          ]),
        )}
      </div>
      ${
        holds.length === 0
          ? undefined
          : html`<div class="card">
              ${table(
                'Legal holds that stand',
                ['Point', 'Hold', 'Since', 'By', 'Reason'],
                holds.map(({ asset, point, hold, at, by, reason }) => [
                  html`<span class="id">${asset}/${point}</span>`,
                  html`<span class="id">${hold}</span>`,
                  time(at),
                  html`<span class="id">${by}</span>`,
                  reason,
                ]),
              )}
            </div>`
      }`,
  );
}

/** A privileged role can lift a lock of governance, and nobody one of compliance: where there are both, each is counted. */
function modesText(modes: Overview['locks'][number]['modes']): Markup | undefined {
  const held = (['governance', 'compliance'] as const).filter((mode) => modes[mode] > 0);
  if (held.length === 0) return undefined;
  return html`<small>${held.length === 1 ? held[0] : held.map((mode) => `${modes[mode]} ${mode}`).join(', ')}</small>`;
}
