import type { z } from 'zod';
import { snsNotifier } from '../../adapters/sns/publish.ts';
import { stepFunctionsTokens } from '../../adapters/step-functions/task-tokens.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { AskApproversEnvironment, AskApproversRequest, type TokenPaper } from '../../core/approval/contract.ts';
import { decideApproval } from '../../core/approval/decide.ts';
import { RequestUnknown } from '../../core/approval/errors.ts';
import { requestBody, requestSubject } from '../../core/approval/message.ts';
import { requireOwn } from '../../core/approval/own-request.ts';
import { tokenKey, tokenName } from '../../core/approval/records.ts';
import type { Notifier } from '../../core/ports/notifier.ts';
import type { TaskTokens } from '../../core/ports/task-tokens.ts';
import { handle } from '../edge.ts';
import { connectApproval, type ApprovalPorts } from './ports.ts';
import { readRequest } from '../../adapters/vault/read-approval.ts';

export type AskApproversPorts = ApprovalPorts & { tokens: TaskTokens; notifier: Notifier };

/**
 * Keeps the token by which the machine is woken, and tells that it waits. A decision that came after the machine read them last, and
 * before the token was there, finds none to send: it is sent here.
 */
export async function askApprovers(wish: z.output<typeof AskApproversRequest>, ports: AskApproversPorts): Promise<void> {
  const { run, token, round, seen } = wish;
  const { system, side, vault, tokens, notifier, now } = ports;
  const asked = await readRequest(ports, run);
  if (!asked) throw new RequestUnknown(run);
  requireOwn(asked.request, wish);
  const paper: z.infer<typeof TokenPaper> = { format: 'holdfast/task-token/v1', token, seen };
  await putSameOnce(vault, tokenKey(system, run, round, tokenName(token)), JSON.stringify(paper));
  const records = (await readRequest(ports, run)) ?? asked;
  if (records.decisions.some(({ decision }) => decision.n > seen)) await tokens.succeed(token, { run });
  else {
    const verdict = decideApproval(records, ports, now());
    await notifier.publish(requestSubject(records.request), requestBody(records.request, verdict, now(), side));
  }
}

export const handler = handle({
  environment: AskApproversEnvironment,
  request: AskApproversRequest,
  connect: (environment): AskApproversPorts => ({
    ...connectApproval(environment),
    tokens: stepFunctionsTokens({}),
    notifier: snsNotifier(environment.ALARM_TOPIC_ARN, {}),
  }),
  run: askApprovers,
});
