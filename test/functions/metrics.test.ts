import { afterEach, expect, it, vi } from 'vitest';
import { putMetrics } from '../../functions/metrics.ts';
import { publishCounts } from '../../functions/watch/watch-keys.ts';
import { metricDimensions, METRICS_NAMESPACE, systemDimensions } from '../../core/metrics.ts';
import { synthesize } from '../infra/synthesized.ts';

// Before any test: how long a synthesis takes is no matter of theirs.
const ida = synthesize('ida').pipeline;
const elsewhere = synthesize('test/infra/existing-network.yaml').pipeline;

afterEach(() => vi.restoreAllMocks());

/** The one line that a function writes, as CloudWatch reads it. */
function writtenBy(run: () => void): { namespace: string; dimensions: Record<string, unknown>; values: Record<string, unknown> } {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  run();
  const values = JSON.parse(lines[0]!) as Record<string, unknown> & {
    _aws: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][] }[] };
  };
  const [{ Namespace, Dimensions }] = values['_aws'].CloudWatchMetrics as [{ Namespace: string; Dimensions: string[][] }];
  return { namespace: Namespace, dimensions: Object.fromEntries(Dimensions[0]!.map((name) => [name, values[name]])), values };
}

it('writes a committed point under the very series that the alarm on silence watches', () => {
  const written = writtenBy(() => putMetrics({ system: 'ida', asset: 'postgres' }, [{ name: 'PointCommitted', unit: 'Count', value: 1 }]));
  expect(written).toMatchObject({
    namespace: METRICS_NAMESPACE,
    dimensions: metricDimensions('ida', 'postgres'),
    values: { PointCommitted: 1 },
  });

  const alarms = Object.values(ida.Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  const silence = alarms.find(({ Properties }) => Properties['MetricName'] === 'PointCommitted')!;
  const watched = (silence.Properties['Dimensions'] as { Name: string; Value: string }[]).map(({ Name, Value }) => [Name, Value]);
  expect(silence.Properties['Namespace']).toBe(written.namespace);
  expect(Object.fromEntries(watched)).toEqual(written.dimensions);
});

it('writes what the key watch counted under the very series that its alarms watch', () => {
  const written = writtenBy(() => publishCounts('ida')({ endangered: 2, unseen: 3 }));
  expect(written).toMatchObject({
    namespace: METRICS_NAMESPACE,
    dimensions: systemDimensions('ida'),
    values: { KeysEndangered: 2, KeysUnseen: 3 },
  });
  const alarms = Object.values(ida.Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  for (const name of ['keys-endangered', 'keys-unseen', 'key-watch-silent']) {
    const alarm = alarms.find(({ Properties }) => Properties['AlarmName'] === `holdfast-ida-${name}`)!.Properties;
    expect(Object.keys(written.values)).toContain(alarm['MetricName']);
    expect(alarm['Namespace']).toBe(written.namespace);
    const watched = (alarm['Dimensions'] as { Name: string; Value: string }[]).map(({ Name, Value }) => [Name, Value]);
    expect(Object.fromEntries(watched)).toEqual(written.dimensions);
  }
});

it('tells the function that counts new points how long a run of each asset may take', () => {
  const functions = Object.values(elsewhere.Resources);
  const record = functions.find(({ Properties }) => Properties['FunctionName'] === 'holdfast-elsewhere-record-record-point')!;
  const { LONGEST_RUNS } = (record.Properties['Environment'] as { Variables: Record<string, string> }).Variables;
  expect(JSON.parse(LONGEST_RUNS!)).toEqual({ orders: 3600, customers: 3600 });
});
