/** Calls of functions by their URL, signed by whoever works: the function takes the name from the signature. */
import * as z from 'zod';
import type { FailureName } from '../core/failure/classes.ts';
import { HoldfastError } from '../core/failure/error.ts';
import { isFailureName } from '../core/failure/exit.ts';
import { parseJson } from '../core/parse-json.ts';
import type { VaultPlace } from './connection.ts';

/** `as`: the role that such a call is made under, and, on this machine, the name of the person. */
export type SignedCall = {
  place: VaultPlace;
  handler: string;
  body: object;
  as: { role: 'requester' | 'approver'; person?: string | undefined };
};
export type SignedCalls = (call: SignedCall) => Promise<unknown>;

const Refusal = z.object({ error: z.object({ failure: z.string(), message: z.string() }) });

/** What the function said, or Lambda in its place. */
class CallRefused extends HoldfastError {
  readonly failure: FailureName;
  constructor(failure: FailureName, message: string, advice: string) {
    super(message, advice);
    this.failure = failure;
  }
}

/** The answer of a function behind a URL. Throws CallRefused. */
export function readAnswer(status: number, text: string, called: string): unknown {
  if (status === 200) return parseJson(text);
  const refusal = Refusal.safeParse(parseJson(text));
  if (!refusal.success)
    throw new CallRefused(
      'AwsLoginMissing',
      `The call of ${called} was refused (${status})`,
      'Call under the role that the plan has for this: docs/runbook.md, heading Approvals',
    );
  const { failure, message } = refusal.data.error;
  const [, what = message, advice = 'See docs/runbook.md, heading DecisionRefused'] = /^(.*?)\. ([A-Z][^.]*)$/s.exec(message) ?? [];
  throw new CallRefused(isFailureName(failure) ? failure : 'Unexpected', what, advice);
}
