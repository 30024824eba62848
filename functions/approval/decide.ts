import type { z } from 'zod';
import { stepFunctionsExecutions } from '../../adapters/step-functions/executions.ts';
import { stepFunctionsTokens } from '../../adapters/step-functions/task-tokens.ts';
import type { Caller } from '../../core/approval/caller.ts';
import { DecideEnvironment, DecideRequest, TokenPaper, type DecideAnswer } from '../../core/approval/contract.ts';
import { decideApproval, type ApprovalRecords } from '../../core/approval/decide.ts';
import { DecisionRefused, RequestUnknown } from '../../core/approval/errors.ts';
import { explainVerdict } from '../../core/approval/explain.ts';
import { findObjection, newDecision } from '../../core/approval/new-decision.ts';
import { approvalKey, newestTokens, tokensPrefix, type ApprovalDecision } from '../../core/approval/records.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { Executions } from '../../core/ports/executions.ts';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import type { TaskTokens } from '../../core/ports/task-tokens.ts';
import { handleSigned } from '../signed-edge.ts';
import { connectApproval, type ApprovalPorts } from './ports.ts';
import { readRequest } from '../../adapters/vault/read-approval.ts';

export type DecidePorts = ApprovalPorts & { tokens: TaskTokens; executions: Executions };
type Wish = z.output<typeof DecideRequest>;

/** Others who decide at the same moment take the next number. */
const MOST_TRIES = 10;

/** Writes a decision of whoever signed the call, and wakes the machine, which reads all decisions again. */
export async function decide(wish: Wish, ports: DecidePorts, caller: Caller): Promise<DecideAnswer> {
  const { run } = wish;
  for (let tries = 1; ; tries += 1) {
    const records = await readRequest(ports, run);
    if (!records) throw new RequestUnknown(run);
    const objection = findObjection(records, ports, wish, caller, ports.now());
    if (objection !== undefined) throw new DecisionRefused(objection.why, objection.advice);
    const state = await ports.executions.stateOf(records.request.execution);
    if (state === 'succeeded' || state === 'failed')
      throw new DecisionRefused(`The execution of request ${run} has ended`, 'Start the restore again: it becomes a new request');
    const decision = newDecision(records, wish, caller, ports.now());
    try {
      await ports.vault.putOnce(approvalKey(ports.system, run, decision.n, ports.side), JSON.stringify(decision));
    } catch (error) {
      if (error instanceof ObjectExists && tries < MOST_TRIES) continue;
      throw error;
    }
    await wake(ports, decision);
    return tell(records, decision, ports);
  }
}

/**
 * With every token of the newest round, for a step that was tried again has left a dead one beside its own; unless the machine has read
 * this decision by now: a token that comes without a new one ends the run.
 */
async function wake({ system, vault, tokens }: DecidePorts, { run, n }: ApprovalDecision): Promise<void> {
  const keys = await Array.fromAsync(vault.list(tokensPrefix(system, run)), ({ key }) => key);
  for (const key of newestTokens(keys)) {
    const found = await vault.get({ key });
    const paper = TokenPaper.safeParse(found && parseJson(found.body)).data;
    if (paper && paper.seen < n) await tokens.succeed(paper.token, { run });
  }
}

function tell(records: ApprovalRecords, decision: ApprovalDecision, ports: DecidePorts): DecideAnswer {
  const { run, n, outcome, by } = decision;
  const all = { ...records, decisions: [...records.decisions, { decision, storedAt: new Date(decision.at) }] };
  const verdict = decideApproval(all, ports, ports.now());
  const { state, approvedBy, needed } = verdict;
  return { run, n, outcome, by: by.person, state, approvedBy, needed, message: explainVerdict(verdict, records.request) };
}

export const handler = handleSigned({
  environment: DecideEnvironment,
  request: DecideRequest,
  connect: (environment): DecidePorts => ({
    ...connectApproval(environment),
    tokens: stepFunctionsTokens({}),
    executions: stepFunctionsExecutions({}),
  }),
  run: decide,
});
