import { html, type Content, type Markup } from '../html.ts';
import { drawChart, type ChartOption, type ChartSize } from './draw.ts';

export type Figure = {
  id: string;
  title: string;
  /** What the picture shows, in a sentence: for those who do not see it. */
  label: string;
  /** For a screen of that width: text in a picture that is made smaller could not be read. */
  option: (width: number) => ChartOption;
  height: (width: number) => number;
  /** The numbers themselves. */
  table: Content;
};

const NARROW = 320;
const WIDE = 960;

/** One picture for a narrow screen and one for all others, of which a browser shows one, and the table behind them. */
export function figure({ id, title, label, option, height, table }: Figure): Markup {
  const drawn = (name: 'narrow' | 'broad', width: number) => {
    const size: ChartSize = { width, height: height(width) };
    return html`<div class="${name}">${drawChart(`${id}-${name}`, `${title}. ${label}`, option(width), size)}</div>`;
  };
  return html`<figure class="chart">
    <figcaption>${title}</figcaption>
    ${drawn('narrow', NARROW)} ${drawn('broad', WIDE)}
    <details>
      <summary>The numbers of: ${title}</summary>
      ${table}
    </details>
  </figure>`;
}

export const isNarrow = (width: number) => width <= NARROW;
