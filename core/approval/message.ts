/** What the alarm topic says of requests: to whoever may approve, and to whoever waits for an answer. */
import { oneLine } from '../failure/message.ts';
import { fromOption, type VaultSide } from '../vault/side.ts';
import { explainVerdict, describeRequest } from './explain.ts';
import type { Verdict } from './decide.ts';
import type { ApprovalRequest } from './records.ts';

/** SNS refuses more, and anything but ASCII. */
const SUBJECT_CHARACTERS = 100;
const subject = (text: string) => oneLine(text.replaceAll(/[^\x20-\x7e]/g, '?'), SUBJECT_CHARACTERS);
const lines = (pairs: readonly (readonly [string, string])[]) =>
  [...pairs.map(([label, text]) => `${label.padEnd(11)}${oneLine(text, 500)}`), ''].join('\n');

export const requestSubject = ({ system, asset, asked }: ApprovalRequest): string =>
  subject(`Holdfast: ${asked.action} of ${system}/${asset} (${asked.target}) waits for approval`);

/** @param side where the restore waits: in the second region nobody has to reach home */
export const requestBody = (request: ApprovalRequest, verdict: Verdict, now: Date, side: VaultSide): string =>
  lines([
    ...describeRequest(request, now),
    ['So far', explainVerdict(verdict, request)],
    ['Look', `npx holdfast requests ${request.run}${fromOption(side)}`],
    ['Approve', `npx holdfast approve ${request.run}${fromOption(side)}`],
    ['Reject', `npx holdfast reject ${request.run} --reason <why>${fromOption(side)}`],
    ['Runbook', 'docs/runbook.md, heading Approvals'],
    ['Execution', request.execution],
  ]);

export const refusalSubject = ({ system, asset, asked }: ApprovalRequest): string =>
  subject(`Holdfast: ${asked.action} of ${system}/${asset} was not approved`);

export const refusalBody = (request: ApprovalRequest, why: string): string =>
  lines([
    ['Request', request.run],
    ['Why', why],
    ['Meaning', 'Nothing was restored and nothing was changed'],
    ['Runbook', 'docs/runbook.md, heading NotApproved'],
    ['Execution', request.execution],
  ]);
