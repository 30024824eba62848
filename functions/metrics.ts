/** Metrics in CloudWatch's embedded format: a line on the standard output, no call to a service. */
import type { Metrics } from '@aws-lambda-powertools/metrics';

export const METRICS_NAMESPACE = 'Holdfast';

type Measure = { name: string; unit: 'Bytes' | 'Seconds' | 'Count' | 'Bytes/Second'; value: number };

export function putMetrics(metrics: Metrics, dimensions: Record<string, string>, measures: readonly Measure[]): void {
  metrics.addDimensions(dimensions);
  for (const { name, unit, value } of measures) metrics.addMetric(name, unit, value);
  metrics.publishStoredMetrics();
}
