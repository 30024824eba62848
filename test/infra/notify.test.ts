/** Receivers of messages and dashboards, as the templates for AWS have them. */
import { describe, expect, it } from 'vitest';
import { NotifyEnvironment, NotifyRequest } from '../../core/notify/contract.ts';
import { METRIC_WORDS, METRICS_NAMESPACE, type SystemMetric } from '../../core/metrics.ts';
import type { Colour } from '../../core/status/colour.ts';
import { decide } from './policy-matcher.ts';
import { ofType, rolePolicy, synthesize, type Template } from './synthesized.ts';

const told = synthesize('test/infra/existing-network.yaml');
const untold = synthesize('ida');
const HANDLER = 'notify-send-notice';
const sides = [
  {
    template: told.pipeline,
    region: 'eu-central-1',
    account: '111122223333',
    suffix: '',
    topic: 'arn:aws:sns:eu-central-1:111122223333:pages',
  },
  {
    template: told.recovery,
    region: 'eu-west-1',
    account: '444455556666',
    suffix: '-replica',
    topic: 'arn:aws:sns:eu-west-1:444455556666:holdfast-elsewhere-alarms',
  },
];
const only = (template: Template, type: string, where: (properties: Record<string, unknown>) => boolean) => {
  const found = ofType(template, type).filter(([, { Properties }]) => where(Properties));
  expect(found).toHaveLength(1);
  return found[0]![1].Properties;
};

describe.each(sides)('receivers in $region', ({ template, region, account, suffix, topic }) => {
  const name = `holdfast-elsewhere-${HANDLER}${suffix}`;
  const arn = `arn:aws:lambda:${region}:${account}:function:${name}`;

  it('are told by a function that hears the alarm topic, and no other', () => {
    expect(only(template, 'AWS::SNS::Subscription', () => true)).toMatchObject({ TopicArn: topic, Protocol: 'lambda', Endpoint: arn });
    const permissions = ofType(template, 'AWS::Lambda::Permission').map(([, { Properties }]) => Properties);
    expect(permissions.filter(({ FunctionName }) => FunctionName === arn)).toEqual([
      expect.objectContaining({ Principal: 'sns.amazonaws.com', SourceArn: topic }),
      expect.objectContaining({
        Principal: 'events.amazonaws.com',
        SourceArn: `arn:aws:events:${region}:${account}:rule/holdfast-elsewhere-runs-worked`,
      }),
    ]);
  });

  it('are those of the plan, in the function’s environment', () => {
    const { Environment } = only(template, 'AWS::Lambda::Function', ({ FunctionName }) => FunctionName === name) as {
      Environment: { Variables: Record<string, string> };
    };
    expect(NotifyEnvironment.parse(Environment.Variables).RECEIVERS.map(({ secret, send }) => [secret, send])).toEqual([
      ['elsewhere/slack', 'failures'],
      ['elsewhere/pager', 'all'],
    ]);
  });

  it('are reminded when the plan says, in its zone', () => {
    const schedule = only(template, 'AWS::Scheduler::Schedule', ({ Name }) => Name === 'remind-0') as {
      ScheduleExpressionTimezone: string;
      Target: { Arn: string; Input: string };
    };
    expect(schedule).toMatchObject({ ScheduleExpressionTimezone: 'Europe/Berlin', Target: { Arn: arn } });
    expect(NotifyRequest.parse(JSON.parse(schedule.Target.Input))).toEqual({
      remind: { receiver: 0, at: '<aws.scheduler.scheduled-time>' },
    });
    const scheduler = rolePolicy([template], `holdfast-elsewhere-scheduler${suffix}`);
    const principal = `arn:aws:iam::${account}:role/holdfast-elsewhere-scheduler${suffix}`;
    expect(decide({ principal, action: 'lambda:InvokeFunction', resource: arn }, { identity: scheduler }).outcome).toBe('allowed');
  });

  const may = (action: string, resource: string) =>
    decide({ principal: `arn:aws:iam::${account}:role/${name}`, action, resource }, { identity: rolePolicy([template], name) }).outcome;
  it.each([
    ['secretsmanager:GetSecretValue', 'secret:elsewhere/slack-AbCdEf', 'allowed'],
    ['secretsmanager:GetSecretValue', 'secret:elsewhere/orders-AbCdEf', 'denied'],
    ['sns:Publish', 'pages', 'denied'],
  ])('%s of %s is %s', (action, resource, outcome) =>
    expect(may(action, `arn:aws:${action.split(':')[0]}:${region}:${account}:${resource}`) === 'allowed' ? 'allowed' : 'denied').toBe(
      outcome,
    ),
  );
});

it('nothing of it is made for a plan that names no receiver', () => {
  expect(ofType(untold.pipeline, 'AWS::SNS::Subscription')).toEqual([]);
  expect(JSON.stringify(untold.pipeline)).not.toContain(HANDLER);
});

type Widget = { type: string; x: number; y: number; width: number; height: number; properties: Record<string, unknown> };
const flat = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const [separator, parts] = (value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : '111122223333')).join(separator);
};
const dashboard = (template: Template) =>
  (JSON.parse(flat(only(template, 'AWS::CloudWatch::Dashboard', () => true)['DashboardBody'])) as { widgets: Widget[] }).widgets;

describe.each([
  ['home', untold.pipeline, 'eu-central-1'],
  ['the second region', untold.recovery, 'eu-west-1'],
] as const)('the dashboard of %s', (_, template, region) => {
  const widgets = dashboard(template);

  it('has widgets that neither overlap nor leave the page', () => {
    for (const a of widgets) {
      expect(a.x + a.width).toBeLessThanOrEqual(24);
      for (const b of widgets)
        if (a !== b) expect(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y).toBe(true);
    }
  });

  it('shows every alarm of the stack, and machines and metrics of its own region alone', () => {
    const names = ofType(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => String(Properties['AlarmName']));
    const shown = widgets.find(({ type }) => type === 'alarm')!.properties['alarms'] as string[];
    expect(shown.map((arn) => String(arn.split(':alarm:')[1])).toSorted()).toEqual(names.toSorted());
    const arns = JSON.stringify(widgets).match(/arn:aws:[a-z]+:[a-z0-9-]+:/g) ?? [];
    expect(new Set(arns.map((arn) => arn.split(':')[3]))).toEqual(new Set([region]));
  });

  it('asks for metrics by the dimensions that the alarms watch', () => {
    const watched = new Set(
      ofType(template, 'AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) =>
        Properties['Namespace'] === METRICS_NAMESPACE && (Properties['Dimensions'] as unknown[]).length === 2
          ? [String(Properties['MetricName'])]
          : [],
      ),
    );
    const single = widgets
      .flatMap(({ properties }) => (properties['metrics'] ?? []) as unknown[][])
      .filter(([first]) => first === METRICS_NAMESPACE);
    expect(single.length).toBeGreaterThan(4);
    for (const [, name, ...rest] of single) {
      expect(watched).toContain(name);
      // In the words of pages and messages: nobody should have to know what a metric is called.
      expect(rest).toEqual(['service', 'holdfast', 'system', 'ida', { label: METRIC_WORDS[name as SystemMetric] }]);
    }
    const labels = single.map((one) => (one.at(-1) as { label: string }).label);
    for (const colour of ['red', 'no data'] satisfies Colour[]) expect(labels.some((label) => label.startsWith(colour))).toBe(true);
  });
});
