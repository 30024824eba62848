/** The function against receivers over TLS, and secrets of the emulator. */
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { clientConfig } from '../../../adapters/aws/settings.ts';
import { listStandingAlarms } from '../../../adapters/cloudwatch/list-alarms.ts';
import { postJson } from '../../../adapters/webhook/post-json.ts';
import { NotifyRequest } from '../../../core/notify/contract.ts';
import type { Notification } from '../../../core/plan/schema-notifications.ts';
import { sendNotice } from '../../../functions/notify/send-notice.ts';
import { createAuthority } from '../../../local/tls/certificates.ts';
import { rootSettings, uniqueSuffix } from '../../helpers/servers.ts';

const system = `t${uniqueSuffix()}`;
const secrets = new SecretsManagerClient(clientConfig(rootSettings()));
const cloudWatch = new CloudWatchClient(clientConfig(rootSettings()));
type Arrived = { path: string; authorization: string | undefined; body: { text?: string; title?: string; kind?: string } };
const arrived: Arrived[] = [];
/** What the receiver answers next, by path; 200 when nothing is said. */
const answers = new Map<string, number[]>();

const before = getCACertificates('default');
const authority = createAuthority('receivers', new Date());
const { certificatePem: cert, keyPem: key } = authority.issue('localhost');
const server = createServer({ cert, key }, (incoming, answer) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const path = incoming.url ?? '';
    const status = answers.get(path)?.shift() ?? 200;
    arrived.push({
      path,
      authorization: incoming.headers.authorization,
      body: JSON.parse(Buffer.concat(chunks).toString()) as Arrived['body'],
    });
    answer.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
  });
});

const SLACK: Notification = { kind: 'slack', secret: `${system}/slack`, send: 'failures' };
const PAGER: Notification = { kind: 'webhook', secret: `${system}/pager`, send: 'all' };
beforeAll(async () => {
  setDefaultCACertificates([...before, authority.certificatePem]);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const put = (Name: string, value: object) => secrets.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(value) }));
  await put(SLACK.secret, { url: `${url}/services/T0/planted-path` });
  await put(PAGER.secret, { url: `${url}/pager`, token: 'planted-token' });
  await put(`${system}/plain`, { url: url.replace('https', 'http') });
});
beforeEach(() => {
  arrived.length = 0;
  answers.clear();
});
afterAll(() => {
  setDefaultCACertificates(before);
  server.close();
});

const call = (request: object, receivers: Notification[] = [SLACK, PAGER]) =>
  sendNotice(NotifyRequest.parse(request), {
    system,
    side: 'vault',
    region: 'eu-central-1',
    receivers,
    readSecret: async (SecretId) => (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString,
    standingAlarms: () => listStandingAlarms(`holdfast-${system}-`, rootSettings()),
    post: (order) => postJson({ ...order, monotonicSleep: () => Promise.resolve() as never }),
  });
const failure = { Records: [{ Sns: { Subject: 'Holdfast: it failed', Message: 'Why', Timestamp: '2026-11-21T02:00:00.000Z' } }] };
const paths = () => arrived.map(({ path }) => path).toSorted();

it('gives a failure to every receiver, each in its own form and with its own token', async () => {
  expect(await call(failure)).toEqual({ sent: 2 });
  expect(arrived.find(({ path }) => path === '/services/T0/planted-path')).toMatchObject({
    authorization: undefined,
    body: { text: 'Holdfast: it failed' },
  });
  expect(arrived.find(({ path }) => path === '/pager')).toMatchObject({
    authorization: 'Bearer planted-token',
    body: { title: 'Holdfast: it failed' },
  });
});

it('gives what worked to those who want all', async () => {
  const detail = { executionArn: 'arn:x', stateMachineArn: 'arn:holdfast-ida-drill', status: 'SUCCEEDED', output: '{}' };
  expect(await call({ 'detail-type': 'Step Functions Execution Status Change', time: '2026-11-21T02:00:00Z', detail })).toEqual({
    sent: 1,
  });
  expect(paths()).toEqual(['/pager']);
});

it('tries again what was busy or broken, and asks no second time who refused', async () => {
  answers.set('/pager', [429, 503]);
  expect(await call(failure, [PAGER])).toEqual({ sent: 1 });
  expect(arrived).toHaveLength(3);
  answers.set('/pager', [404]);
  await expect(call(failure, [PAGER])).rejects.toThrow(/could not be given to the webhook of the secret .*: it answered 404/);
  expect(arrived).toHaveLength(4);
});

it('tells all others when one takes nothing, follows no redirect, and quotes neither address nor token', async () => {
  answers.set('/services/T0/planted-path', [302]);
  const error: unknown = await call(failure).catch((caught: unknown) => caught);
  expect(String(error)).toContain('it answered 302');
  expect(String(error) + JSON.stringify(error)).not.toMatch(/planted|localhost/);
  expect(paths()).toEqual(['/pager', '/services/T0/planted-path']);
});

it.each([
  ['a secret that is not there', `none`, /could not be read \(ResourceNotFoundException\)/],
  ['an address without TLS', `plain`, /not a JSON object with an https address/],
])('names %s', async (_, name, why) => {
  await expect(call(failure, [{ ...PAGER, secret: `${system}/${name}` }])).rejects.toThrow(why);
  expect(arrived).toEqual([]);
});

it('reminds of the alarms that stand, and is silent without any', async () => {
  const AlarmName = `holdfast-${system}-no-point`;
  const remind = { remind: { receiver: 0, at: '2026-11-21T08:00:00Z' } };
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      AlarmDescription: `${system}: No point`,
      Namespace: 'Holdfast',
      MetricName: 'PointCommitted',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
    }),
  );
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason: 'well' }));
  expect(await call(remind)).toEqual({ sent: 0 });
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'silence' }));
  expect(await call(remind)).toEqual({ sent: 1 });
  expect(arrived[0]!.body.text).toBe(`Holdfast: an alarm of ${system} still stands`);
  expect(await call({ remind: { receiver: 7, at: '2026-11-21T08:00:00Z' } })).toEqual({ sent: 0 });
});
