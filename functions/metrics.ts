/** Metrics in CloudWatch's embedded format: a line on the standard output, no call to a service. */
import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRICS_NAMESPACE, METRICS_SERVICE } from '../core/metrics.ts';

type Measure = { name: string; unit: 'Bytes' | 'Seconds' | 'Count' | 'Bytes/Second'; value: number };

/** Of a system as a whole when there is no asset. */
export function putMetrics({ system, asset }: { system: string; asset?: string }, measures: readonly Measure[]): void {
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: METRICS_SERVICE });
  metrics.addDimensions({ system, ...(asset === undefined ? {} : { asset }) });
  for (const { name, unit, value } of measures) metrics.addMetric(name, unit, value);
  metrics.publishStoredMetrics();
}
