/** Slots over two years of daylight saving: every run of the schedule is a slot once, and each that was missed is told of exactly once. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runsBetween } from '../../../core/plan/cron.ts';
import { scheduledSlotId } from '../../../core/vault/ids.ts';
import { decideClock, WATCH_MINUTES } from '../../../core/watch/clock.ts';
import { selectTold } from '../../../core/watch/select-told.ts';
import { missedSlots } from '../../../core/watch/slots.ts';
import { scheduledRuns } from './scheduler.ts';

const HOUR_MS = 3_600_000;
const FROM = new Date('2026-01-01T00:00:00Z');
const TO = new Date('2028-01-01T00:00:00Z');
/** Two that change by an hour on either side of the world, one that changes by half an hour, and one that never does. */
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'] as const;
const SCHEDULES = [
  ['hourly', '0 * * * ? *', (clock: string) => clock.endsWith(':00')],
  ['hourly at half past', '30 * * * ? *', (clock: string) => clock.endsWith(':30')],
  ['daily in the hour that spring leaves out', '30 2 * * ? *', (clock: string) => clock === '02:30'],
  ['daily in the hour that autumn has twice', '30 1 * * ? *', (clock: string) => clock === '01:30'],
] as const;
const CASES = ZONES.flatMap((timeZone) => SCHEDULES.map(([name, cron, isTime]) => ({ timeZone, name, cron, isTime })));

