import { describe, expect, it } from 'vitest';
import { checkDrillLength, checkDrillPeriod, checkDrillSql } from '../../../../core/plan/checks/drill.ts';
import { checkGaps } from '../../../../core/plan/checks/gaps.ts';
import { checkRpo } from '../../../../core/plan/checks/rpo.ts';
import { judged } from '../plan-fixture.ts';

const gap = (objective: 'rpo' | 'rto' | 'drill', bound: string) => ({
  what: 'Something promised elsewhere',
  reason: 'Not affordable yet',
  objective,
  bound,
});

describe('RPO', () => {
  it('is met by a daily dump of an hour within 25 hours', () => expect(judged(checkRpo)).toEqual([]));

  it('is missed by a minute', () => {
    expect(judged(checkRpo, (_, database) => void (database.schedule.longestRun = 'PT61M'))).toEqual([
      "error assets[orders].objectives.rpo = 'PT25H': 24 h between runs and 1 h for one: up to 25 h of data may be lost → Run more often, shorten the longest run, or declare a gap with `objective: rpo` and a bound of at least PT26H",
    ]);
  });

  it('counts the longest day of a zone that sets its clock back', () => {
    const found = judged(checkRpo, (_, database) => void (database.schedule.timeZone = 'Europe/Berlin'));
    expect(found[0]).toContain('up to 48 h of data may be lost');
  });

  it('holds for keys as well', () => {
    expect(judged(checkRpo, (_, _database, key) => void (key.objectives.rpo = 'PT24H'))[0]).toContain('assets[card-key].objectives.rpo');
  });

  it('may be stood in for by a declared gap that is wide enough, and needed', () => {
    const withGap = (rpo: string, bound: string) =>
      judged(checkRpo, (_, database) => {
        database.objectives.rpo = rpo;
        database.gaps = [gap('rpo', bound)];
      });
    expect(withGap('PT1H', 'PT25H')).toEqual([]);
    expect(withGap('PT1H', 'PT24H')[0]).toMatch(/^error assets\[orders\]\.gaps\[0\]\.bound = 'PT24H'.*at least PT25H/);
    expect(withGap('PT25H', 'PT26H')[0]).toMatch(/^warning assets\[orders\]\.gaps\[0\].*met without this gap/);
  });

  it('is not excused by a gap of the plan as a whole', () => {
    const found = judged(checkRpo, (plan, database) => {
      database.objectives.rpo = 'PT1H';
      plan.gaps = [gap('rpo', 'PT25H')];
    });
    expect(found).toHaveLength(1);
  });

  it('takes the widest of several gaps', () => {
    const found = judged(checkRpo, (_, database) => {
      database.objectives.rpo = 'PT1H';
      database.gaps = [gap('rpo', 'PT2H'), gap('rpo', 'PT25H')];
    });
    expect(found).toEqual([]);
  });
});

describe('drill', () => {
  it('says nothing of a good one', () => {
    expect([...judged(checkDrillPeriod), ...judged(checkDrillLength), ...judged(checkDrillSql)]).toEqual([]);
  });

  it.each([
    ['0 5 1 1,4,7,10 ? *', 'P1M', '92 days'],
    ['0 5 1 * ? *', 'P30D', '31 days'],
    ['0 5 1 1,7 ? *', 'P3M', '184 days'],
  ])('%s does not fit %s', (cron, period, interval) => {
    const found = judged(checkDrillPeriod, (_, database) => {
      database.drill.schedule.cron = cron;
      database.drill.period = period;
    });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`error assets[orders].drill.period = '${period}': Up to ${interval} pass`);
  });

  it('may come less often with a declared gap', () => {
    const withBound = (bound: string) =>
      judged(checkDrillPeriod, (_, database) => {
        database.drill.period = 'P1W';
        database.gaps = [gap('drill', bound)];
      });
    expect(withBound('P1M')).toEqual([]);
    expect(withBound('P2W')[0]).toContain('assets[orders].gaps[0].bound');
  });

  it('must be able to last longer than the RTO', () => {
    expect(judged(checkDrillLength, (_, database) => void (database.drill.schedule.longestRun = 'PT2H'))[0]).toContain('never show');
  });

  it.each(['SELECT count(*) FROM orders', 'with a as (select 1) select * from a;', "select count(*) from t where a = ';'", 'VALUES (1)'])(
    'takes %j',
    (sql) => {
      expect(judged(checkDrillSql, (_, database) => void (database.drill.checks = [{ name: 'a', sql, compare: '=', expect: 1 }]))).toEqual(
        [],
      );
    },
  );

  it.each(['DELETE FROM orders', 'SELECT 1; DROP TABLE orders', 'orders', "COPY orders TO PROGRAM 'sh'"])('refuses %j', (sql) => {
    expect(
      judged(checkDrillSql, (_, database) => void (database.drill.checks = [{ name: 'a', sql, compare: '=', expect: 1 }]))[0],
    ).toContain('not one SELECT');
  });

  it('refuses two checks of one name, a table without schema, a canary that writes', () => {
    const found = judged(checkDrillSql, (_, database) => {
      database.drill.checks = [...database.drill.checks, ...structuredClone(database.drill.checks)];
      database.drill.rowCounts = [
        { table: 'orders', against: 'verified', tolerancePercent: 0 },
        { table: 'public.orders', against: 'verified', tolerancePercent: 0 },
      ];
      for (const canary of database.drill.canaries) canary.sql = 'UPDATE cards SET card = card RETURNING card';
    });
    expect(found.map((text) => text.split(' = ')[0])).toEqual([
      'error assets[orders].drill.canaries[0].sql',
      'error assets[orders].drill.checks[1].name',
      'error assets[orders].drill.rowCounts[0].table',
    ]);
  });
});

describe('gaps', () => {
  it('are all listed with what holds meanwhile', () => {
    const found = judged(checkGaps, (plan, database) => {
      database.gaps = [{ id: 'SHOP-1', ...gap('rpo', 'PT25H') }];
      plan.gaps = [{ what: 'Files of the shop', reason: 'They are in version control' }];
    });
    expect(found).toEqual([
      'gap assets[orders].gaps[0] = SHOP-1: Something promised elsewhere — PT25H holds meanwhile → Not affordable yet',
      'gap gaps[0] = (no id): Files of the shop → They are in version control',
    ]);
  });

  it('have bound and objective together, and a drill only where one is done', () => {
    const found = judged(checkGaps, (plan, _, key) => {
      plan.gaps = [{ what: 'Files of the shop', reason: 'They are in version control', bound: 'P1D' }];
      key.gaps = [gap('drill', 'P1Y')];
    });
    expect(found.filter((text) => text.startsWith('error')).map((text) => text.split(' = ')[0])).toEqual([
      'error assets[card-key].gaps[0].objective',
      'error gaps[0]',
    ]);
  });
});
