/** A verdict, as people and messages say it: one sentence without its stop. */
import type { Verdict } from './decide.ts';
import type { ApprovalRequest } from './records.ts';
import { instant } from '../instant.ts';
import { instantOfRun } from '../vault/ids.ts';

const list = (names: readonly string[]) => names.join(', ') || 'nobody';

export function explainVerdict(verdict: Verdict, request: Pick<ApprovalRequest, 'run' | 'expiresAt' | 'author'>): string {
  const { approvedBy, needed, rejection } = verdict;
  switch (verdict.state) {
    case 'approved':
      return `Approved by ${list(approvedBy)}`;
    case 'rejected':
      return `${rejection?.by ?? 'Somebody'} rejected the request: ${rejection?.reason ?? ''}`;
    case 'expired':
      return `The request expired at ${instant(request.expiresAt)} with ${approvedBy.length} of ${needed} approvals (${list(approvedBy)})${why(verdict)}`;
    case 'refused':
      return 'Who started it is none of those that the plan lets ask for a restore';
    case 'waiting':
    default:
      return `Waiting since ${instant(instantOfRun(request.run))}: ${approvedBy.length} of ${needed} approvals (${list(approvedBy)})${why(verdict)}`;
  }
}

const why = ({ isAuthorKnown, passedOver }: Verdict): string =>
  [
    ...(isAuthorKnown ? [] : ['one more than the plan says, since nobody knows who asked']),
    ...passedOver.map(({ n, by, why: reason }) => `decision ${n} of ${by} does not count: ${reason}`),
  ]
    .map((text) => `; ${text}`)
    .join('');

/** What is asked, for whoever decides: label and value, in order. */
export function describeRequest(request: ApprovalRequest, now: Date): [string, string][] {
  const { asset, point, asked, author, needed, expiresAt, run, inputSha256 } = request;
  const age = asked.consistentAt === undefined ? undefined : ageText(now.getTime() - Date.parse(asked.consistentAt));
  return [
    ['Request', run],
    ['What', `${asked.action} of ${asset}, ${asked.target}`],
    ...(point === undefined
      ? []
      : [['Point', `${point}${age === undefined ? '' : `, its data is ${age} old`}`] satisfies [string, string]]),
    ...(asked.database === undefined ? [] : [['Database', asked.database] satisfies [string, string]]),
    ...asked.details.map((detail): [string, string] => ['Detail', detail]),
    [
      'Asked by',
      author === undefined
        ? 'not known: one approval more is needed unless the account’s trail says it'
        : `${author.person} (${author.arn})`,
    ],
    // What is said above is read from it: who asks can tell whoever decides by another way what it has to be.
    ...(inputSha256 === undefined ? [] : [['Input', `SHA-256 ${inputSha256}`] satisfies [string, string]]),
    ['Approvals', `${needed} needed, until ${instant(expiresAt)}`],
  ];
}

const ageText = (milliseconds: number) => {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000));
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
};
