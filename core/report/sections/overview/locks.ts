import { secondsText } from '../../../quantities.ts';
import { html, type Markup } from '../../html.ts';
import type { Overview } from '../../overview/model.ts';
import { no, section, table, time } from '../parts.ts';

export function locksSection({ locks, holds }: Pick<Overview, 'locks' | 'holds'>): Markup | undefined {
  if (locks.length === 0) return undefined;
  return section(
    'locks',
    'Locks and replica',
    'Of the newest points of each database: how many nobody can delete now and until when, how many stand in the second region, and how long the newest copy took.',
    html`<div class="card">
        ${table(
          'A lock can be made longer, and never shorter',
          ['Database', 'Points', 'Locked', 'First lock ends', 'Last lock ends', 'Replicated', 'Newest copy after', 'Held'],
          locks.map(({ asset, points, locked, mode, firstEnd, lastEnd, replicated, lagSeconds, held }) => [
            html`<span class="id">${asset}</span>`,
            points,
            html`${locked} ${mode === undefined ? undefined : html`<small>${mode}</small>`}`,
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
