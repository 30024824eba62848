import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';
import type { Verdict } from '../../core/drill/judge.ts';

const OUTCOME_METRICS = { passed: 'DrillPassed', failed: 'DrillFailed', 'could-not-run': 'DrillCouldNotRun' } as const;

/** EMF on the log: three counters, so that an alarm on silence has something to miss, and what was measured. */
export function publishVerdict({ system, asset }: { system: string; asset: string }, { outcome, measured }: Verdict): void {
  const metrics = new Metrics({ namespace: 'Holdfast', serviceName: 'drill', defaultDimensions: { system, asset } });
  for (const [name, metric] of Object.entries(OUTCOME_METRICS)) metrics.addMetric(metric, MetricUnit.Count, name === outcome ? 1 : 0);
  if (measured.rtoSeconds !== undefined) metrics.addMetric('MeasuredRto', MetricUnit.Seconds, measured.rtoSeconds);
  if (measured.rpoSeconds !== undefined) metrics.addMetric('MeasuredRpo', MetricUnit.Seconds, measured.rpoSeconds);
  metrics.publishStoredMetrics();
}
