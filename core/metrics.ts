/**
 * Metrics as functions write them and alarms watch them: CloudWatch matches a series by all of its dimensions, so both take them
 * from here. `service` is the dimension that Powertools adds to every metric.
 */
export const METRICS_NAMESPACE = 'Holdfast';
export const METRICS_SERVICE = 'holdfast';

export const metricDimensions = (system: string, asset: string) => ({ service: METRICS_SERVICE, system, asset });
export const systemDimensions = (system: string) => ({ service: METRICS_SERVICE, system });

/** What is counted of a whole system, in the words that pages, `status` and messages have for it. */
export const METRIC_WORDS = {
  SlotsMissed: 'slots missed',
  ObjectivesBroken: 'red: what was promised does not hold',
  WithoutData: 'no data',
  ClocksDiffer: 'clocks that differ',
  KeysEndangered: 'keys about to go',
  KeysUnseen: 'keys not seen',
  AuditFindings: 'findings of the audit',
} as const;
export type SystemMetric = keyof typeof METRIC_WORDS;
