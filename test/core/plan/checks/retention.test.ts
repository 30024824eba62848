import { describe, expect, it } from 'vitest';
import { checkCold } from '../../../../core/plan/checks/cold.ts';
import { checkForever, checkWindows } from '../../../../core/plan/checks/retention.ts';
import type { Retention } from '../../../../core/plan/schema.ts';
import { judged } from '../plan-fixture.ts';

const withRetention = (rule: Parameters<typeof judged>[0], change: Partial<Retention>) =>
  judged(rule, (_, { retention }) => void Object.assign(retention, change)).map((text) => text.split(' → ')[0]);

describe('windows', () => {
  it('say nothing of good ones', () => {
    expect(withRetention(checkWindows, { hot: 'P2D', hourly: 'P7D', daily: 'P30D', monthly: 'P12M', yearly: 'P7Y' })).toEqual([]);
    expect(withRetention(checkForever, { forever: true })).toEqual([]);
  });

  it('are each longer than the one before', () => {
    expect(withRetention(checkWindows, { monthly: 'P2W' })).toEqual([
      "warning assets[orders].retention.monthly = 'P2W': It ends before `hot`, which keeps as many points for P30D",
    ]);
    expect(withRetention(checkWindows, { hot: 'P2D', daily: 'P60D', monthly: 'P1M', yearly: 'P1Y' })).toEqual([
      "warning assets[orders].retention.monthly = 'P1M': It ends before `daily`, which keeps as many points for P60D",
    ]);
  });

  it('have no effect where points are kept for ever, which no stated limit allows', () => {
    expect(withRetention(checkForever, { forever: true, daily: 'P60D', statedLimit: 'P5Y' })).toEqual([
      'error assets[orders].retention.forever = true: No point ever expires, and no copy may live longer than P5Y',
      'warning assets[orders].retention.forever = true: No point ever expires: daily have no effect',
    ]);
  });
});

describe('cold storage', () => {
  const cold = (after: string, klass: NonNullable<Retention['cold']>['class'], more: Partial<Retention> = {}) =>
    withRetention(checkCold, { cold: { after, class: klass }, ...more });

  it('says nothing of a good one, nor of none', () => {
    expect(cold('P30D', 'glacier-ir', { monthly: 'P12M' })).toEqual([]);
    expect(cold('P30D', 'glacier-ir', { forever: true })).toEqual([]);
    expect(withRetention(checkCold, {})).toEqual([]);
  });

  it('moves to standard-ia after thirty days at the earliest', () => {
    expect(cold('P7D', 'standard-ia', { hot: 'P7D', monthly: 'P12M' })).toEqual([
      "error assets[orders].retention.cold.after = 'P7D': S3 moves nothing to standard-ia in its first 30 days",
    ]);
  });

  it('is paid for its minimum duration', () => {
    expect(cold('P30D', 'deep-archive', { monthly: 'P200D' })[1]).toContain(
      'S3 bills 180 days of deep-archive at least, and points would be there for 170',
    );
    expect(cold('P30D', 'glacier-ir', { monthly: 'P35D' })).toEqual([
      'warning assets[orders].retention.cold = an object with 2 fields: Moving a point for its last 5 days costs more than leaving it: $0.0131 a GB, and $0.0038 where it is',
    ]);
    expect(cold('P30D', 'standard-ia', {})[0]).toContain('No point is kept for longer than 30 days');
    expect(cold('P7D', 'glacier-ir', { monthly: 'P12M' })[0]).toContain(
      'Points move after 7 days, while every one of them is kept for P30D',
    );
  });

  it('is back later than a short RTO allows', () => {
    expect(cold('P30D', 'glacier-flexible', { monthly: 'P12M' })[0]).toContain(
      'A point in glacier-flexible is back after up to 5 h, and the stated RTO is PT2H',
    );
  });
});
