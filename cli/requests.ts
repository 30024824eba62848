import * as z from 'zod';
import { describeRequest, explainVerdict } from '../core/approval/explain.ts';
import type { ApprovalRequest } from '../core/approval/records.ts';
import type { Verdict } from '../core/approval/decide.ts';
import { READING_EXITS } from './exit-codes.ts';
import { instant } from './output/instant.ts';
import type { Paint } from './output/paint.ts';
import { table } from './output/table.ts';
import { FromPlace } from './place.ts';
import { FROM_OPTION } from './points.ts';
import { readOneRequest, readRequests, type ReadRequest } from './requests/read.ts';
import { defineVerb } from './verb.ts';

const COLOURS = {
  approved: 'green',
  waiting: 'yellow',
  rejected: 'red',
  refused: 'red',
  expired: 'dim',
  ended: 'dim',
} as const satisfies Record<Verdict['state'] | 'ended', Parameters<Paint>[0]>;

export const requests = defineVerb({
  name: 'requests',
  summary: 'List the restores that wait for approval and what became of others, or show one: what is asked, by whom, and who decided',
  positionals: [{ name: 'request', help: 'the id of a request (all of the newest when left out)', isRequired: false }],
  options: [{ flags: '--limit <number>', help: 'how many to list, newest first (default: 20)' }, FROM_OPTION],
  isRemote: true,
  examples: [
    'npx holdfast requests',
    'npx holdfast requests 20261121T101500Z-3fa9c1',
    'npx holdfast requests --from replica --output json',
  ],
  exits: [...READING_EXITS, 'PointDamaged'],
  input: z.strictObject({
    request: z.string().optional(),
    limit: z.coerce.number().int().min(1).max(500).default(20),
    from: FromPlace,
  }),
  async run(context, { request: run, limit, from }) {
    const found = run === undefined ? await readRequests(context, from, limit) : [await readOneRequest(context, run, from)];
    const [only] = found;
    return {
      data: { system: context.plan().system, from, requests: found.map(asData) },
      text: (paint) =>
        run !== undefined && only !== undefined
          ? showRequest(only, context.frame.now(), paint)
          : found.length === 0
            ? `Nothing was asked in the ${from}`
            : table(
                ['REQUEST', 'ASKED', 'WHAT', 'STATE', ''],
                found.map(({ records: { request }, ...found }) => [
                  request.run,
                  instant(request.at),
                  `${request.asked.action} of ${request.asset}, ${request.asked.target}`,
                  paint(COLOURS[stateOf(found)], stateOf(found)),
                  explain(found, request),
                ]),
              ),
    };
  },
});

type Found = Pick<ReadRequest, 'verdict' | 'hasEnded'>;
const stateOf = ({ verdict, hasEnded }: Found) => (hasEnded ? 'ended' : verdict.state);
const explain = ({ verdict, hasEnded }: Found, request: ApprovalRequest): string =>
  hasEnded
    ? 'The execution that waited has ended: nobody can decide any more. The same restore again is a new request'
    : // The state stands before it.
      explainVerdict(verdict, request).replace(/^(Waiting|Approved) /, '');

const asData = ({ records, verdict, hasEnded }: ReadRequest) => ({
  ...records.request,
  requestSha256: records.requestSha256,
  author: records.request.author ?? records.author,
  verdict,
  hasEnded,
  decisions: records.decisions.map(({ decision }) => decision),
});

/** All that whoever decides has to know. */
export function showRequest({ records, ...found }: ReadRequest, now: Date, paint: Paint): string {
  const { request, author } = records;
  return [
    ...describeRequest({ ...request, ...(author && !request.author ? { author } : {}) }, now).map(
      ([label, text]) => `${paint('dim', label.padEnd(10))} ${text}`,
    ),
    ...records.decisions.map(
      ({ decision: { n, by, outcome, at, reason } }) =>
        `${paint('dim', `Decision ${n}`.padEnd(10))} ${outcome} by ${by.person} at ${instant(at)}${reason === undefined ? '' : `: ${reason}`}`,
    ),
    `${paint('dim', 'State'.padEnd(10))} ${paint(COLOURS[stateOf(found)], stateOf(found))}: ${explain(found, request)}`,
  ].join('\n');
}
