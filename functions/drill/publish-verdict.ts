import type { Verdict } from '../../core/drill/judge.ts';
import { putMetrics } from '../metrics.ts';

const OUTCOME_METRICS = { passed: 'DrillPassed', failed: 'DrillFailed', 'could-not-run': 'DrillCouldNotRun' } as const;

/** Three counters, so that an alarm on silence has something to miss, and what was measured. */
export function publishVerdict(of: { system: string; asset: string }, { outcome, measured }: Verdict): void {
  const seconds = { MeasuredRto: measured.rtoSeconds, MeasuredRpo: measured.rpoSeconds };
  putMetrics(of, [
    ...Object.entries(OUTCOME_METRICS).map(([name, metric]) => ({ name: metric, unit: 'Count' as const, value: name === outcome ? 1 : 0 })),
    ...Object.entries(seconds).flatMap(([name, value]) => (value === undefined ? [] : [{ name, unit: 'Seconds' as const, value }])),
  ]);
}
