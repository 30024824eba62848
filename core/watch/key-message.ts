/** What people are sent when a key is about to go. Pure. */
import { oneLine } from '../failure/message.ts';
import type { KeyAlarm } from './endangered.ts';

const SUBJECT_CHARACTERS = 100;
export const KEY_ALARM_HEADING = 'A KMS key is about to go';

type Around = { system: string; region: string };

export const keyAlarmSubject = ({ subject }: KeyAlarm, { system }: Around): string =>
  oneLine(`Holdfast: ${system}: ${subject}`.replaceAll(/[^\x20-\x7e]/g, '?'), SUBJECT_CHARACTERS);

export const keyAlarmBody = ({ text }: KeyAlarm, { system, region }: Around): string =>
  [
    `What       ${text}`,
    `On what    ${system}, in ${region}`,
    'Do next    Find out who did it and why; cancel the deletion, enable the key or put the alias back with the break-glass role, at once',
    `Runbook    docs/runbook.md, heading ${KEY_ALARM_HEADING}`,
    '',
  ].join('\n');