describe('two years of slots', () => {
  it.each(CASES)('$name in $timeZone are those that Scheduler runs, each once, however the time is cut', ({ timeZone, cron, isTime }) => {
    const expected = scheduledRuns(timeZone, FROM, TO, isTime).filter((run) => run > FROM);
    expect(runsBetween({ cron, timeZone }, FROM, TO).map(({ at }) => at)).toEqual(expected);
    // In pieces that begin and end anywhere, as the looks of a watcher do.
    const cuts = fc.uniqueArray(fc.integer({ min: FROM.getTime() / 60_000, max: TO.getTime() / 60_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(cuts, (minutes) => {
        const ends = [...minutes.map((minute) => new Date(minute * 60_000)), TO].sort((a, b) => a.getTime() - b.getTime());
        const pieces = ends.flatMap((end, i) => runsBetween({ cron, timeZone }, ends[i - 1] ?? FROM, end).map(({ at }) => at));
        expect(pieces).toEqual(expected);
      }),
      { numRuns: 2 },
    );
  });

  it('knows the other instant of a time that comes twice, and of no other', () => {
    const again = runsBetween({ cron: '30 2 * * ? *', timeZone: 'Europe/Berlin' }, FROM, TO).filter((run) => run.again !== undefined);
    expect(again).toEqual([
      { at: new Date('2026-10-25T00:30:00Z'), again: new Date('2026-10-25T01:30:00Z') },
      { at: new Date('2027-10-31T00:30:00Z'), again: new Date('2027-10-31T01:30:00Z') },
    ]);
  });
});

const schedule = (cron: string, timeZone: string) => ({ cron, timeZone, longestRun: 'PT1H' });
const STEP_MS = WATCH_MINUTES * 60_000;

/** Goes through the looks of a watcher; answers how often each slot was told of when it was new, and in summaries. */
function watch(
  { cron, timeZone }: { cron: string; timeZone: string },
  [from, to]: [Date, Date],
  {
    isMade,
    isLost = () => false,
    clockOffMs = 0,
  }: { isMade: (slot: Date) => boolean; isLost?: (look: number) => boolean; clockOffMs?: number },
) {
  const [news, summaries] = [new Map<string, number>(), new Map<string, number>()];
  for (let look = Math.ceil(from.getTime() / STEP_MS) * STEP_MS; look <= to.getTime(); look += STEP_MS) {
    if (isLost(look)) continue;
    const clock = decideClock(new Date(look), new Date(look + clockOffMs));
    const findings = missedSlots(schedule(cron, timeZone), { at: clock.at, beginsAt: from, isMade }).map(({ slot, deadline }) => ({
      kind: 'slot-missed' as const,
      asset: 'a',
      stage: 'backup' as const,
      slot: scheduledSlotId(slot),
      since: deadline.toISOString(),
      isOpen: false,
    }));
    const told = selectTold(findings, clock);
    const counts = told.isSummary ? summaries : news;
    for (const finding of told.findings) if (finding.kind === 'slot-missed') counts.set(finding.slot, (counts.get(finding.slot) ?? 0) + 1);
  }
  return { news, summaries };
}

describe('missed slots', () => {
  // Four days around each change of a clock in a year; the soak goes through both years look by look.
  const CHANGES: Record<(typeof ZONES)[number], string[]> = {
    'Europe/Berlin': ['2026-03-28', '2026-10-24'],
    'America/New_York': ['2026-03-07', '2026-10-31'],
    'Australia/Lord_Howe': ['2026-04-04', '2026-10-03'],
    UTC: ['2027-06-15'],
  };
  const spansOf = (timeZone: (typeof ZONES)[number]): [Date, Date][] =>
    process.env['HOLDFAST_SOAK'] === '1'
      ? [[FROM, TO]]
      : CHANGES[timeZone].map((day) => [new Date(`${day}T00:00:00Z`), new Date(Date.parse(`${day}T00:00:00Z`) + 4 * 24 * HOUR_MS)]);
  const settled = ([, to]: [Date, Date]) => new Date(to.getTime() - 30 * HOUR_MS);
  const seeded = (slot: Date, seed: number) => (Math.imul(slot.getTime() / 60_000, 2654435761 + seed) >>> 0) % 3 === 0;
  const times = ({ news, summaries }: ReturnType<typeof watch>, slot: string) => [news.get(slot) ?? 0, summaries.get(slot) ?? 0];

  it.each(CASES)('$name in $timeZone are each told of once when they are missed, and in one summary', ({ timeZone, cron, isTime }) => {
    for (const [seed, span] of spansOf(timeZone).entries()) {
      const all = scheduledRuns(timeZone, span[0], span[1], isTime);
      const made = new Set(all.filter((slot) => !seeded(slot, seed)).map((slot) => slot.getTime()));
      const told = watch({ cron, timeZone }, span, { isMade: (slot) => made.has(slot.getTime()) });
      const slots = all.filter((slot) => slot <= settled(span));
      for (const slot of slots) {
        const [once, summed] = times(told, scheduledSlotId(slot));
        if (!seeded(slot, seed)) expect([once, summed]).toEqual([0, 0]);
        // One that is over just at the summary is told there alone.
        else expect(`${once} ${summed}`, slot.toISOString()).toMatch(/^(1 1|0 1)$/);
      }
      const known = new Set(all.map(scheduledSlotId));
      for (const slot of [...told.news.keys(), ...told.summaries.keys()]) expect(known).toContain(slot);
    }
  });

  it.each([2 * HOUR_MS, -2 * HOUR_MS])('are the same when the watcher’s clock is %i ms off', (clockOffMs) => {
    for (const span of spansOf('Europe/Berlin')) {
      const where = { cron: '0 * * * ? *', timeZone: 'Europe/Berlin' };
      const isMade = (slot: Date) => !seeded(slot, 1);
      expect(watch(where, span, { isMade, clockOffMs })).toEqual(watch(where, span, { isMade }));
    }
  });

  it('are told of within a day when looks fail', () => {
    const [span] = spansOf('Europe/Berlin') as [[Date, Date]];
    // Every look of a few hours, and one in three besides; summaries are looks too, and one of them is not lost.
    const isLost = (look: number) => {
      const hour = new Date(look).getUTCHours();
      return hour !== 7 && ((hour >= 10 && hour < 15) || (look / STEP_MS) % 3 === 0);
    };
    const told = watch({ cron: '0 * * * ? *', timeZone: 'Europe/Berlin' }, span, { isMade: () => false, isLost });
    for (const slot of scheduledRuns('Europe/Berlin', span[0], settled(span), (clock) => clock.endsWith(':00')).filter(
      (run) => run > span[0],
    ))
      expect(times(told, scheduledSlotId(slot))[1], slot.toISOString()).toBe(1);
  });

  it('are not those of a point made at the other instant of a time that came twice', () => {
    const at = new Date('2026-10-25T12:00:00Z');
    const at0230 = schedule('30 2 * * ? *', 'Europe/Berlin');
    const missed = (made: string) =>
      missedSlots(at0230, { at, beginsAt: new Date('2026-10-24T12:00:00Z'), isMade: (slot) => slot.getTime() === Date.parse(made) });
    expect(missed('2026-10-25T00:30:00Z')).toEqual([]);
    expect(missed('2026-10-25T01:30:00Z')).toEqual([]);
    expect(missed('2026-10-25T02:30:00Z')).toHaveLength(1);
  });
});
