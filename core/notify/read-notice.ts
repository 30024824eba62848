/** What people are told, from what the function was called with. Pure. */
import type { z } from 'zod';
import { oneLine } from '../failure/message.ts';
import { parseJson } from '../parse-json.ts';
import type { Notification } from '../plan/schema-notifications.ts';
import { fromOption, type VaultSide } from '../vault/side.ts';
import { isAlarmOf } from './alarm-description.ts';
import { AlarmState, type NotifyRequest } from './contract.ts';

/**
 * `attention`: somebody is needed. `over`: what needed somebody no longer does. `worked`: a run ended well. `reminder`: what still
 * needs somebody.
 */
export type NoticeKind = 'attention' | 'over' | 'worked' | 'reminder';
export type Notice = { kind: NoticeKind; title: string; body: string; at: string };

const REASON_CHARACTERS = 300;

type Place = { system: string; side: VaultSide };

/** As the watcher of that region would look. */
const nextCommand = (side: VaultSide) => `npx holdfast status${fromOption(side)}`;

type Call = Exclude<z.output<typeof NotifyRequest>, { remind: unknown }>;

/** In the order in which they came. A run that did not work is told by its own message, and says nothing here. */
export function readNotices(call: Call, { system, side }: Place): Notice[] {
  if ('Records' in call)
    return call.Records.map(({ Sns }) => {
      const alarm = AlarmState.safeParse(parseJson(Sns.Message));
      return alarm.success
        ? alarmNotice(alarm.data, system, side)
        : {
            kind: 'attention',
            title: Sns.Subject ?? `Holdfast: a message about ${system}`,
            body: Sns.Message.trimEnd(),
            at: Sns.Timestamp,
          };
    });
  return call.detail.status === 'SUCCEEDED' ? [runNotice(call)] : [];
}

export const isFor = (notice: Notice, receiver: Pick<Notification, 'send'>): boolean =>
  receiver.send === 'all' || notice.kind === 'attention' || notice.kind === 'reminder';

function alarmNotice(alarm: AlarmState, system: string, side: VaultSide): Notice {
  const isOver = alarm.NewStateValue === 'OK';
  return {
    kind: isOver ? 'over' : 'attention',
    title: `Holdfast: alarm of ${system} ${isOver ? 'is over' : 'rang'}: ${alarm.AlarmName}`,
    body: [
      `What       ${alarm.AlarmDescription ?? alarm.AlarmName}`,
      `Why        ${oneLine(alarm.NewStateReason, REASON_CHARACTERS)}`,
      ...(isOver ? [] : [`Then       ${nextCommand(side)}`]),
    ].join('\n'),
    at: alarm.StateChangeTime,
  };
}

/** `arn:aws:states:<region>:<account>:execution:holdfast-<system>-<stage>:<name>` */
function runNotice({ time, detail }: Exclude<Call, { Records: unknown }>): Notice {
  const machine = detail.stateMachineArn.split(':').at(-1) ?? '';
  return {
    kind: 'worked',
    title: `Holdfast: ${machine} worked`,
    body: [...outputLines(detail.output), `Execution  ${detail.executionArn}`].join('\n'),
    at: time,
  };
}

/** What a machine ends with holds ids and names only; a list or an object in it is for programs. */
function outputLines(output: string | null | undefined): string[] {
  const parsed = output ? parseJson(output) : undefined;
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return [];
  return Object.entries(parsed).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [`${name.padEnd(10)} ${oneLine(String(value), REASON_CHARACTERS)}`]
      : [],
  );
}

/** @returns undefined when no alarm stands: nobody is written to for that */
export function remindOf(alarms: readonly AlarmState[], at: string, { system, side }: Place): Notice | undefined {
  const standing = alarms.filter(({ NewStateValue, AlarmDescription }) => NewStateValue === 'ALARM' && isAlarmOf(system, AlarmDescription));
  if (standing.length === 0) return undefined;
  const byAge = standing.toSorted((a, b) => Date.parse(a.StateChangeTime) - Date.parse(b.StateChangeTime));
  const count = standing.length === 1 ? 'an alarm of' : `${standing.length} alarms of`;
  return {
    kind: 'reminder',
    title: `Holdfast: ${count} ${system} still ${standing.length === 1 ? 'stands' : 'stand'}`,
    body: [
      ...byAge.flatMap((alarm) => [
        `${alarm.AlarmName}, since ${new Date(alarm.StateChangeTime).toISOString()}: ${alarm.AlarmDescription ?? ''}`,
        `Why        ${oneLine(alarm.NewStateReason, REASON_CHARACTERS)}`,
      ]),
      `Then       ${nextCommand(side)}`,
    ].join('\n'),
    at,
  };
}
