/** What people are sent when a key is about to go. Pure. */
import { oneLine } from '../failure/message.ts';
import type { KeyAlarm } from './endangered.ts';

const SUBJECT_CHARACTERS = 100;
export const KEY_ALARM_HEADING = 'A KMS key is about to go';

const NEXT: Record<KeyAlarm['what'], string> = {
  key: 'Find out who did it and why; cancel the deletion, enable the key or put the alias back with the break-glass role, at once',
  policy:
    'A deployment that changes the policy does this, and nobody else should: when none was under way, compare what it says now, npx holdfast audit (in the second region: --from replica)',
  source: 'Find out who did it and why; restore the secret while that is possible, or make the parameter anew with its value from escrow',
  login:
    'Find out who did it and why; restore the secret while that is possible, or make it anew: until then whatever logs in with it fails',
};

type Around = { system: string; region: string };

export const keyAlarmSubject = ({ subject }: KeyAlarm, { system }: Around): string =>
  oneLine(`Holdfast: ${system}: ${subject}`.replaceAll(/[^\x20-\x7e]/g, '?'), SUBJECT_CHARACTERS);

export const keyAlarmBody = ({ what, text }: KeyAlarm, { system, region }: Around): string =>
  [
    `What       ${text}`,
    `On what    ${system}, in ${region}`,
    `Do next    ${NEXT[what]}`,
    `Runbook    docs/runbook.md, heading ${KEY_ALARM_HEADING}`,
    '',
  ].join('\n');
