/** The key watch, as the templates for AWS have it: it looks every five minutes in each region, and its silence is an alarm. */
import { describe, expect, it } from 'vitest';
import { systemDimensions } from '../../core/metrics.ts';
import { WatchKeysRequest } from '../../core/watch/contract.ts';
import { alarmState } from './alarm-state.ts';
import { HOME, REPLICA } from './asks.ts';
import { ACCOUNT, ofType, rolePolicy, synthesize } from './synthesized.ts';

const { pipeline, recovery } = synthesize('ida');
const PERIOD_SECONDS = 300;
/** As CloudWatch has each period: what a look published, and nothing where there was no look. */
const [WELL, ENDANGERED, NO_LOOK] = [[0], [1], []] as const;
const LOOKS_MISSED = 3;

describe.each([
  ['home', pipeline, HOME, ''],
  ['the second region', recovery, REPLICA, '-replica'],
] as const)('the key watch of %s', (_, template, region, suffix) => {
  const role = `holdfast-ida-watch-watch-keys${suffix}`;
  const alarm = (name: string) => {
    const found = ofType(template, 'AWS::CloudWatch::Alarm').find(([, { Properties }]) => Properties['AlarmName'] === name);
    expect(found, name).toBeDefined();
    return found![1].Properties;
  };
  const own = { Dimensions: Object.entries(systemDimensions('ida')).map(([Name, Value]) => ({ Name, Value })), Period: PERIOD_SECONDS };

  it('is called every five minutes, all day and every day, and each call is a look', () => {
    const schedules = ofType(template, 'AWS::Scheduler::Schedule').filter(([, { Properties }]) => Properties['Name'] === 'watch-keys');
    expect(schedules).toHaveLength(1);
    const schedule = schedules[0]![1].Properties;
    expect(schedule).toMatchObject({
      ScheduleExpression: 'cron(0/5 * * * ? *)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: { Arn: `arn:aws:lambda:${region}:${ACCOUNT}:function:${role}` },
    });
    expect(WatchKeysRequest.parse(JSON.parse((schedule['Target'] as { Input: string }).Input))).toMatchObject({ look: true });
    expect(JSON.stringify(rolePolicy([template], `holdfast-ida-scheduler${suffix}`))).toContain(`function:${role}"`);
  });

  it('that does not look, or ends with an error, is an alarm after a quarter of an hour', () => {
    const silent = alarm('holdfast-ida-key-watch-silent');
    expect(silent).toMatchObject({ ...own, Namespace: 'Holdfast', MetricName: 'KeysEndangered' });
    const state = (...periods: (readonly number[])[]) => alarmState(silent, periods);
    expect(state(WELL, WELL, WELL)).toBe('OK');
    // That something is wrong is no silence, and one look that is late no alarm.
    expect(state(ENDANGERED, ENDANGERED, ENDANGERED)).toBe('OK');
    expect(state(WELL, NO_LOOK, NO_LOOK)).toBe('OK');
    expect(state(WELL, ...Array.from({ length: LOOKS_MISSED }, () => NO_LOOK))).toBe('ALARM');
    expect(alarm(`${role}-failed`)).toMatchObject({
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: role }],
      Threshold: 1,
    });
  });
});
