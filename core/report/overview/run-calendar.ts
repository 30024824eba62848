import { durationSeconds } from '../../plan/durations.ts';
import { runsBetween } from '../../plan/cron.ts';
import type { PostgresAsset } from '../../plan/schema.ts';
import { plural } from '../../quantities.ts';
import { slotInstant } from '../../vault/ids.ts';
import type { Catalog } from '../../vault/read-point.ts';
import { runSeconds } from '../../watch/slots.ts';
import type { DayState, RunCalendar, RunDay } from './model.ts';

/** Nine weeks. */
const DAYS = 63;
const DAY_MS = 86_400_000;

type Scheduled = Pick<PostgresAsset, 'id' | 'schedule' | 'retention'>;
type Outcome = RunCalendar['rows'][number]['drills'][number]['outcome'];
export type CalendarInput = {
  asset: Scheduled;
  /** What is there, or was: a listing tells. */
  catalog: Catalog;
  /** Points that are gone and did not expire. */
  lost?: readonly string[];
  drills: readonly { at: string; outcome: Outcome; scenario?: string | undefined }[];
};

/** What came of the slots of the last nine weeks, day by day. */
export function buildRunCalendar(inputs: readonly CalendarInput[], now: Date): RunCalendar {
  const firstDay = Math.floor(now.getTime() / DAY_MS) * DAY_MS - (DAYS - 1) * DAY_MS;
  const days = Array.from({ length: DAYS }, (_, index) => dayOf(firstDay + index * DAY_MS));
  // Reading a zone's clock takes longer than all else here, and many assets run at the same times.
  const known = new Map<string, number[]>();
  const slotsOf = ({ schedule }: Scheduled): number[] => {
    const name = `${schedule.cron} ${schedule.timeZone}`;
    const found = known.get(name) ?? runsBetween(schedule, new Date(firstDay - 1), now).map(({ at }) => at.getTime());
    known.set(name, found);
    return found;
  };
  return { days, rows: inputs.map((input) => ({ asset: input.asset.id, ...rowOf(input, days, slotsOf(input.asset), now) })) };
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

function rowOf({ asset, catalog, lost = [], drills }: CalendarInput, days: readonly string[], slots: readonly number[], now: Date) {
  const tally = new Map<string, RunDay>(days.map((day) => [day, emptyDay(day)]));
  const made = new Set<number>();
  const traces = [
    ...catalog.points.map(({ point, kinds }) => ({ point, came: kinds.has('verified') ? ('verified' as const) : ('unverified' as const) })),
    // Of what expired the proof is gone with it: only what was verified is kept so long.
    ...catalog.gone.filter(({ hasTombstone }) => hasTombstone).map(({ point }) => ({ point, came: 'verified' as const })),
    ...lost.map((point) => ({ point, came: 'lost' as const })),
  ];
  const beginsAt = traces.reduce((first, { point }) => Math.min(first, slotInstant(point).getTime()), Infinity);
  for (const { point, came } of traces) {
    const at = slotInstant(point).getTime();
    made.add(at);
    const day = tally.get(dayOf(at));
    if (day) day[came]++;
  }
  const isOver = (slot: number) => slot + runSeconds(asset.schedule) * 1000 <= now.getTime();
  const keptSince = now.getTime() - durationSeconds(asset.retention.hot, 'least') * 1000;
  for (const slot of slots) {
    const day = tally.get(dayOf(slot));
    if (!day) continue;
    day.slots++;
    if (made.has(slot) || !isOver(slot)) continue;
    day[slot < beginsAt ? 'before' : slot < keptSince ? 'unknown' : 'missed']++;
  }
  const first = days[0] ?? '';
  return {
    days: days.map((name): RunDay => {
      const day = tally.get(name) ?? emptyDay(name);
      return { ...day, state: stateOf(day) };
    }),
    drills: drills
      .map(({ at, outcome, scenario }) => ({ day: at.slice(0, 10), outcome, ...(scenario === undefined ? {} : { scenario }) }))
      .filter(({ day }) => day >= first),
  };
}

const emptyDay = (day: string): RunDay => ({
  day,
  slots: 0,
  verified: 0,
  unverified: 0,
  missed: 0,
  lost: 0,
  unknown: 0,
  before: 0,
  state: 'none',
});

function stateOf({ verified, unverified, missed, lost, unknown }: RunDay): DayState {
  if (lost > 0) return 'lost';
  if (missed > 0) return 'missed';
  if (unverified > 0) return 'unverified';
  if (verified > 0) return 'verified';
  return unknown > 0 ? 'unknown' : 'none';
}

type Runs = Pick<RunCalendar, 'rows'>['rows'];
const sumOf = (rows: Runs, of: 'slots' | 'missed' | 'lost' | 'unknown' | 'before') =>
  rows.reduce((sum, { days }) => sum + days.reduce((ofRow, day) => ofRow + day[of], 0), 0);

/** What nobody can tell any more is not counted among the slots that were not missed. */
export function describeMissed(rows: Runs): string {
  const [missed, lost, unknown, before] = [sumOf(rows, 'missed'), sumOf(rows, 'lost'), sumOf(rows, 'unknown'), sumOf(rows, 'before')];
  return [
    `${missed} of ${plural(sumOf(rows, 'slots') - unknown - before, 'slot')} missed`,
    ...(lost > 0 ? [`of ${lost} the point is lost`] : []),
    ...(unknown > 0 ? [`of ${unknown} nothing is left to tell`] : []),
    ...(before > 0 ? [`${before} from before there was any point`] : []),
  ].join('; ');
}
