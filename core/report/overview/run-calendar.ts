import { durationSeconds } from '../../plan/durations.ts';
import { runsBetween } from '../../plan/cron.ts';
import type { PostgresAsset } from '../../plan/schema.ts';
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

function rowOf({ asset, catalog, drills }: CalendarInput, days: readonly string[], slots: readonly number[], now: Date) {
  const tally = new Map<string, RunDay>(days.map((day) => [day, { day, slots: 0, verified: 0, unverified: 0, missed: 0, state: 'none' }]));
  const made = new Set<number>();
  const unknownDays = new Set<string>();
  const traces = [
    ...catalog.points.map(({ point, kinds }) => ({ point, isVerified: kinds.has('verified') })),
    // Of what expired the proof is gone with it: only what was verified is kept so long.
    ...catalog.gone.filter(({ hasTombstone }) => hasTombstone).map(({ point }) => ({ point, isVerified: true })),
  ];
  const beginsAt = traces.reduce((first, { point }) => Math.min(first, slotInstant(point).getTime()), Infinity);
  for (const { point, isVerified } of traces) {
    const at = slotInstant(point).getTime();
    made.add(at);
    const day = tally.get(dayOf(at));
    if (day) day[isVerified ? 'verified' : 'unverified']++;
  }
  const isOver = (slot: number) => slot + runSeconds(asset.schedule) * 1000 <= now.getTime();
  const keptSince = now.getTime() - durationSeconds(asset.retention.hot, 'least') * 1000;
  for (const slot of slots) {
    const day = tally.get(dayOf(slot));
    if (!day) continue;
    day.slots++;
    if (made.has(slot) || !isOver(slot) || slot < beginsAt) continue;
    if (slot < keptSince) unknownDays.add(day.day);
    else day.missed++;
  }
  const first = days[0] ?? '';
  return {
    days: days.map((name): RunDay => {
      const day = tally.get(name) ?? { day: name, slots: 0, verified: 0, unverified: 0, missed: 0, state: 'none' };
      return { ...day, state: stateOf(day, unknownDays.has(name)) };
    }),
    drills: drills
      .map(({ at, outcome, scenario }) => ({ day: at.slice(0, 10), outcome, ...(scenario === undefined ? {} : { scenario }) }))
      .filter(({ day }) => day >= first),
  };
}

function stateOf({ verified, unverified, missed }: RunDay, isUnknown: boolean): DayState {
  if (missed > 0) return 'missed';
  if (unverified > 0) return 'unverified';
  if (verified > 0) return 'verified';
  return isUnknown ? 'unknown' : 'none';
}
