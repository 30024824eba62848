/**
 * Metrics as functions write them and alarms watch them: CloudWatch matches a series by all of its dimensions, so both take them
 * from here. `service` is the dimension that Powertools adds to every metric.
 */
export const METRICS_NAMESPACE = 'Holdfast';
export const METRICS_SERVICE = 'holdfast';

export const metricDimensions = (system: string, asset: string) => ({ service: METRICS_SERVICE, system, asset });
export const systemDimensions = (system: string) => ({ service: METRICS_SERVICE, system });
