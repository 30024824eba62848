/**
 * The part of the restore machine that waits for people. A round ends with each decision, so that what was said is signed, locked and
 * copied at once; what wakes the machine counts for nothing, the decisions that it then reads do.
 */
import { APPROVAL } from '../../core/approval/steps.ts';
import type { ApprovalRule } from '../../core/approval/rule.ts';
import type { FailureName } from '../../core/failure/classes.ts';
import type { Fields, States, TaskState } from '../asl/definition.ts';
import { asCause, expression, literal, orElse } from '../asl/expression.ts';
import { functionTask, SERVICE_FAULTS } from '../asl/function-task.ts';
import type { Steps } from '../asl/failure-states.ts';
import { sharedText, sharedTexts } from '../asl/shared-texts.ts';

export type ApprovalParts = {
  /** ARNs. `copyRecords` is absent beside the replica, from which nothing is copied. */
  functions: {
    writeRequest: string;
    askApprovers: string;
    confirmDecisions: string;
    signObjects: string;
    lockObjects: string;
    copyRecords?: string;
  };
  /** What the plan says, by asset. */
  rules: Readonly<Record<string, ApprovalRule>>;
  /** What would be stopped, by asset, a sentence each. */
  stops?: Readonly<Record<string, readonly string[]>>;
  /** The state that is reached once it is approved, or where nobody has to. */
  next: string;
  /** JSONata. `target`: `beside` or another word; `database`: a text, empty where there is none; `details`: an array of sentences. */
  asked: { action: string; target: string; database: string; details: string };
};

/** Between two looks at an event history that is some minutes late. */
const TRAIL_SECONDS = 60;
const NOT_APPROVED: FailureName = 'NotApproved';
const answer = '$states.result.Payload';

/** Beyond the longest expiry: for the trail, and for what is signed, locked and copied in each round. */
const GRACE_SECONDS = 3600;
/** How long a machine may wait for people. */
export const approvalAllowanceSeconds = (rules: ApprovalParts['rules']): number =>
  Math.max(0, ...Object.values(rules).map(({ expirySeconds }) => expirySeconds)) + GRACE_SECONDS;

export function approvalBlock(parts: ApprovalParts): { first: string; tasks: Steps; states: States; assign: Fields } {
  const { functions, next, asked } = parts;
  const afterLock = functions.copyRecords === undefined ? APPROVAL.goOn : APPROVAL.copy;
  const keys = { keys: expression('$approvalSign') };
  const own: Fields = {
    input: expression('$request'),
    execution: expression('$execution'),
    asset: expression('$asset'),
    point: expression('$point'),
    run: expression('$run'),
    asked: expression('$approvalAsked'),
  };
  const taken: Fields = { approval: expression(answer), approvalSign: expression(`[${answer}.sign]`) };
  return {
    first: APPROVAL.decide,
    assign: {
      approval: {},
      approvalSign: [],
      approvalAsked: {},
      approvalNeeded: 0,
      approvalBegan: 0,
      approvalRound: 0,
      approvalWoken: '',
      /** How long people took, for the record of the restore. */
      approvalSeconds: 0,
    },
    tasks: {
      [APPROVAL.write]: functionTask(
        functions.writeRequest,
        {
          ...own,
          startedAt: expression('$startedAt'),
          needed: expression('$approvalNeeded'),
          expirySeconds: expression(lookUp(parts.rules, ({ expirySeconds }) => expirySeconds, 86_400)),
        },
        { assign: taken, next: APPROVAL.sign },
      ),
      [APPROVAL.sign]: functionTask(functions.signObjects, keys, { next: APPROVAL.lock }),
      [APPROVAL.lock]: functionTask(functions.lockObjects, withSignatures, { next: afterLock }),
      ...(functions.copyRecords === undefined
        ? {}
        : { [APPROVAL.copy]: functionTask(functions.copyRecords, withSignatures, { next: APPROVAL.goOn }) }),
      [APPROVAL.ask]: waitForPeople(functions.askApprovers, own),
      [APPROVAL.confirm]: functionTask(
        functions.confirmDecisions,
        {
          ...own,
          startedAt: expression('$startedAt'),
          seen: expression('$approval.seen'),
          woken: expression('$approvalWoken'),
        },
        { assign: taken, next: SOMETHING_NEW },
      ),
    },
    states: {
      [APPROVAL.decide]: {
        Type: 'Choice',
        Choices: [
          {
            Condition: expression(`${needed(parts.rules, asked.target)} > 0`),
            Assign: {
              // Once: what each asset stops is long.
              approvalAsked: expression(describeAsked(asked, parts.stops ?? {})),
              approvalNeeded: expression(needed(parts.rules, asked.target)),
              approvalBegan: expression('$millis()'),
            },
            Next: APPROVAL.write,
          },
        ],
        Default: next,
      },
      [SOMETHING_NEW]: {
        Type: 'Choice',
        Choices: [{ Condition: expression('$count($approvalSign) > 0'), Next: APPROVAL.sign }],
        Default: APPROVAL.goOn,
      },
      [APPROVAL.goOn]: {
        Type: 'Choice',
        Choices: [
          {
            Condition: expression("$approval.state = 'approved'"),
            // People's time is the recovery's own, and not that of its steps.
            Assign: {
              approvalSeconds: expression('$round(($millis() - $approvalBegan) / 1000)'),
              deadline: expression('$deadline + $millis() - $approvalBegan'),
            },
            Next: next,
          },
          {
            Condition: expression("$approval.state = 'waiting'"),
            Assign: { approvalRound: expression('$approvalRound + 1'), approvalWoken: 'token' },
            Next: APPROVAL.ask,
          },
          { Condition: expression("$approval.state = 'author'"), Assign: { approvalWoken: 'author' }, Next: APPROVAL.later },
        ],
        Default: APPROVAL.refused,
      },
      [APPROVAL.later]: { Type: 'Wait', Seconds: TRAIL_SECONDS, Next: APPROVAL.confirm },
      [APPROVAL.refused]: {
        Type: 'Fail',
        Error: NOT_APPROVED,
        Cause: asCause(`'The ' & ${asked.action} & ' was not approved. ' & ${orElse('$approval.message', literal('Nobody said why'))}`),
      },
    },
  };
}

