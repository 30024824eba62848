/** ECharts draws a chart as text, without a browser and without a canvas; the page shows it without a script. */
import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import type { EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { escapeHtml, Markup } from '../html.ts';

use([BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, MarkLineComponent, SVGRenderer]);

export type ChartOption = EChartsCoreOption;
export type ChartSize = { width: number; height: number };

/** Colours are the style sheet's own, so that a chart is dark where the page is, and prints. */
export const INK = {
  soft: 'var(--soft)',
  line: 'var(--line)',
  card: 'var(--card)',
  bar: 'var(--bar)',
  red: 'var(--red)',
  amber: 'var(--amber)',
  green: 'var(--green)',
};
export const TEXT = { color: INK.soft, fontSize: 12 };

/**
 * @param id unique on the page
 * @param label what a screen reader says of the picture; the numbers are in the table behind it
 */
export function drawChart(id: string, label: string, option: ChartOption, { width, height }: ChartSize): Markup {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, useUTC: true, ...option });
    const [, content = ''] = /^<svg[^>]*>([\s\S]*)<\/svg>$/.exec(chart.renderToSVGString({ useViewBox: true })) ?? [];
    return new Markup(
      `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(label)}" focusable="false">${tidy(content, id)}</svg>`,
    );
  } finally {
    chart.dispose();
  }
}

/**
 * What the page's policy refuses, which is every style but its own sheet, and what changes from one drawing to the next. Text was
 * escaped when it was drawn, and an attribute in quotes holds no `<`: so what is taken away here is markup, and never text.
 */
const tidy = (content: string, id: string): string =>
  content
    .replace(/<style\b[\s\S]*?<\/style>/g, '')
    .replaceAll(/<[^>]*>/g, (tag) =>
      tag.replaceAll(/ (?:style|class|ecmeta_\w+|pointer-events|xml:space)="[^"]*"/g, '').replaceAll(/zr\d+-c(\d+)/g, `${id}-c$1`),
    )
    .replaceAll(/\n+/g, '');

/** Names are drawn without what would turn a line around, and no longer than there is room: names that begin alike often end differently. */
export function chartText(text: string, most: number): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '�');
  if (plain.length <= most) return plain;
  const start = Math.ceil((most - 1) / 2);
  return `${plain.slice(0, start)}…${plain.slice(plain.length - (most - 1 - start))}`;
}
