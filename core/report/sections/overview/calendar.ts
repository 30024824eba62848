import { chartText, INK, TEXT, type ChartOption } from '../../charts/draw.ts';
import { figure, isNarrow } from '../../charts/figure.ts';
import { html, type Markup } from '../../html.ts';
import type { DayState, Overview, RunCalendar } from '../../overview/model.ts';
import { describeMissed } from '../../overview/run-calendar.ts';
import { no, section, table } from '../parts.ts';

/** More rows make no picture; the table has all. */
const MOST_ROWS = 30;
const ROW_PIXELS = 26;
/** Of a narrow picture: so many days can be told apart. */
const NARROW_DAYS = 14;

type Row = RunCalendar['rows'][number];
const missedOf = ({ days }: Row) => days.reduce((sum, { missed, lost }) => sum + missed + lost, 0);

/** A form for each, since colour alone tells some people nothing. */
const MARKS = [
  { state: 'verified', name: 'verified', symbol: 'rect', color: INK.green, size: 10 },
  { state: 'unverified', name: 'not verified', symbol: 'rect', color: INK.card, border: INK.amber, size: 8 },
  { state: 'missed', name: 'missed', symbol: 'triangle', color: INK.red, size: 13 },
  { state: 'lost', name: 'point lost', symbol: 'circle', color: INK.card, border: INK.red, size: 10 },
  { state: 'unknown', name: 'nothing left', symbol: 'circle', color: INK.soft, size: 3 },
] as const satisfies readonly {
  state: Exclude<DayState, 'none'>;
  name: string;
  symbol: string;
  color: string;
  border?: string;
  size: number;
}[];
const DRILLS = [
  { isGood: true, name: 'drill passed', symbol: 'diamond', color: INK.bar, size: 9 },
  { isGood: false, name: 'drill not passed', symbol: 'diamond', color: INK.red, size: 13 },
] as const;

export function calendarSection({ calendar }: Pick<Overview, 'calendar'>): Markup | undefined {
  if (calendar.rows.length === 0) return undefined;
  const ordered = calendar.rows.toSorted((a, b) => missedOf(b) - missedOf(a));
  const shown = ordered.slice(0, MOST_ROWS);
  return section(
    'calendar',
    'Runs of nine weeks',
    'What came of the slots of each day, in UTC: the worst of them. A point is verified when every byte was read back; of a slot whose point has expired nothing may be left.',
    html`<div class="card">
      ${figure({
        id: 'calendar-chart',
        title:
          shown.length < ordered.length
            ? `The ${shown.length} of ${ordered.length} databases that missed most`
            : 'Backups and drills, day by day',
        label: `${describeMissed(ordered)}.`,
        option: (width) => grid(shown, isNarrow(width) ? calendar.days.slice(-NARROW_DAYS) : calendar.days, isNarrow(width)),
        height: (width) => shown.length * ROW_PIXELS + (isNarrow(width) ? 104 : 72),
        table: calendarTable(ordered),
      })}
    </div>`,
  );
}

function grid(shown: readonly Row[], days: readonly string[], narrow: boolean): ChartOption {
  const rows = shown.toReversed();
  const wanted = new Map(days.map((day, index) => [day, index]));
  const still = { type: 'scatter', silent: true, emphasis: { disabled: true } };
  return {
    legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 10, itemGap: narrow ? 18 : 20, textStyle: TEXT, silent: true },
    grid: { left: narrow ? 92 : 190, right: 14, top: narrow ? 70 : 38, bottom: 28, outerBoundsMode: 'none' },
    xAxis: {
      type: 'category',
      data: days.map((day) => day.slice(5)),
      axisLabel: { ...TEXT, interval: 6 },
      axisLine: { lineStyle: { color: INK.line } },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'category',
      data: rows.map(({ asset }) => chartText(asset, narrow ? 12 : 26)),
      axisLabel: { ...TEXT, interval: 0 },
      axisLine: { lineStyle: { color: INK.line } },
      axisTick: { show: false },
      splitLine: { show: true, lineStyle: { color: INK.line } },
    },
    series: [
      ...MARKS.map(({ state, name, symbol, size, ...ink }) => ({
        ...still,
        name,
        symbol,
        symbolSize: size,
        itemStyle: 'border' in ink ? { color: ink.color, borderColor: ink.border, borderWidth: 2 } : { color: ink.color },
        data: rows.flatMap((row, y) =>
          row.days.flatMap((day) => (day.state === state && wanted.has(day.day) ? [[wanted.get(day.day), y]] : [])),
        ),
      })),
      ...DRILLS.map(({ isGood, name, symbol, color, size }) => ({
        ...still,
        name,
        symbol,
        symbolSize: size,
        symbolOffset: [0, -8],
        itemStyle: { color },
        data: rows.flatMap((row, y) =>
          row.drills.flatMap(({ day, outcome }) => ((outcome === 'passed') === isGood && wanted.has(day) ? [[wanted.get(day), y]] : [])),
        ),
      })),
    ],
  };
}

const calendarTable = (rows: readonly Row[]): Markup =>
  table(
    'Most missed first',
    [
      'Database',
      'Slots',
      'Verified',
      'Not verified',
      'Missed',
      'Lost',
      'Not known',
      'Days with a missed slot',
      'Drills passed',
      'Drills not passed',
      'Scenarios among them',
    ],
    rows.map((row) => {
      const sum = (of: 'slots' | 'verified' | 'unverified' | 'missed' | 'lost' | 'unknown' | 'before') =>
        row.days.reduce((total, day) => total + day[of], 0);
      const missedDays = row.days.filter(({ missed }) => missed > 0).map(({ day }) => day);
      const passed = row.drills.filter(({ outcome }) => outcome === 'passed').length;
      return [
        html`<span class="id">${row.asset}</span>`,
        sum('slots'),
        sum('verified'),
        sum('unverified'),
        sum('missed'),
        sum('lost'),
        sum('unknown') + sum('before'),
        missedDays.length === 0 ? no('none') : missedDays.join(', '),
        passed,
        row.drills.length - passed,
        [...new Set(row.drills.flatMap(({ scenario }) => scenario ?? []))].join(', ') || no('none'),
      ];
    }),
  );