const SOMETHING_NEW = 'Decide whether something new was said';

/** A signature stands beside each record. */
const withSignatures: Fields = {
  keys: expression("$append($approvalSign, $map($approvalSign, function($key) { $replace($key, /[.]json$/, '.dsse.json') }))"),
};

/** Each round waits for one decision, until the request expires: then the decisions are read for the last time. */
const waitForPeople = (askApprovers: string, own: Fields): TaskState => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: {
    FunctionName: askApprovers,
    Payload: {
      ...own,
      token: expression('$states.context.Task.Token'),
      round: expression('$approvalRound'),
      seen: expression('$approval.seen'),
    },
  },
  TimeoutSeconds: expression('$max([1, $ceil(($toMillis($approval.expiresAt) - $millis()) / 1000)])'),
  Retry: [SERVICE_FAULTS],
  Catch: [{ ErrorEquals: ['States.Timeout'], Assign: { approvalWoken: 'time' }, Output: {}, Next: APPROVAL.confirm }],
  Output: {},
  Next: APPROVAL.confirm,
});

/** JSONata: what the plan says for `$asset`. */
function lookUp(rules: ApprovalParts['rules'], read: (rule: ApprovalRule) => number, otherwise: number): string {
  // A template has room for so much, and most assets are as is usual.
  const entries = Object.entries(rules).flatMap(([asset, rule]) => (read(rule) === otherwise ? [] : [`${literal(asset)}: ${read(rule)}`]));
  return orElse(`$lookup({${entries.join(', ')}}, $asset)`, String(otherwise));
}

const needed = (rules: ApprovalParts['rules'], target: string) =>
  `(${target} = 'beside' ? ${lookUp(rules, ({ beside }) => beside, 0)} : ${lookUp(rules, (rule) => rule.needed, 1)})`;

/** Between sentences that are held as one text. */
const BREAK = ' | ';

/** One expression: JSONata leaves out what has no value. */
function describeAsked({ action, target, database, details }: ApprovalParts['asked'], stops: NonNullable<ApprovalParts['stops']>): string {
  const named = Object.entries(stops).filter(([, sentences]) => sentences.length > 0);
  const shared = JSON.stringify(sharedTexts(Object.fromEntries(named.map(([asset, sentences]) => [asset, sentences.join(BREAK)]))));
  const stopped = `(${target} = 'beside' ? [] : ($stops := ${shared}; $split(${sharedText('$stops')}, ${literal(BREAK)})))`;
  return `{'action': ${action}, 'target': ${target}, 'database': ${database} != '' ? ${database}, 'details': [$append(${details}, ${stopped})]}`;
}
