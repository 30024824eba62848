import type { z } from 'zod';
import { cloudTrailStarter } from '../../adapters/cloudtrail/find-starter.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { readManifest, readRecord } from '../../adapters/vault/read-records.ts';
import { authorOfPaper } from '../../core/approval/asked.ts';
import { WriteRequestEnvironment, WriteRequestRequest, type ApprovalAnswer } from '../../core/approval/contract.ts';
import { decideApproval } from '../../core/approval/decide.ts';
import { explainVerdict } from '../../core/approval/explain.ts';
import { hashInput } from '../../core/approval/input-hash.ts';
import { requireOwn } from '../../core/approval/own-request.ts';
import { ApprovalRequest, approvalRequestKey, askedKey } from '../../core/approval/records.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { FindStarter } from '../../core/ports/find-starter.ts';
import { handle } from '../edge.ts';
import { findAuthor } from './find-author.ts';
import { connectApproval, type ApprovalPorts } from './ports.ts';

export type WriteRequestPorts = ApprovalPorts & { findStarter: FindStarter };

/** Writes down what is asked, by whom, and until when it may be approved. */
export async function writeRequest(
  wish: z.output<typeof WriteRequestRequest>,
  { system, side, vault, findStarter, now, ...roles }: WriteRequestPorts,
): Promise<ApprovalAnswer> {
  const { asset, point, run, execution, input, asked, needed, expirySeconds } = wish;
  const startedAt = new Date(wish.startedAt);
  const name = execution.split(':').at(-1) ?? '';
  const paper = await readRecord(vault, askedKey(system, name));
  const author =
    authorOfPaper(paper && parseJson(paper.body), { system, name, input, startedAt }) ??
    (await findAuthor(findStarter, execution, startedAt))?.author;
  const consistentAt = point === '' ? undefined : (await readManifest(vault, { system, asset, point })).manifest.consistentAt;
  const at = now();
  const request: ApprovalRequest = {
    format: 'holdfast/approval-request/v1',
    system,
    asset,
    ...(point === '' ? {} : { point }),
    run,
    execution,
    at: at.toISOString(),
    asked: { ...asked, ...(consistentAt === undefined ? {} : { consistentAt }) },
    inputSha256: hashInput(input),
    ...(author === undefined ? {} : { author }),
    needed,
    expiresAt: new Date(at.getTime() + 1000 * expirySeconds).toISOString(),
  };
  const key = approvalRequestKey(system, run, side);
  // Called again, what was written first stands.
  const written = await putSameOnce(vault, key, JSON.stringify(ApprovalRequest.parse(request)));
  const stands = ApprovalRequest.parse(parseJson(written.body));
  requireOwn(stands, wish);
  const verdict = decideApproval({ request: stands, requestSha256: '', decisions: [] }, roles, at);
  return { state: verdict.state, message: explainVerdict(verdict, stands), sign: [key], seen: 0, expiresAt: stands.expiresAt };
}

export const handler = handle({
  environment: WriteRequestEnvironment,
  request: WriteRequestRequest,
  connect: (environment): WriteRequestPorts => ({ ...connectApproval(environment), findStarter: cloudTrailStarter({}) }),
  run: writeRequest,
});
