import type { z } from 'zod';
import { cloudTrailStarter } from '../../adapters/cloudtrail/find-starter.ts';
import { snsNotifier } from '../../adapters/sns/publish.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { ConfirmEnvironment, ConfirmRequest, type ApprovalAnswer } from '../../core/approval/contract.ts';
import { decideApproval, type ApprovalRecords } from '../../core/approval/decide.ts';
import { RequestUnknown } from '../../core/approval/errors.ts';
import { explainVerdict } from '../../core/approval/explain.ts';
import { refusalBody, refusalSubject } from '../../core/approval/message.ts';
import { requireOwn } from '../../core/approval/own-request.ts';
import { ApprovalAuthor, approvalAuthorKey, approvalKey } from '../../core/approval/records.ts';
import type { FindStarter } from '../../core/ports/find-starter.ts';
import type { Notifier } from '../../core/ports/notifier.ts';
import { handle } from '../edge.ts';
import { findAuthor } from './find-author.ts';
import { connectApproval, type ApprovalPorts } from './ports.ts';
import { readRequest } from '../../adapters/vault/read-approval.ts';

export type ConfirmPorts = ApprovalPorts & { findStarter: FindStarter; notifier: Notifier };
type Wish = z.output<typeof ConfirmRequest>;

/** The event history of an account is some minutes late, a quarter of an hour at worst. */
const TRAIL_PATIENCE_SECONDS = 1200;

/** Reads every decision again, and says from these alone whether the machine goes on: what woke it counts for nothing. */
export async function confirmDecisions(wish: Wish, ports: ConfirmPorts): Promise<ApprovalAnswer> {
  const { run, seen, woken } = wish;
  const { system, side, now } = ports;
  const found = await readRequest(ports, run);
  if (!found) throw new RequestUnknown(run);
  requireOwn(found.request, wish);
  const newest = Math.max(0, ...found.decisions.map(({ decision }) => decision.n));
  const fresh = found.decisions
    .filter(({ decision }) => decision.n > seen)
    .map(({ decision }) => approvalKey(system, run, decision.n, side));
  const { records, sign } = await withAuthor(found, wish, ports);
  const answer = { sign: [...sign, ...fresh], seen: newest, expiresAt: records.request.expiresAt };
  const refuse = async (state: ApprovalAnswer['state'], message: string): Promise<ApprovalAnswer> => {
    await ports.notifier.publish(refusalSubject(records.request), refusalBody(records.request, message));
    return { ...answer, state, message };
  };
  if (woken === 'token' && newest <= seen)
    return refuse('refused', 'Somebody woke the machine with its token, and there is no decision that it had not read');
  const verdict = decideApproval(records, ports, now());
  const message = explainVerdict(verdict, records.request);
  const wouldDo = !verdict.isAuthorKnown && verdict.approvedBy.length >= verdict.needed - 1;
  const isTrailLate = now().getTime() - Date.parse(wish.startedAt) < 1000 * TRAIL_PATIENCE_SECONDS;
  if (verdict.state === 'waiting' && wouldDo && isTrailLate) return { ...answer, state: 'author', message };
  if (verdict.state === 'waiting' || verdict.state === 'approved') return { ...answer, state: verdict.state, message };
  return refuse(verdict.state, message);
}

/** Asks the trail once more where nobody knows yet who started it, and writes down what it says. */
async function withAuthor(records: ApprovalRecords, { asset, run, startedAt }: Wish, ports: ConfirmPorts) {
  const { execution, author } = records.request;
  if (author !== undefined || records.author !== undefined) return { records, sign: [] };
  const found = await findAuthor(ports.findStarter, execution, new Date(startedAt));
  if (!found) return { records, sign: [] };
  const key = approvalAuthorKey(ports.system, run, ports.side);
  const record: ApprovalAuthor = {
    format: 'holdfast/approval-author/v1',
    system: ports.system,
    asset,
    run,
    execution,
    at: ports.now().toISOString(),
    ...found,
  };
  await putSameOnce(ports.vault, key, JSON.stringify(ApprovalAuthor.parse(record)));
  return { records: { ...records, author: found.author }, sign: [key] };
}

export const handler = handle({
  environment: ConfirmEnvironment,
  request: ConfirmRequest,
  connect: (environment): ConfirmPorts => ({
    ...connectApproval(environment),
    findStarter: cloudTrailStarter({}),
    notifier: snsNotifier(environment.ALARM_TOPIC_ARN, {}),
  }),
  run: confirmDecisions,
});
