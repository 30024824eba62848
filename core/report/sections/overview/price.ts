import { html, type Markup } from '../../html.ts';
import type { Overview } from '../../overview/model.ts';
import { section, table } from '../parts.ts';

const usd = (amount: number) => `$${amount.toFixed(2)}`;

export const priceSection = ({ price }: Pick<Overview, 'price'>): Markup =>
  section(
    'price',
    'Price of a month',
    'An estimate from list prices, the plan’s schedules, and the sizes of the newest points; not what AWS billed.',
    html`<div class="card">
      ${table(
        `${usd(price.totalUsd)} a month`,
        ['What', 'US dollars'],
        price.lines.map(({ what, usd: amount }) => [what, usd(amount)]),
      )}
      ${price.notes.map((note) => html`<p class="soft">${note}</p>`)}
    </div>`,
  );
