import { plural, secondsText } from '../../../quantities.ts';
import { INK, TEXT, type ChartOption } from '../../charts/draw.ts';
import { figure, isNarrow } from '../../charts/figure.ts';
import { html, type Markup } from '../../html.ts';
import type { Overview, Trend } from '../../overview/model.ts';
import { no, pill, section, table, time } from '../parts.ts';

/** More pictures make no page that a person reads. */
const MOST_CHARTS = 12;
const HEIGHT = 220;
/** An axis counts in the largest of which there are some. */
const UNITS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3600 },
  { name: 'min', seconds: 60 },
] as const;
const SECONDS = { name: 's', seconds: 1 };

/** Nearest to the limit, or over it, first. */
const worstFirst = (trends: readonly Trend[]) => trends.toSorted((a, b) => load(b) - load(a));
const load = ({ taken, isLastFailed, allowedSeconds }: Trend) =>
  isLastFailed ? Infinity : taken === undefined ? 0 : (taken.seconds + taken.people) / allowedSeconds;

const VERDICTS = {
  met: pill('green', 'Within the RTO'),
  accepted: pill('amber', 'Within what a gap allows'),
  unaccepted: pill('amber', 'Target not accepted'),
  missed: pill('amber', 'Over the RTO'),
  unknown: pill('no data', 'Nothing measured'),
} as const satisfies Record<Trend['verdict'], Markup>;
const verdictOf = ({ verdict, isLastFailed }: Trend): Markup => (isLastFailed ? pill('red', 'Last drill failed') : VERDICTS[verdict]);

function takenText({ taken }: Trend): string {
  if (taken === undefined) return 'none passed';
  const people = taken.people === 0 ? '' : `, and people ${secondsText(taken.people)} more, as the plan states it`;
  return `the last that passed took ${secondsText(taken.seconds)}${people}`;
}

export function trendsSection({ trends }: Pick<Overview, 'trends'>): Markup | undefined {
  const measured = worstFirst(trends.filter(({ drills }) => drills.length > 0));
  if (measured.length === 0) return undefined;
  const others = measured.slice(MOST_CHARTS);
  return section(
    'trends',
    'Time of drills against the RTO',
    'How long each drill took from asking for the point to the last check, on an ephemeral database of the size of its task.',
    html`${measured.slice(0, MOST_CHARTS).map(trendCard)}
    ${others.length === 0 ? undefined : html`<div class="card">${summaryTable(others)}</div>`}`,
  );
}

function trendCard(trend: Trend, index: number): Markup {
  return html`<article class="card">
    <div class="head">
      <h3>${trend.asset}</h3>
      ${verdictOf(trend)}
    </div>
    ${figure({
      id: `trend-${index}`,
      title: `Drills of ${trend.asset}`,
      label: `${plural(trend.drills.length, 'drill')}: ${takenText(trend)}; the RTO is ${secondsText(trend.statedSeconds)}.`,
      option: (width) => line(trend, isNarrow(width)),
      height: () => HEIGHT,
      table: drillTable(trend),
    })}
  </article>`;
}

function line({ drills, statedSeconds, allowedSeconds }: Trend, narrow: boolean): ChartOption {
  const slowest = Math.max(...drills.map(({ seconds }) => seconds));
  const unit = UNITS.find((one) => Math.max(slowest, statedSeconds) >= 2 * one.seconds) ?? SECONDS;
  const scaled = (seconds: number) => seconds / unit.seconds;
  const limits = [
    { yAxis: scaled(statedSeconds), name: 'RTO' },
    ...(allowedSeconds > statedSeconds ? [{ yAxis: scaled(allowedSeconds), name: 'allowed' }] : []),
  ];
  // A drill of seconds beside an objective of hours would lie on the axis, and no trend be seen.
  const isFar = slowest < statedSeconds / 20;
  const still = { silent: true, emphasis: { disabled: true } };
  return {
    grid: { left: narrow ? 62 : 78, right: narrow ? 18 : 84, top: 22, bottom: 28, outerBoundsMode: 'none' },
    xAxis: {
      type: 'time',
      splitNumber: narrow ? 3 : 8,
      axisLabel: { ...TEXT, hideOverlap: true, formatter: '{MMM} {d}' },
      axisLine: { lineStyle: { color: INK.line } },
      splitLine: { show: false },
    },
    yAxis: {
      type: isFar ? 'log' : 'value',
      min: isFar ? undefined : 0,
      max: (range: { max: number }) => tidyTop(Math.max(range.max, ...limits.map(({ yAxis }) => yAxis)), isFar),
      splitNumber: 4,
      axisLabel: { ...TEXT, hideOverlap: true, formatter: `{value} ${unit.name}` },
      splitLine: { lineStyle: { color: INK.line } },
    },
    series: [
      {
        type: 'line',
        ...still,
        symbol: 'circle',
        symbolSize: 6,
        lineStyle: { color: INK.bar },
        itemStyle: { color: INK.bar },
        data: drills.filter(({ outcome }) => outcome === 'passed').map(({ at, seconds }) => [at, scaled(seconds)]),
        markLine: {
          ...still,
          symbol: 'none',
          lineStyle: { color: INK.red, type: 'dashed' },
          label: { ...TEXT, color: INK.red, position: narrow ? 'insideEndTop' : 'end', formatter: '{b}' },
          data: limits,
        },
      },
      {
        type: 'scatter',
        ...still,
        symbol: 'triangle',
        symbolSize: 11,
        itemStyle: { color: INK.red },
        data: drills.filter(({ outcome }) => outcome === 'failed').map(({ at, seconds }) => [at, scaled(seconds)]),
      },
    ],
  };
}

/** A little above the highest, at a number that is read easily. */
function tidyTop(highest: number, isLog: boolean): number {
  const power = 10 ** Math.floor(Math.log10(highest));
  return isLog ? 10 * power : (Math.ceil((2 * highest * 1.08) / power) * power) / 2;
}

const drillTable = ({ drills, statedSeconds }: Trend): Markup =>
  table(
    `Newest first; the RTO is ${secondsText(statedSeconds)}. A drill that failed is a triangle in the picture.`,
    ['Judged', 'Took', 'Outcome', 'On'],
    drills
      .toReversed()
      .map(({ at, seconds, outcome, target }) => [
        time(at),
        secondsText(seconds),
        outcome === 'passed' ? pill('green', 'Passed') : pill('red', 'Failed'),
        target,
      ]),
  );

const summaryTable = (trends: readonly Trend[]): Markup =>
  table(
    `${trends.length} more, without a picture`,
    ['Database', 'Drills', 'Last passed', 'People besides', 'Slowest', 'RTO', 'Verdict'],
    trends.map((trend) => [
      html`<span class="id">${trend.asset}</span>`,
      trend.drills.length,
      trend.taken === undefined ? no('none') : secondsText(trend.taken.seconds),
      trend.taken === undefined || trend.taken.people === 0 ? no('none') : secondsText(trend.taken.people),
      secondsText(Math.max(...trend.drills.map(({ seconds }) => seconds))),
      secondsText(trend.statedSeconds),
      verdictOf(trend),
    ]),
  );
