import { describe, expect, it } from 'vitest';
import { NotifyRequest, type AlarmState } from '../../../core/notify/contract.ts';
import { describeAlarm } from '../../../core/notify/alarm-description.ts';
import { isFor, readNotices, remindOf, type Notice } from '../../../core/notify/read-notice.ts';
import { renderNotice } from '../../../core/notify/render-notice.ts';

const HOME = { system: 'ida', side: 'vault' } as const;
const AT = '2026-11-21T02:00:00.000Z';
const ALARM: AlarmState = {
  AlarmName: 'holdfast-ida-postgres-no-point',
  AlarmDescription: 'ida: No recovery point of postgres was made in 27 hours. What to do: docs/runbook.md#no-new-recovery-point',
  NewStateValue: 'ALARM',
  NewStateReason: 'no datapoints were received for 27 periods\nand 27 missing datapoints were treated as [Breaching].',
  StateChangeTime: '2026-11-21T01:58:30.123+0000',
};
const WHY = 'no datapoints were received for 27 periods and 27 missing datapoints were treated as [Breaching].';
const told = (message: string, Subject: string | null = null) =>
  readNotices(NotifyRequest.parse({ Records: [{ Sns: { Subject, Message: message, Timestamp: AT } }] }) as never, HOME)[0]!;
const run = (status: string, output: unknown) =>
  readNotices(
    NotifyRequest.parse({
      'detail-type': 'Step Functions Execution Status Change',
      time: AT,
      detail: {
        executionArn: 'arn:aws:states:eu-central-1:111122223333:execution:holdfast-ida-backup:one',
        stateMachineArn: 'arn:aws:states:eu-central-1:111122223333:stateMachine:holdfast-ida-backup',
        status,
        output: output === undefined ? null : JSON.stringify(output),
      },
    }) as never,
    HOME,
  );

describe('what is told', () => {
  it('of a failure is its own message, whole: cause, stop code and next command stand in it', () => {
    const body = 'What       Dump the database failed\nThen       npx holdfast backup postgres\n';
    expect(told(body, 'Holdfast: backup of ida/postgres failed: DumpStalled')).toEqual({
      kind: 'attention',
      title: 'Holdfast: backup of ida/postgres failed: DumpStalled',
      body: body.trimEnd(),
      at: AT,
    });
  });

  it('of an alarm is what it says, why it rang, and what to run', () => {
    const notice = told(JSON.stringify({ ...ALARM, Region: 'EU (Frankfurt)', OldStateValue: 'OK' }));
    expect(notice.kind).toBe('attention');
    expect(notice.title).toBe('Holdfast: alarm of ida rang: holdfast-ida-postgres-no-point');
    expect(notice.body.split('\n')).toEqual([
      `What       ${ALARM.AlarmDescription}`,
      `Why        ${WHY}`,
      'Then       npx holdfast status',
    ]);
    expect(told(JSON.stringify({ ...ALARM, NewStateValue: 'OK' })).kind).toBe('over');
  });

  it('of a run that worked are the ids that it ended with, and of one that did not nothing: its own message tells it', () => {
    const [notice] = run('SUCCEEDED', { asset: 'postgres', point: '20261121T011500Z', list: [1], nested: { a: 1 } });
    expect(notice).toMatchObject({ kind: 'worked', title: 'Holdfast: holdfast-ida-backup worked' });
    expect(notice!.body).toContain('asset      postgres\npoint      20261121T011500Z\nExecution  arn:');
    expect(run('SUCCEEDED', undefined)).toHaveLength(1);
    expect(run('FAILED', {})).toEqual([]);
  });

  it('again are the alarms that stand, the oldest first; without one there is nothing to remind of', () => {
    const older = { ...ALARM, AlarmName: 'holdfast-ida-watcher-silent', StateChangeTime: '2026-11-20T00:00:00.000Z' };
    const notice = remindOf([ALARM, older, { ...ALARM, NewStateValue: 'OK' }], AT, { system: 'ida', side: 'replica' });
    expect(notice?.title).toBe('Holdfast: 2 alarms of ida still stand');
    expect(notice?.body.split('\n').map((line) => line.split(',')[0])).toEqual([
      older.AlarmName,
      `Why        ${WHY}`,
      ALARM.AlarmName,
      `Why        ${WHY}`,
      'Then       npx holdfast status --from replica',
    ]);
    expect(remindOf([{ ...ALARM, NewStateValue: 'OK' }], AT, HOME)).toBeUndefined();
    // Of a system whose name begins as this one's does.
    const AlarmDescription = describeAlarm('ida-eu', 'The audit found something', 'the-audit-found-something');
    expect(remindOf([{ ...ALARM, AlarmName: 'holdfast-ida-eu-audit-findings', AlarmDescription }], AT, HOME)).toBeUndefined();
  });

  it.each([
    ['attention', true],
    ['reminder', true],
    ['over', false],
    ['worked', false],
  ] as const)('of kind %s to who wants failures only: %s', (kind, wanted) => {
    const notice = { kind } as Notice;
    expect([isFor(notice, { send: 'failures' }), isFor(notice, { send: 'all' })]).toEqual([wanted, true]);
  });
});

describe('a notice', () => {
  const notice: Notice = { kind: 'attention', title: 'T', body: 'a <!channel> & ``` b', at: AT };
  const of = { system: 'ida', region: 'eu-central-1' };

  it('in Slack calls nobody by what it quotes, and fits its limits', () => {
    const text = JSON.stringify(renderNotice(notice, 'slack', of));
    expect(text).toContain("```a &lt;!channel&gt; &amp; ''' b```");
    const long = renderNotice({ ...notice, title: 'T'.repeat(500), body: '<'.repeat(5_000) }, 'slack', of) as {
      blocks: { text?: { text: string } }[];
    };
    const lengths = long.blocks.map((block) => block.text?.text.length ?? 0);
    expect(lengths[0]).toBeLessThanOrEqual(150);
    expect(lengths[1]).toBeLessThanOrEqual(3_000);
    expect(long.blocks[1]!.text!.text.endsWith('```')).toBe(true);
  });

  it('for any other receiver is all of it, with its format', () =>
    expect(renderNotice(notice, 'webhook', of)).toEqual({ format: 'holdfast/notice/v1', ...of, ...notice }));
});
