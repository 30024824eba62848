/**
 * The edge of a function that people call by its URL, under IAM: who calls is what the service says that checked the signature, and the
 * body is only what is asked. Errors are answers, in the same words as elsewhere.
 */
import * as z from 'zod';
import { readCaller, type Caller } from '../core/approval/caller.ts';
import { DecisionRefused } from '../core/approval/errors.ts';
import { BadConfiguration, BadRequest } from '../core/failure/input-errors.ts';
import { parseJson } from '../core/parse-json.ts';
import { parse, tellable, type Edge } from './edge.ts';

type SignedEdge<Environment extends z.ZodType, Request extends z.ZodType, Ports, Answer> = Omit<
  Edge<Environment, Request, Ports, Answer>,
  'run'
> & { run: (request: z.output<Request>, ports: Ports, caller: Caller) => Promise<Answer> };

const Event = z.object({ body: z.string().optional(), isBase64Encoded: z.boolean().optional() });
export type UrlAnswer = { statusCode: number; headers: Record<string, string>; body: string };

const STATUS: Record<string, number> = { DecisionRefused: 403, BadInput: 400 };

/** A Lambda handler behind a function URL with AuthType AWS_IAM. */
export function handleSigned<Environment extends z.ZodType, Request extends z.ZodType, Ports, Answer>(
  edge: SignedEdge<Environment, Request, Ports, Answer>,
): (event: unknown) => Promise<UrlAnswer> {
  let ports: Ports | undefined;
  return async (event) => {
    try {
      ports ??= edge.connect(parse(edge.environment, process.env, (problems) => new BadConfiguration(problems)));
      const found = readCaller(event);
      if ('problem' in found)
        throw new DecisionRefused(
          `Who calls is not known: ${found.problem}`,
          'Sign the call as a person: docs/runbook.md, heading DecisionRefused',
        );
      const request = parse(edge.request, bodyOf(event), (problems) => new BadRequest(problems));
      return answer(200, await edge.run(request, ports, found.caller));
    } catch (error) {
      const told = tellable(error);
      return answer(STATUS[told.name] ?? 500, { error: { failure: told.name, message: told.message } });
    }
  };
}

function bodyOf(event: unknown): unknown {
  const { body = '', isBase64Encoded = false } = Event.safeParse(event).data ?? {};
  return parseJson(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
}

const answer = (statusCode: number, body: unknown): UrlAnswer => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});
