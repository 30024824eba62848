/** The watchers, as the templates for AWS have them: what each may do, when it looks, and that its silence is an alarm. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { metricDimensions, systemDimensions } from '../../core/metrics.ts';
import { WatchRequest } from '../../core/watch/contract.ts';
import { WATCH_MINUTES } from '../../core/watch/clock.ts';
import type { Decision } from './policy-matcher.ts';
import { askOf, HOME, REPLICA } from './asks.ts';
import { ACCOUNT, ofType, PLANS, rolePolicy, synthesize, type Template } from './synthesized.ts';

const synthesized = synthesize('ida');
const ask = askOf('ida', synthesized);
const POINT = 'catalog/ida/postgres/20261121T011500Z/';
const RUN = '20261121T042000Z-3fa9c1';

const sides = [
  {
    side: 'vault',
    escrow: 'escrow',
    other: 'replica',
    otherEscrow: 'replica-escrow',
    suffix: '',
    region: HOME,
    far: REPLICA,
    template: synthesized.pipeline,
  },
  {
    side: 'replica',
    escrow: 'replica-escrow',
    other: 'vault',
    otherEscrow: 'escrow',
    suffix: '-replica',
    region: REPLICA,
    far: HOME,
    template: synthesized.recovery,
  },
] as const;

const named = (template: Template, type: string, property: string, name: string) =>
  ofType(template, type).find(([, { Properties }]) => Properties[property] === name)?.[1].Properties;
const alarmsOf = (template: Template) => ofType(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);

describe.each(sides)('the watcher beside the $side', ({ side, escrow, other, otherEscrow, suffix, region, far, template }) => {
  const role = `holdfast-ida-watch-watch-assets${suffix}`;
  const topic = (at: string) => `arn:aws:sns:${at}:${ACCOUNT}:holdfast-ida-alarms`;
  const can: [string, Decision][] = [
    ['lists the catalog', ask.list(role, side, 'catalog/ida/postgres/202611')],
    ['reads a manifest', ask.object(role, 's3:GetObjectVersion', side, `${POINT}manifest.json`)],
    ['reads a claim', ask.object(role, 's3:GetObjectVersion', side, 'runs/ida/postgres/20261121T011500Z/0001.json')],
    ['lists the escrow', ask.list(role, escrow, 'ida/wallet-encryption-key/')],
    ['reads a read-back', ask.object(role, 's3:GetObjectVersion', escrow, `ida/wallet-encryption-key/abcd/readback-${RUN}.json`)],
    ['tells people', ask.other(role, 'sns:Publish', topic(region))],
  ];
  it.each(can)('%s', (_, decision) => expect(decision.outcome).toBe('allowed'));

  const cannot: [string, Decision][] = [
    [
      'reads the bytes of a dump',
      ask.object(role, 's3:GetObjectVersion', side, 'data/ida/postgres/2026/11/21/20261121T011500Z/0001-1/dump-0001'),
    ],
    ['reads an envelope', ask.object(role, 's3:GetObjectVersion', escrow, 'ida/wallet-encryption-key/abcd/envelope')],
    ['reads another system', ask.object(role, 's3:GetObjectVersion', side, `${POINT.replace('/ida/', '/other/')}manifest.json`)],
    ['reads the other vault', ask.object(role, 's3:GetObjectVersion', other, `${POINT}manifest.json`)],
    ['lists the other escrow', ask.list(role, otherEscrow, 'ida/')],
    ['writes a fact', ask.object(role, 's3:PutObject', side, `${POINT}verified-${RUN}.json`)],
    ['deletes', ask.object(role, 's3:DeleteObjectVersion', side, `${POINT}manifest.json`)],
    ['locks', ask.object(role, 's3:PutObjectRetention', side, `${POINT}manifest.json`)],
    ['starts a backup', ask.other(role, 'states:StartExecution', `arn:aws:states:${region}:${ACCOUNT}:stateMachine:holdfast-ida-backup`)],
    ['tells people of the other region', ask.other(role, 'sns:Publish', topic(far))],
    ['opens an envelope', ask.key(role, 'kms:Decrypt', 'escrow', region)],
  ];
  it.each(cannot)('%s: no', (_, decision) => expect(decision.outcome).not.toBe('allowed'));

  it('does nothing with any service but S3, KMS, SNS and its own log', () => {
    const actions = rolePolicy([template], role).Statement.flatMap(({ Action }) => [Action].flat());
    for (const action of actions) expect(action).toMatch(/^(s3:(Get|List)|kms:Decrypt$|sns:Publish$|logs:)/);
  });

  it('looks by a schedule of its own, which has the plan of every asset', () => {
    const schedule = named(template, 'AWS::Scheduler::Schedule', 'Name', 'watch') as
      { ScheduleExpression: string; ScheduleExpressionTimezone: string; State: string; Target: { Arn: string; Input: string } } | undefined;
    expect(schedule).toMatchObject({
      ScheduleExpression: `cron(0/${WATCH_MINUTES} * * * ? *)`,
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
      Target: { Arn: `arn:aws:lambda:${region}:${ACCOUNT}:function:${role}` },
    });
    // As Scheduler hands it over.
    const input = schedule!.Target.Input.replace('<aws.scheduler.scheduled-time>', '2026-11-21T01:15:00Z');
    const { assets } = WatchRequest.parse(JSON.parse(input));
    expect(assets.map(({ id }) => id)).toEqual(['postgres', 'wallet-encryption-key']);
    const [database] = assets;
    expect(database).toMatchObject({ drill: { schedule: { cron: side === 'vault' ? '0 5 1 1,4,7,10 ? *' : '0 5 15 2,5,8,11 ? *' } } });
    const scheduler = JSON.stringify(rolePolicy([template], `holdfast-ida-scheduler${suffix}`));
    expect(scheduler).toContain(`function:${role}"`);
  });

  it('is itself alarmed on when it is silent, and what it found stays found until it looks again', () => {
    const alarms = alarmsOf(template);
    const alarm = (name: string) => alarms.find((one) => one['AlarmName'] === name);
    const dimensions = Object.entries(systemDimensions('ida')).map(([Name, Value]) => ({ Name, Value }));
    expect(alarm('holdfast-ida-watcher-silent')).toMatchObject({
      MetricName: 'AssetsWatched',
      Dimensions: dimensions,
      Threshold: 2,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      Period: 900,
      EvaluationPeriods: 4,
    });
    for (const name of ['slots-missed', 'objectives-broken', 'without-data', 'clocks-differ'])
      expect(alarm(`holdfast-ida-${name}`)).toMatchObject({ Dimensions: dimensions, TreatMissingData: 'ignore', Threshold: 1 });
    expect(alarm(`${role}-failed`)).toMatchObject({ MetricName: 'Errors', Dimensions: [{ Name: 'FunctionName', Value: role }] });
  });

  it('names nothing of the other region', () => {
    const properties = JSON.stringify(named(template, 'AWS::Lambda::Function', 'FunctionName', role));
    expect(properties).toContain(region);
    expect(properties).not.toContain(far);
  });
});

describe('every alarm of every stack', () => {
  const anchors = new Set(
    readFileSync('docs/runbook.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('### '))
      .map((line) =>
        line
          .slice(4)
          .trim()
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      ),
  );
  const alarms = [...PLANS, 'test/infra/existing-network.yaml'].flatMap((plan) => {
    const { vault, replicaVault, pipeline, recovery } = synthesize(plan);
    return [vault, replicaVault, pipeline, recovery].flatMap((template) => alarmsOf(template).map((alarm) => ({ plan, alarm })));
  });

  it('leads to a heading that the runbook has, tells somebody, and knows what no data means', () => {
    expect(alarms.length).toBeGreaterThan(100);
    const wrong = alarms.flatMap(({ plan, alarm }) => {
      const anchor = /\. What to do: docs\/runbook\.md#([a-z0-9-]+)$/.exec(String(alarm['AlarmDescription']))?.[1];
      const tells = Array.isArray(alarm['AlarmActions']) && alarm['AlarmActions'].length === 1;
      const isWhole = anchor !== undefined && anchors.has(anchor) && tells && alarm['TreatMissingData'] !== undefined;
      return isWhole ? [] : [`${plan}: ${String(alarm['AlarmName'])}: ${anchor}`];
    });
    expect(wrong).toEqual([]);
  });

  it('has a metric of one asset, of the system, or of a service', () => {
    const own = alarms
      .filter(({ alarm }) => alarm['Namespace'] === 'Holdfast')
      .map(({ alarm }) => alarm['Dimensions'] as { Name: string }[]);
    const shapes = new Set(own.map((dimensions) => dimensions.map(({ Name }) => Name).join(',')));
    const known = [systemDimensions('x'), metricDimensions('x', 'y')].map((one) => Object.keys(one).join(','));
    for (const shape of shapes) expect(known).toContain(shape);
  });
});
