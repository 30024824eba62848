import { describe, expect, it } from 'vitest';
import { checkSchedules } from '../../../../core/plan/checks/schedules.ts';
import { checkSkippedRuns } from '../../../../core/plan/checks/skipped-runs.ts';
import { judged } from '../plan-fixture.ts';

describe('schedules', () => {
  it('says nothing of good ones', () => expect(judged(checkSchedules)).toEqual([]));

  it('names a cron that Scheduler would refuse, wherever it stands', () => {
    const found = judged(checkSchedules, (_, database, key) => {
      database.schedule.cron = '0 2 * * *';
      database.drill.schedule.cron = '0 5 1 * * *';
      key.escrow.schedule.cron = '0 25 * * ? *';
    });
    expect(found).toEqual([
      "error assets[orders].schedule.cron = '0 2 * * *': '0 2 * * *' has 5 fields, not six → Add the year, and ? in one of the day fields: 0 2 * * ? *",
      "error assets[orders].drill.schedule.cron = '0 5 1 * * *': '0 5 1 * * *' needs ? in exactly one of day-of-month and day-of-week → Write 0 5 1 * ? *",
      "error assets[card-key].escrow.schedule.cron = '0 25 * * ? *': '25' is not a value for hours → Write 0 to 23, with , - * and / as needed",
    ]);
  });

  it.each(['Europe/Atlantis', '+02:00', 'EST5', 'berlin', ''])('refuses the time zone %j', (timeZone) => {
    const found = judged(checkSchedules, (_, database) => void (database.schedule.timeZone = timeZone));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('assets[orders].schedule.timeZone');
  });

  it.each([
    ['0 2 30 2 ? *', 'No run ever comes'],
    ['0 2 * * ? 2025', 'No run ever comes'],
    ['0 2 * * ? 2026-2028', 'ends'],
  ])('%s does not go on', (cron, problem) => {
    expect(judged(checkSchedules, (_, database) => void (database.schedule.cron = cron))[0]).toContain(problem);
  });

  it('warns when runs overlap', () => {
    const found = judged(checkSchedules, (_, database) => void (database.schedule.cron = '0/30 * * * ? *'));
    expect(found).toEqual([
      "warning assets[orders].schedule.longestRun = 'PT1H': A run may still go on when the next one starts 30 min later → Shorten the longest run, or run less often",
    ]);
  });
});

describe('skipped runs', () => {
  it('says nothing where clocks do not change, or nothing is lost', () => {
    expect(judged(checkSkippedRuns)).toEqual([]);
    expect(
      judged(
        checkSkippedRuns,
        (_, database) => void (database.schedule = { ...database.schedule, cron: '0 * * * ? *', timeZone: 'Europe/Berlin' }),
      ),
    ).toEqual([]);
    expect(judged(checkSkippedRuns, (_, database) => void (database.schedule.timeZone = 'Asia/Kolkata'))).toEqual([]);
  });

  it.each([
    [
      '30 2 * * ? *',
      'Europe/Berlin',
      '2027-03-28 02:30, 2028-03-26 02:30, 2029-03-25 02:30',
      "Write cron: '30 1 * * ? *', or write the time in UTC",
    ],
    ['0 2 * * ? *', 'America/New_York', '2027-03-14 02:00, 2028-03-12 02:00, 2029-03-11 02:00', "Write cron: '0 1 * * ? *'"],
    ['15 2 * * ? *', 'Australia/Lord_Howe', '2027-10-03 02:15, 2028-10-01 02:15, 2029-10-07 02:15', "Write cron: '45 1 * * ? *'"],
    // Chile's clock is set forward at midnight: the hour before is of another day.
    ['15 0 ? * SUN *', 'America/Santiago', '00:15', "Write cron: '15 1 ? * SUN *'"],
    ['30 2,14 * * ? *', 'Europe/Berlin', '02:30', 'Write the time in UTC'],
  ])('%s in %s: %s', (cron, timeZone, times, fix) => {
    const [found, ...more] = judged(checkSkippedRuns, (_, database) => void (database.schedule = { ...database.schedule, cron, timeZone }));
    expect(more).toEqual([]);
    expect(found).toContain(`warning assets[orders].schedule.cron`);
    expect(found).toContain(times);
    expect(found).toContain(fix);
  });
});
