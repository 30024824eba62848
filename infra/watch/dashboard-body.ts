/** What a region's CloudWatch dashboard shows, as its JSON. Pure. */
import { METRIC_WORDS, METRICS_NAMESPACE, METRICS_SERVICE, systemDimensions, type SystemMetric } from '../../core/metrics.ts';
import type { Stage } from '../../core/names.ts';
import { fromOption } from '../../core/vault/side.ts';

export type DashboardOf = {
  system: string;
  description: string;
  region: string;
  /** Where the vault is, of this region: said in the heading. */
  side: 'vault' | 'replica';
  machines: { stage: Stage; arn: string }[];
  /** ARNs, those of single assets last: of more than one widget can show, those are left out. */
  alarms: string[];
};

/** A dashboard is 24 columns wide. */
const WIDTH = 24;
const THIRD = WIDTH / 3;
const HEIGHT = 6;
/** CloudWatch's own limit for one widget. */
const MOST_ALARMS = 100;
const FIVE_MINUTES = 300;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

type Widget = { type: 'text' | 'alarm' | 'metric'; height: number; width: number; properties: object };

/** Of any number of assets: what is told per asset is searched for, so that one that is added shows by itself. */
export function dashboardBody(of: DashboardOf): object {
  const rows: Widget[][] = [
    [{ type: 'text', height: 4, width: WIDTH, properties: { markdown: heading(of) } }],
    [
      {
        type: 'alarm',
        height: HEIGHT,
        width: WIDTH,
        properties: { title: 'Alarms: what needs somebody now', alarms: of.alarms.slice(0, MOST_ALARMS) },
      },
    ],
    [
      runs(of, 'Runs that worked', ['ExecutionsSucceeded']),
      runs(of, 'Runs that failed, were stopped or took too long', ['ExecutionsFailed', 'ExecutionsAborted', 'ExecutionsTimedOut']),
      ofSystem(of, 'What the watcher sees', ['SlotsMissed', 'ObjectivesBroken', 'WithoutData', 'ClocksDiffer']),
    ],
    [
      perAsset(of, 'Drills passed (a green backup is one that has been restored)', 'DrillPassed', 'Sum', DAY_SECONDS),
      perAsset(of, 'Drills failed', 'DrillFailed', 'Sum', DAY_SECONDS),
      perAsset(of, 'Drills that could not run', 'DrillCouldNotRun', 'Sum', DAY_SECONDS),
    ],
    [
      perAsset(of, 'Measured RTO, seconds', 'MeasuredRto', 'Maximum', DAY_SECONDS),
      perAsset(of, 'Measured RPO, seconds', 'MeasuredRpo', 'Maximum', DAY_SECONDS),
      ofSystem(of, 'Keys, and what the audit found', ['KeysEndangered', 'KeysUnseen', 'AuditFindings']),
    ],
    // Points are made beside the vault alone.
    ...(of.side === 'vault'
      ? [
          [
            perAsset(of, 'Recovery points committed', 'PointCommitted', 'Sum', HOUR_SECONDS),
            perAsset(of, 'Length of a run, seconds', 'RunSeconds', 'Maximum', HOUR_SECONDS),
            perAsset(of, 'The replica is behind by, seconds', 'ReplicaLag', 'Maximum', HOUR_SECONDS),
          ],
        ]
      : []),
  ];
  return { start: '-P14D', widgets: rows.flatMap(placed) };
}

function heading({ system, description, region, side }: DashboardOf): string {
  const from = fromOption(side);
  return [
    `# Holdfast: ${system}, ${side === 'vault' ? 'vault' : 'replica vault'} in ${region}`,
    ...(description === '' ? [] : [description, '']),
    `Why an asset has its colour: \`npx holdfast status${from}\`; points: \`npx holdfast list${from}\`; the whole page: \`npx holdfast report --open\`.`,
    'What to do about an alarm stands in docs/runbook.md under the heading that the alarm names.',
  ].join('\n');
}

const metric = (of: DashboardOf, title: string, properties: object): Widget => ({
  type: 'metric',
  height: HEIGHT,
  width: THIRD,
  properties: { title, region: of.region, view: 'timeSeries', stacked: false, yAxis: { left: { min: 0 } }, ...properties },
});

const runs = (of: DashboardOf, title: string, names: string[]): Widget =>
  metric(of, title, {
    stat: 'Sum',
    period: HOUR_SECONDS,
    metrics: names.flatMap((name) =>
      of.machines.map(({ stage, arn }) => [
        'AWS/States',
        name,
        'StateMachineArn',
        arn,
        { label: names.length > 1 ? `${stage}: ${name.slice('Executions'.length).toLowerCase()}` : stage },
      ]),
    ),
  });

const ofSystem = (of: DashboardOf, title: string, names: readonly SystemMetric[]): Widget =>
  metric(of, title, {
    stat: 'Maximum',
    period: FIVE_MINUTES,
    metrics: names.map((name) => [
      METRICS_NAMESPACE,
      name,
      ...Object.entries(systemDimensions(of.system)).flat(),
      { label: METRIC_WORDS[name] },
    ]),
  });

const perAsset = (of: DashboardOf, title: string, name: string, statistic: 'Sum' | 'Maximum', period: number): Widget =>
  metric(of, title, {
    metrics: [
      [
        {
          expression: `SEARCH('{${METRICS_NAMESPACE},service,system,asset} service="${METRICS_SERVICE}" system="${of.system}" MetricName="${name}"', '${statistic}', ${period})`,
          id: 'found',
          // The label of what a search finds: the dimension that differs.
          label: "${PROP('Dim.asset')}",
        },
      ],
    ],
  });

function placed(row: Widget[], index: number, rows: readonly Widget[][]): object[] {
  const y = rows.slice(0, index).reduce((sum, above) => sum + Math.max(...above.map(({ height }) => height)), 0);
  return row.map((widget, i) => ({ ...widget, x: row.slice(0, i).reduce((sum, left) => sum + left.width, 0), y }));
}
