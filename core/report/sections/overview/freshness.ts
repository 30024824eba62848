import { plural, secondsText } from '../../../quantities.ts';
import { chartText, INK, TEXT, type ChartOption } from '../../charts/draw.ts';
import { figure, isNarrow } from '../../charts/figure.ts';
import { html, type Markup } from '../../html.ts';
import type { Freshness, Overview } from '../../overview/model.ts';
import { no, pill, section, table } from '../parts.ts';

/** More bars make no picture; the table has all. */
const MOST_BARS = 30;
/** An age of three times what is allowed, or more, is drawn as that: a bar of years would leave nothing of the others. */
const MOST_PERCENT = 300;
const BAR_PIXELS = 26;

const percentOf = ({ ageSeconds, allowedSeconds }: Freshness): number =>
  ageSeconds === undefined ? 0 : (100 * ageSeconds) / allowedSeconds;
const isLate = (one: Freshness) => one.ageSeconds === undefined || one.ageSeconds > one.allowedSeconds;
const worstFirst = (all: readonly Freshness[]) =>
  all.toSorted((a, b) => Number(b.ageSeconds === undefined) - Number(a.ageSeconds === undefined) || percentOf(b) - percentOf(a));

export function freshnessSection({ freshness }: Pick<Overview, 'freshness'>): Markup | undefined {
  if (freshness.length === 0) return undefined;
  const ordered = worstFirst(freshness);
  const shown = ordered.slice(0, MOST_BARS);
  const late = freshness.filter(isLate).length;
  return section(
    'freshness',
    'Freshness against the RPO',
    'How old the newest verified data is, of what is allowed: the RPO, or what a declared gap lets stand in for it, and the time of one run.',
    html`<div class="card">
      ${figure({
        id: 'freshness-chart',
        title:
          shown.length < freshness.length
            ? `The ${shown.length} oldest of ${freshness.length} databases`
            : 'Age of the newest verified data',
        label:
          late === 0 ? 'All are within what is allowed.' : `${plural(late, 'database')} of ${freshness.length} are over what is allowed.`,
        option: (width) => bars(shown, isNarrow(width)),
        height: () => shown.length * BAR_PIXELS + 56,
        table: freshnessTable(ordered),
      })}
    </div>`,
  );
}

const ageText = ({ ageSeconds }: Freshness) => (ageSeconds === undefined ? 'none' : secondsText(Math.round(ageSeconds)));

function bars(shown: readonly Freshness[], narrow: boolean): ChartOption {
  // The first category of a vertical axis stands lowest.
  const rows = shown.toReversed();
  return {
    grid: { left: narrow ? 92 : 190, right: narrow ? 78 : 110, top: 8, bottom: 30, outerBoundsMode: 'none' },
    xAxis: {
      type: 'value',
      min: 0,
      max: (range: { max: number }) => Math.max(120, Math.ceil(range.max / 20) * 20),
      splitNumber: narrow ? 3 : 6,
      axisLabel: { ...TEXT, formatter: '{value} %' },
      splitLine: { lineStyle: { color: INK.line } },
    },
    yAxis: {
      type: 'category',
      data: rows.map(({ asset }) => chartText(asset, narrow ? 12 : 26)),
      axisLabel: { ...TEXT, interval: 0 },
      axisLine: { lineStyle: { color: INK.line } },
      axisTick: { show: false },
    },
    series: [
      {
        type: 'bar',
        silent: true,
        emphasis: { disabled: true },
        barWidth: 12,
        data: rows.map((one) => ({
          value: Math.min(MOST_PERCENT, Math.round(percentOf(one) * 10) / 10),
          itemStyle: { color: isLate(one) ? INK.red : INK.bar },
          label: { show: true, position: 'right', ...TEXT, formatter: () => (isLate(one) ? `${ageText(one)} !` : ageText(one)) },
        })),
        markLine: {
          silent: true,
          symbol: 'none',
          emphasis: { disabled: true },
          label: { show: false },
          lineStyle: { color: INK.red, type: 'dashed' },
          data: [{ xAxis: 100 }],
        },
      },
    ],
  };
}

const freshnessTable = (all: readonly Freshness[]): Markup =>
  table(
    'Oldest first; 100 % is what is allowed',
    ['Database', 'Newest verified data', 'RPO', 'Allowed', 'Of what is allowed', 'Verdict'],
    all.map((one) => [
      html`<span class="id">${one.asset}</span>`,
      one.ageSeconds === undefined ? no('none') : `${ageText(one)} old`,
      secondsText(one.statedSeconds),
      secondsText(one.allowedSeconds),
      one.ageSeconds === undefined ? no('none') : `${Math.round(percentOf(one))} %`,
      one.ageSeconds === undefined ? pill('no data') : isLate(one) ? pill('red', 'Too old') : pill('green', 'In time'),
    ]),
  );
