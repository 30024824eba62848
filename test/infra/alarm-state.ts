/** The state that CloudWatch gives to an alarm as it stands in a template, from what a metric had in each of its periods. */
type Properties = Record<string, unknown>;
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/**
 * @param periods the values that were published in each period, oldest first; an empty one is a period without data
 * @param before what the alarm was before
 */
export function alarmState(
  alarm: Properties,
  periods: readonly (readonly number[])[],
  before: AlarmState = 'INSUFFICIENT_DATA',
): AlarmState {
  const evaluated = Number(alarm['EvaluationPeriods']);
  const needed = Number(alarm['DatapointsToAlarm']);
  const last = periods.slice(-evaluated);
  while (last.length < evaluated) last.unshift([]);
  const breaches = last.map((values) => (values.length === 0 ? undefined : isBreaching(alarm, statisticOf(alarm, values))));
  switch (alarm['TreatMissingData']) {
    case 'breaching':
      return breaches.filter((one) => one ?? true).length >= needed ? 'ALARM' : 'OK';
    case 'notBreaching':
      return breaches.filter((one) => one ?? false).length >= needed ? 'ALARM' : 'OK';
    case 'ignore':
      if (breaches.every((one) => one === undefined)) return before;
      // With less data than it needs the state is kept; data that is there and good ends it.
      if (breaches.filter((one) => one === true).length >= needed) return 'ALARM';
      return breaches.includes(false) ? 'OK' : before;
    default:
      throw new Error(`What no data means is not said: ${String(alarm['TreatMissingData'])}`);
  }
}

function statisticOf(alarm: Properties, values: readonly number[]): number {
  switch (alarm['Statistic']) {
    case 'Maximum':
      return Math.max(...values);
    case 'Sum':
      return values.reduce((sum, value) => sum + value, 0);
    case 'SampleCount':
      return values.length;
    default:
      throw new Error(`The statistic ${String(alarm['Statistic'])} is not known here`);
  }
}

function isBreaching(alarm: Properties, value: number): boolean {
  const threshold = Number(alarm['Threshold']);
  switch (alarm['ComparisonOperator']) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'LessThanThreshold':
      return value < threshold;
    default:
      throw new Error(`The comparison ${String(alarm['ComparisonOperator'])} is not known here`);
  }
}
